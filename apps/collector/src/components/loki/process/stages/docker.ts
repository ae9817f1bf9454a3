import { many } from "../../../../component/arguments.ts";
import { parsedTime, parseRfc3339Text } from "../../../../signals/loki/rfc3339.ts";
import { changing, defineStage } from "../stage.ts";

export const docker = defineStage(many("Reads lines in the JSON format of Docker's log files.", {}), (_, { names }) => {
  const slots = { output: names.slot("output"), stream: names.slot("stream"), timestamp: names.slot("timestamp") };
  return changing((frame, row) => {
    const parsed = dockerLine(frame.line(row));
    if (parsed === undefined || parsed.log === "") return;
    frame.extracted.set(row, slots.output, parsed.log);
    frame.extracted.set(row, slots.stream, parsed.stream);
    frame.extracted.set(row, slots.timestamp, parsed.time);
    frame.setLine(row, parsed.log);
    frame.setLabels(row, frame.labels(row).with("stream", parsed.stream));
    if (!parseRfc3339Text(parsed.time)) return;
    frame.seconds[row] = parsedTime.seconds;
    frame.nanos[row] = parsedTime.nanos;
  });
});

/** Keys count in any case, as Go reads them; undefined where one of the three is no text. */
function dockerLine(line: string): { log: string; stream: string; time: string } | undefined {
  const found = { log: "", stream: "", time: "" };
  let document: unknown;
  try {
    document = JSON.parse(line);
  } catch {
    // Not JSON: the line stays as it is.
    return undefined;
  }
  if (document === null) return found;
  if (typeof document !== "object" || Array.isArray(document)) return undefined;
  for (const [key, value] of Object.entries(document)) {
    const name = key.toLowerCase();
    if (name !== "log" && name !== "stream" && name !== "time") continue;
    if (typeof value === "string") found[name] = value;
    else if (value !== null) return undefined;
  }
  return found;
}
