import { type Decoded, defaulted, list, oneOf, type Schema } from "../../component/arguments.ts";
import { lokiReceiver } from "../../component/capsules.ts";
import type { ProcessLog } from "./logger.ts";
import { tee } from "./tee.ts";

const schema = {
  arguments: {
    level: defaulted(oneOf("error", "warn", "info", "debug"), "The least important lines that are written.", "info"),
    format: defaulted(oneOf("logfmt", "json"), "How a line is written.", "logfmt"),
    destination: defaulted(oneOf("stderr"), "Where lines are written.", "stderr"),
    write_to: defaulted(list(lokiReceiver), "Receivers that get every line as well.", []),
  },
} satisfies Schema;

/** The `logging` block. */
export function loggingBlock(log: ProcessLog) {
  return {
    name: "logging",
    stability: "generally-available" as const,
    schema,
    defaults: { level: "info", format: "logfmt", destination: "stderr", write_to: [] },
    apply(args: Readonly<Record<string, unknown>>) {
      const { level, format, write_to } = args as Decoded<typeof schema>;
      log.configure(level, format, write_to.length === 0 ? undefined : tee(write_to));
    },
  };
}
