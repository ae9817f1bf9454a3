import type { PreviewSignal, PreviewStore } from "../services/preview/store.ts";

const names: Readonly<Record<PreviewSignal, string>> = { traces: "spans", metrics: "samples", logs: "lines" };
const intervalMs = 2_000;

/** Prints a line a signal, over and over on a terminal, and when it moved elsewhere; the returned function ends it. */
export function printProgress(store: PreviewStore, output: { readonly isTTY?: boolean; write(text: string): unknown }): () => void {
  let before = { traces: 0, metrics: 0, logs: 0 };
  let printed = 0;
  const timer = setInterval(() => {
    const now = { ...store.totals };
    const lines = (Object.keys(names) as PreviewSignal[]).map((signal) => {
      const rate = (now[signal] - before[signal]) / (intervalMs / 1000);
      return `${signal.padEnd(8)}${String(now[signal]).padStart(10)} ${names[signal].padEnd(8)}${rate.toFixed(1).padStart(10)}/s ${"▮".repeat(Math.min(Math.ceil(Math.log2(rate + 1)), 20))}`;
    });
    const moved = (Object.keys(names) as PreviewSignal[]).some((signal) => now[signal] !== before[signal]);
    before = now;
    if (output.isTTY === true)
      output.write(`${printed > 0 ? `\u001b[${lines.length}A` : ""}${lines.map((line) => `\u001b[2K${line}\n`).join("")}`);
    else if (moved) output.write(`${lines.join("\n")}\n`);
    printed++;
  }, intervalMs);
  return () => clearInterval(timer);
}
