/** A mistake in the arguments; the message is for the user. */
export class UsageError extends Error {}
