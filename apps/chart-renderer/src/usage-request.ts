/** Thrown where somebody asks how a command is written; the message is the answer. */
export class UsageRequest extends Error {}

/** Ends the reading of arguments where they ask for help. */
export function answerHelp(args: readonly string[], usage: string): void {
  if (args.includes("--help") || args.includes("-h")) throw new UsageRequest(usage);
}
