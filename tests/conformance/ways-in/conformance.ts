import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { MalformedInput } from "../../../apps/collector/src/bytes/malformed-input.ts";
import { JaegerProtoConverter } from "../../../apps/collector/src/signals/jaeger/proto-to-otlp.ts";
import { JaegerThriftConverter } from "../../../apps/collector/src/signals/jaeger/thrift-to-otlp.ts";
import { protobufFromJson } from "../../../apps/collector/src/signals/otlp/json-to-protobuf.ts";
import { requests } from "../../../apps/collector/src/signals/otlp/schema.ts";
import { decodeRequest, type Plain } from "../../../apps/collector/src/signals/otlp/testing.ts";
import { walk } from "../../../apps/collector/src/signals/otlp/walk.ts";
import { BinaryReader } from "../../../apps/collector/src/signals/thrift/binary-reader.ts";
import { CompactReader } from "../../../apps/collector/src/signals/thrift/compact-reader.ts";
import { spansOfV1Json } from "../../../apps/collector/src/signals/zipkin/v1-json.ts";
import { spansOfV1Thrift } from "../../../apps/collector/src/signals/zipkin/v1-thrift.ts";
import { otlpOfV1 } from "../../../apps/collector/src/signals/zipkin/v1-to-otlp.ts";
import { spansOfV2Json } from "../../../apps/collector/src/signals/zipkin/v2-json.ts";
import { spansOfV2Proto } from "../../../apps/collector/src/signals/zipkin/v2-proto.ts";
import { otlpOfV2 } from "../../../apps/collector/src/signals/zipkin/v2-to-otlp.ts";
import type { Case } from "./cases.ts";

/** The spans in a form in which order and spelling don't count, or "refused". */
export type Outcome = string | readonly string[];

export const RECORDED = join(import.meta.dirname, "recorded.json");

export function recordedOutcomes(): Record<string, Outcome> {
  return JSON.parse(readFileSync(RECORDED, "utf8")) as Record<string, Outcome>;
}

/** What the incumbent's translators make of every case. */
export function askOracle(binary: string, cases: readonly Case[]): Record<string, Outcome> {
  const questions = cases.map(({ format, parse, body }) => `${JSON.stringify({ format, parse, body: body.toString("base64") })}\n`);
  const { stdout, stderr, status } = spawnSync(binary, { input: questions.join(""), encoding: "utf8", maxBuffer: 1 << 26 });
  if (status !== 0) throw new Error(`the translators failed: ${stderr}`);
  const answers = stdout.trimEnd().split("\n");
  return Object.fromEntries(
    cases.map(({ name }, i) => {
      const { error, traces } = JSON.parse(answers[i] as string) as { error?: string; traces?: unknown };
      if (error !== undefined) return [name, "refused"];
      return [name, normalized(protobufFromJson(requests.traces, Buffer.from(JSON.stringify(traces))))];
    }),
  );
}

/** What ours make of it. */
export function convert({ format, parse, body }: Case): Outcome {
  try {
    const { request, spans } = converters[format](body, parse);
    if (walk("traces", request).items !== spans) throw new Error("spans were miscounted");
    return normalized(request);
  } catch (error) {
    if (error instanceof MalformedInput) return "refused";
    throw error;
  }
}

const converters: Readonly<Record<Case["format"], (body: Buffer, parse: boolean) => { request: Uint8Array; spans: number }>> = {
  "zipkin v1 json": (body, parse) => otlpOfV1(spansOfV1Json(body, parse), Date.now()),
  "zipkin v1 thrift": (body) => otlpOfV1(spansOfV1Thrift(body), undefined),
  "zipkin v2 json": (body, parse) => otlpOfV2(spansOfV2Json(body), parse),
  "zipkin v2 proto": (body, parse) => otlpOfV2(spansOfV2Proto(body), parse),
  "jaeger thrift binary": (body) => new JaegerThriftConverter().convert(new BinaryReader().reset(body)),
  "jaeger thrift compact": (body) => new JaegerThriftConverter().convert(new CompactReader().reset(body)),
  "jaeger proto": (body) => new JaegerProtoConverter().convert(body),
};

/** One text a span: its resource, scope and content. */
function normalized(request: Uint8Array): readonly string[] {
  const spans: string[] = [];
  for (const resource of lists(decodeRequest("traces", [request]).resourceSpans))
    for (const scope of lists(resource.scopeSpans))
      for (const span of lists(scope.spans))
        spans.push(JSON.stringify([plain(resource.resource), plain(scope.scope), plain(timeless(span))]));
  return spans.sort();
}

const lists = (value: unknown): Plain[] => (value ?? []) as Plain[];

/** Spans without a time get the one at which they are read. */
function timeless(span: Plain): Plain {
  const isAbsent = lists(span.attributes).some(({ key }) => key === "otel.zipkin.absentField.startTime");
  if (!isAbsent || String(span.startTimeUnixNano ?? 0) < "1") return span;
  return { ...span, startTimeUnixNano: "now", endTimeUnixNano: "now" };
}

/** Empty values are absent, attributes in order of their keys. */
function plain(value: unknown, name = ""): unknown {
  if (value instanceof Uint8Array)
    return value.some((byte) => byte !== 0) || name === "bytesValue" ? Buffer.from(value).toString("hex") : undefined;
  if (Array.isArray(value)) {
    const items = value.map((each) => plain(each));
    return name === "attributes" ? items.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)) : items;
  }
  if (typeof value !== "object" || value === null)
    return value === "" || value === 0 || value === "0" ? (name.endsWith("Value") ? value : undefined) : value;
  const entries = Object.entries(value)
    .map(([key, each]) => [key, plain(each, key)] as const)
    .filter(([, each]) => each !== undefined && !(typeof each === "object" && Object.keys(each as object).length === 0));
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}
