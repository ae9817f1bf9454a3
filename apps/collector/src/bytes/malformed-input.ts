/** Bytes that came from outside are not what their format demands. Who reads them answers with its protocol's code for bad input. */
export class MalformedInput extends Error {
  constructor(message: string) {
    super(message);
    this.name = "MalformedInput";
  }
}
