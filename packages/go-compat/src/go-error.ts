/** The user's text is wrong; the message is what Go's own function would have said. */
export class GoError extends Error {
  override readonly name = "GoError";
}
