import type { ExposedFamily } from "../../component/metrics.ts";

export const expositionContentType = "text/plain; version=0.0.4; charset=utf-8";

/** Metrics in the text format that Prometheus scrapes. */
export function exposition(families: readonly ExposedFamily[]): string {
  const lines: string[] = [];
  for (const { name, kind, help, samples } of families) {
    lines.push(`# HELP ${name} ${help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n")}`, `# TYPE ${name} ${kind}`);
    for (const sample of samples) {
      const labels = sample.labels.map(([key, value]) => `${key}="${escapeValue(value)}"`).join(",");
      lines.push(`${sample.name}${labels === "" ? "" : `{${labels}}`} ${numberText(sample.value)}`);
    }
  }
  return lines.length === 0 ? "" : `${lines.join("\n")}\n`;
}

function escapeValue(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}

function numberText(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return "+Inf";
  return value === Number.NEGATIVE_INFINITY ? "-Inf" : String(value);
}
