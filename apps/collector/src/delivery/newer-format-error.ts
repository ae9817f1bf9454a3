/** Thrown where a queue was written by a newer version of this program. */
export class NewerFormatError extends Error {
  constructor(path: string, version: number, known: number) {
    super(
      `${path} was written by a newer version (format ${version}, this one reads up to ${known}): start that version, or move the folder away`,
    );
    this.name = "NewerFormatError";
  }
}
