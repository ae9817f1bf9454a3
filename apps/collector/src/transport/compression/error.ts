/** Why data could not be unpacked. */
export class CompressionError extends Error {
  readonly kind: "too_large" | "corrupt";
  constructor(kind: "too_large" | "corrupt", message: string) {
    super(message);
    this.name = "CompressionError";
    this.kind = kind;
  }
}
