import type { SampleBatch } from "./sample-batch.ts";

/** At most so many samples of a batch are shown. */
const MAX_SHOWN = 20;

/** The samples of a batch as live debugging shows them. */
export function describeSamples(batch: SampleBatch): string {
  const lines: string[] = [];
  for (let row = 0; row < Math.min(batch.count, MAX_SHOWN); row++) {
    const value = batch.isStale(row) ? "stale" : String(batch.values[row]);
    lines.push(`ts=${batch.timestamps[row]}, labels=${batch.table.textOf(batch.series[row] ?? 0)}, value=${value}`);
  }
  if (batch.items > lines.length) lines.push(`and ${batch.items - lines.length} more`);
  return lines.join("\n");
}
