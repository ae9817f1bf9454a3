// Microseconds of CPU to parse and to run a template that looks like a chart's: 200 items with conditions, loops and pipelines.
import type { GoValue } from "@invar/go-compat";
import { sprigFunctions } from "./sprig/sprig.ts";
import { parseTemplate } from "./template-set.ts";

const TEMPLATE = `{{- define "labels" }}
app: {{ .name | trunc 63 | trimSuffix "-" }}
{{- end }}
{{- range $index, $item := .items }}
{{- if and $item.enabled (eq $item.kind "a") }}
---
name: {{ printf "%s-%d" $item.name $index | quote }}
  {{- template "labels" $item }}
{{- with $item.labels }}
labels:
  {{- range $key, $value := . }}
  {{ $key }}: {{ $value | default "none" | quote }}
  {{- end }}
{{- end }}
{{- else if not (hasKey $item "skip") }}
# {{ $item.name | upper | replace "-" "_" | indent 2 }}
{{- end }}
{{- end }}
`;

const items: GoValue[] = Array.from({ length: 200 }, (_, index) => {
  const labels = new Map<string, GoValue>(
    Array.from({ length: 8 }, (_, label) => [`label-${label}`, label % 3 === 0 ? "" : `value-${label}`]),
  );
  return new Map<string, GoValue>([
    ["name", `item-${index}`],
    ["enabled", index % 4 !== 0],
    ["kind", index % 3 === 0 ? "b" : "a"],
    ["labels", labels],
  ]);
});
const data: GoValue = new Map([["items", items]]);
const functions = sprigFunctions();
const set = parseTemplate("t", TEMPLATE, { functions });

console.log(`parse ${micros(500, () => parseTemplate("t", TEMPLATE, { functions }))} µs`);
console.log(`run ${micros(200, () => set.execute("t", data))} µs for ${set.execute("t", data).length} characters`);

function micros(rounds: number, run: () => unknown): number {
  for (let round = 0; round < rounds / 4; round++) run();
  const start = process.cpuUsage();
  for (let round = 0; round < rounds; round++) run();
  const spent = process.cpuUsage(start);
  return Math.round((spent.user + spent.system) / rounds);
}
