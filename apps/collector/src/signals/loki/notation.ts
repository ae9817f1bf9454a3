import type { Receipt } from "../receipt.ts";
import { parseLabelText } from "./label-text.ts";
import type { LogBatch } from "./log-batch.ts";
import { LogBatchBuilder } from "./log-batch-builder.ts";
import { lineAt } from "./log-lines.ts";
import { internLabels } from "./stream-labels.ts";

// How tests write lines: labels, then the time after "@" (seconds, optional), then the line, then structured metadata behind " # ":
//
//   {job="a"} @12.5 the line # trace="1", user="x"

const LINE = /^(\{.*?\}) (?:@(-?\d+)(?:\.(\d+))? )?(.*?)(?: # (\w+=".*))?$/s;

/** The batch of lines in this notation. */
export function batchOf(lines: readonly string[], options: { createdMs?: number; receipt?: Receipt } = {}): LogBatch {
  const builder = new LogBatchBuilder();
  for (const line of lines) {
    const [, labels = "{}", seconds = "0", fraction = "", text = "", metadata = ""] = LINE.exec(line) ?? [];
    const nanos = Number(fraction.padEnd(9, "0"));
    builder.add(internLabels(parseLabelText(labels)), Number(seconds), nanos, text, parseLabelText(`{${metadata}}`));
  }
  return builder.build({ createdMs: 0, ...options });
}

/** The lines of a batch in this notation. */
export function linesOf(batch: LogBatch): string[] {
  return Array.from({ length: batch.rows }, (_, row) => {
    const { labels, seconds, nanos, line, metadata } = lineAt(batch, row);
    const fraction = nanos === 0 ? "" : `.${String(nanos).padStart(9, "0").replace(/0+$/, "")}`;
    const pairs = metadata.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(", ");
    return `${labels.text} @${seconds}${fraction} ${line}${pairs === "" ? "" : ` # ${pairs}`}`;
  });
}
