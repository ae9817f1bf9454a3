import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { FakeClock } from "../../../apps/collector/src/component/clock.ts";
import type { Component, Definition } from "../../../apps/collector/src/component/definition.ts";
import { capsuleOf, decodeText } from "../../../apps/collector/src/component/from-text.ts";
import { testContext } from "../../../apps/collector/src/component/testing.ts";
import { components } from "../../../apps/collector/src/components/registry.generated.ts";
import { type OtelConsumer, OtlpBatch, type Signal } from "../../../apps/collector/src/signals/otlp/batch.ts";
import { protobufFromJson } from "../../../apps/collector/src/signals/otlp/json-to-protobuf.ts";
import { requests } from "../../../apps/collector/src/signals/otlp/schema.ts";
import { decodeRequest, namesIn, TestSink } from "../../../apps/collector/src/signals/otlp/testing.ts";
import { walk } from "../../../apps/collector/src/signals/otlp/walk.ts";
import type { Case } from "./case.ts";

export const RECORDED = join(import.meta.dirname, "recorded.jsonl");

/** By case: the requests that the reference sent on, in OTLP/JSON. */
export type Answers = Readonly<Record<string, readonly unknown[]>>;

export function recordedAnswers(): Answers {
  const lines = readFileSync(RECORDED, "utf8")
    .split("\n")
    .filter((line) => line !== "");
  return Object.fromEntries(lines.map((line) => JSON.parse(line) as [string, readonly unknown[]]));
}

/** Asks the reference: the program of `tests/backends/connectors`. */
export function askReference(program: string, cases: readonly Case[]): Answers {
  return JSON.parse(execFileSync(program, { input: JSON.stringify(cases), maxBuffer: 2 ** 28 }).toString()) as Answers;
}

/** What our component sends on, in a form that can be compared. */
export async function ask({
  component: name,
  kind,
  text,
  signal,
  input,
  waitMs = 0,
  shutdown,
  ignoresTimes,
  comparesNames,
}: Case): Promise<unknown[]> {
  const definition = components[`otelcol.${kind}.${name}`]?.() as Definition & AnyCreate;
  const sink = new TestSink();
  const clock = new FakeClock();
  const context = testContext({ id: `${definition.name}.conformance`, clock });
  const output = "output {\ntraces = [sink]\nmetrics = [sink]\nlogs = [sink]\n}";
  const component = await definition.create(
    context,
    decodeText(definition, `${text}\n${kind === "connector" ? output.replace(/(traces|logs) = \[sink\]\n/g, "") : output}`, {
      sink: capsuleOf("otelcol.Consumer", sink),
    }),
  );
  await component.start();
  const consumer = (context.exports.input as { value: OtelConsumer }).value;
  for (const request of input) {
    const chunk = fromJson(signal, request);
    await consumer.consume(new OtlpBatch({ signal, chunks: [chunk], items: walk(signal, chunk).items }));
  }
  await clock.advance(waitMs);
  if (shutdown) await component.stop(AbortSignal.timeout(5000));
  if (comparesNames) return sink.batches.flatMap(({ chunks }) => namesIn("traces", chunks)).sort();
  const made = sink.batches.map((batch) => comparable(decodeRequest(batch.signal, batch.chunks), ignoresTimes === true)).filter(hasContent);
  if (!shutdown) await component.stop(AbortSignal.abort());
  return made;
}

interface AnyCreate {
  create(context: unknown, args: unknown): Component<unknown> | Promise<Component<unknown>>;
}

/** The names of the spans that the reference sent on. */
export function namesInAnswer(answer: readonly unknown[]): unknown[] {
  return answer.flatMap((request) => namesIn("traces", [fromJson("traces", request)])).sort();
}

/** What the reference sent on, in the same form. */
export function comparableAnswer(signal: Signal, answer: readonly unknown[], ignoresTimes = false): unknown[] {
  return answer.map((request) => comparable(decodeRequest(signal, [fromJson(signal, request)]), ignoresTimes)).filter(hasContent);
}

export function fromJson(signal: Signal, request: unknown): Uint8Array {
  return protobufFromJson(requests[signal], Buffer.from(JSON.stringify(request)));
}

/** Sets in one order: attributes by key, points and metrics by their content. Absent and empty are the same. */
function comparable(value: unknown, ignoresTimes: boolean): unknown {
  if (Buffer.isBuffer(value)) return value.toString("hex");
  if (Array.isArray(value)) return value.map((each) => comparable(each, ignoresTimes)).filter((each) => !isPointless(each));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value)
    .map(([key, inner]) => {
      const made = comparable(inner, ignoresTimes);
      return [
        key,
        sets.has(key) && Array.isArray(made)
          ? made
              .map((each) => [JSON.stringify(each), each] as const)
              .sort(byText)
              .map(([, each]) => each)
          : made,
      ] as const;
    })
    .filter(([key, inner]) => !isEmpty(inner) && !(ignoresTimes && times.has(key)))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries);
}

/** A metric without points. */
function isPointless(made: unknown): boolean {
  if (typeof made !== "object" || made === null || !("name" in made)) return false;
  const data = Object.values(made).find(
    (inner) => typeof inner === "object" && inner !== null && ("aggregationTemporality" in inner || "isMonotonic" in inner),
  );
  return data !== undefined && !("dataPoints" in (data as object));
}

const sets: ReadonlySet<string> = new Set(["attributes", "dataPoints", "metrics", "resourceMetrics", "scopeMetrics"]);
const times: ReadonlySet<string> = new Set(["startTimeUnixNano", "timeUnixNano"]);
const byText = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]) => (a < b ? -1 : a > b ? 1 : 0);

/** The reference sends requests and metrics in which nothing is; ours leave them out. */
function hasContent(made: unknown): boolean {
  return !isEmpty(made);
}

function isEmpty(value: unknown): boolean {
  return (typeof value === "object" && value !== null && Object.keys(value).length === 0) || value === "" || value === 0 || value === "0";
}
