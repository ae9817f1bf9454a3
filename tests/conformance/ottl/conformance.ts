import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { FakeClock } from "../../../apps/collector/src/component/clock.ts";
import { capsuleOf, tryDecodeText } from "../../../apps/collector/src/component/from-text.ts";
import { testContext } from "../../../apps/collector/src/component/testing.ts";
import { component } from "../../../apps/collector/src/components/otelcol/processor/transform/component.ts";
import { type OtelConsumer, OtlpBatch, type Signal } from "../../../apps/collector/src/signals/otlp/batch.ts";
import { protobufFromJson } from "../../../apps/collector/src/signals/otlp/json-to-protobuf.ts";
import { jsonFromProtobuf } from "../../../apps/collector/src/signals/otlp/protobuf-to-json.ts";
import { requests } from "../../../apps/collector/src/signals/otlp/schema.ts";
import { walk } from "../../../apps/collector/src/signals/otlp/walk.ts";

/** Statements over telemetry: "" as context where it is inferred. */
export interface Case {
  readonly text: string;
  readonly signal: Signal;
  readonly context: string;
  readonly statements: readonly string[];
  readonly request: unknown;
}

/** The telemetry after the statements, in OTLP/JSON, or why there is none. */
export interface Outcome {
  readonly request?: unknown;
  readonly error?: string;
}

const folder = import.meta.dirname;
export const RECORDED = join(folder, "recorded.jsonl");

const inputOf: Readonly<Record<string, { readonly signal: Signal; readonly input: "log" | "span" | "metric" }>> = {
  log: { signal: "logs", input: "log" },
  logs: { signal: "logs", input: "log" },
  resource: { signal: "logs", input: "log" },
  scope: { signal: "logs", input: "log" },
  span: { signal: "traces", input: "span" },
  spanevent: { signal: "traces", input: "span" },
  traces: { signal: "traces", input: "span" },
  metric: { signal: "metrics", input: "metric" },
  datapoint: { signal: "metrics", input: "metric" },
  metrics: { signal: "metrics", input: "metric" },
};

/** All cases; their texts are unique. */
export function readCases(): Case[] {
  const inputs = JSON.parse(readFileSync(join(folder, "inputs.json"), "utf8")) as Record<string, unknown>;
  const cases: Case[] = [];
  let section = "";
  for (const line of readFileSync(join(folder, "cases.txt"), "utf8").split("\n")) {
    if (line === "" || line.startsWith("#")) continue;
    const heading = /^\[(\w+)\]$/.exec(line);
    if (heading !== null) {
      section = heading[1] ?? "";
      continue;
    }
    const { signal, input } = inputOf[section] ?? { signal: "logs", input: "log" };
    const context = section === signal ? "" : section;
    cases.push({ text: `${section}: ${line}`, signal, context, statements: line.split(" ;; "), request: inputs[input] });
  }
  return cases;
}

export function recordedOutcomes(): Record<string, Outcome> {
  const lines = readFileSync(RECORDED, "utf8").trimEnd().split("\n");
  return Object.fromEntries(lines.map((line) => JSON.parse(line) as [string, Outcome]));
}

/** What the incumbent makes of every case. */
export function askOracle(binary: string, cases: readonly Case[]): Record<string, Outcome> {
  const questions = cases.map(
    ({ signal, context, statements, request }) => `${JSON.stringify({ signal, context, statements, request })}\n`,
  );
  const { stdout, stderr, status } = spawnSync(binary, { input: questions.join(""), encoding: "utf8", maxBuffer: 1 << 28 });
  if (status !== 0) throw new Error(`the incumbent's processor failed: ${stderr}`);
  const answers = stdout.trimEnd().split("\n");
  return Object.fromEntries(
    cases.map(({ text, signal }, i) => {
      const { error, request } = JSON.parse(answers[i] as string) as Outcome;
      return [text, request === undefined ? { error: error ?? "" } : { request: canonical(signal, request) }];
    }),
  );
}

/** Runs a case through the component. */
export async function run({ signal, context, statements, request }: Case): Promise<Outcome> {
  const name = { traces: "trace", metrics: "metric", logs: "log" }[signal];
  const list = `[${statements.map((statement) => JSON.stringify(statement)).join(", ")}]`;
  const block =
    context === "" ? `statements {\n${name} = ${list}\n}` : `${name}_statements {\ncontext = "${context}"\nstatements = ${list}\n}`;
  const out: OtlpBatch[] = [];
  const sink: OtelConsumer = {
    async consume(batch) {
      out.push(new OtlpBatch({ signal, chunks: batch.chunks.map((chunk) => Uint8Array.from(chunk)), items: batch.items }));
    },
    pressure: () => undefined,
  };
  const text = `error_mode = "propagate"\n${block}\noutput {\n${signal} = [sink]\n}`;
  const { args, diagnostics } = tryDecodeText(component, text, { sink: capsuleOf("otelcol.Consumer", sink) });
  if (args === undefined) return { error: diagnostics.map(({ message }) => message).join("\n") };
  const surroundings = testContext({ clock: new FakeClock() });
  await component.create(surroundings, args);
  const { value: consumer } = surroundings.exports.input as { value: OtelConsumer };
  const chunk = protobufFromJson(requests[signal], Buffer.from(JSON.stringify(request)));
  try {
    await consumer.consume(new OtlpBatch({ signal, chunks: [chunk], items: walk(signal, chunk).items }));
  } catch (error) {
    return { error: (error as Error).message };
  }
  const [batch] = out;
  if (batch === undefined) return { error: "no batch came out" };
  const counted = batch.chunks.reduce((sum, each) => sum + walk(signal, each).items, 0);
  if (counted !== batch.items) return { error: `the batch says ${batch.items} items, there are ${counted}` };
  return { request: JSON.parse(jsonFromProtobuf(requests[signal], batch.chunks)) };
}

/** Telemetry in one form: what the schema says of absent fields; attributes, keys of maps and data points in order, for the incumbent has none. */
export function canonical(signal: Signal, request: unknown): unknown {
  const bytes = protobufFromJson(requests[signal], Buffer.from(JSON.stringify(request)));
  return sorted(JSON.parse(jsonFromProtobuf(requests[signal], [bytes])));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) {
    const items = value.map(sorted);
    const isKeyed = items.length > 0 && items.every((item) => typeof item === "object" && item !== null && "key" in item);
    return isKeyed ? items.sort((a, b) => ((a as { key: string }).key < (b as { key: string }).key ? -1 : 1)) : items;
  }
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      // An empty status or resource says the same as none.
      .filter(([, each]) => typeof each !== "object" || each === null || Array.isArray(each) || Object.keys(each).length > 0)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, each]) => [key, key === "dataPoints" ? inOrder(sorted(each) as unknown[]) : sorted(each)]),
  );
}

function inOrder(points: readonly unknown[]): unknown[] {
  return points.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}
