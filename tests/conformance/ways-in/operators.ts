import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Entry, type EntryValue } from "../../../apps/collector/src/components/otelcol/receiver/filelog/entry.ts";
import { Pipeline } from "../../../apps/collector/src/components/otelcol/receiver/filelog/operators/pipeline.ts";
import type { OperatorCase } from "./operator-cases.ts";

export const RECORDED_OPERATORS = join(import.meta.dirname, "recorded-operators.json");

/** By case: the entries that came out, or "refused". */
export type OperatorAnswers = Readonly<Record<string, unknown>>;

export function recordedOperators(): OperatorAnswers {
  return JSON.parse(readFileSync(RECORDED_OPERATORS, "utf8")) as OperatorAnswers;
}

export function askOperators(binary: string, cases: readonly OperatorCase[]): OperatorAnswers {
  const questions = cases.map(
    ({ operators, lines, path }) =>
      `${JSON.stringify({ operators, lines, path }, (_, value) => (typeof value === "bigint" ? Number(value) : value))}\n`,
  );
  const { stdout, stderr, status } = spawnSync(binary, { input: questions.join(""), encoding: "utf8", maxBuffer: 1 << 26 });
  if (status !== 0) throw new Error(`the operators failed: ${stderr}`);
  const answers = stdout.trimEnd().split("\n");
  return Object.fromEntries(
    cases.map(({ name }, i) => {
      const { error, entries } = JSON.parse(answers[i] as string) as { error?: string; entries?: unknown[] };
      return [name, error === undefined ? (entries ?? []).map(ordered).sort(byText) : "refused"];
    }),
  );
}

/** What our operators make of the lines. */
export function operate({ operators, lines, path }: OperatorCase): unknown {
  const out: unknown[] = [];
  let isRefused = false;
  const options = {
    now: () => 0,
    random: () => 0,
    report: () => {
      isRefused = true;
    },
    failed: () => {},
    dropped: () => {},
  };
  const pipeline = new Pipeline(operators, options, (entry) => out.push(ordered(plainEntry(entry))));
  if (isRefused) return "refused";
  for (const line of lines) {
    const entry = new Entry(line, 0);
    entry.attributes.set("log.file.path", path);
    pipeline.process(entry);
  }
  pipeline.flush(Number.POSITIVE_INFINITY);
  return out.sort(byText);
}

function plainEntry(entry: Entry): unknown {
  const hex = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString("hex");
  return {
    body: plain(entry.body),
    attributes: plain(entry.attributes),
    resource: plain(entry.resource),
    time: entry.seconds === undefined ? "" : String(BigInt(entry.seconds) * 1_000_000_000n + BigInt(entry.nanos)),
    severity: entry.severity,
    text: entry.severityText,
    scope: entry.scopeName,
    trace: hex(entry.traceId),
    span: hex(entry.spanId),
    flags: hex(entry.traceFlags),
  };
}

function plain(value: EntryValue): unknown {
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, each]) => [key, plain(each)]));
  if (Array.isArray(value)) return value.map(plain);
  return typeof value === "bigint" ? Number(value) : value;
}

/** Keys in order; no attributes are the same as none. */
function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(
    ([key, each]) => [key, (key === "attributes" || key === "resource") && each === null ? {} : ordered(each)] as const,
  );
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function byText(a: unknown, b: unknown): number {
  return JSON.stringify(a) < JSON.stringify(b) ? -1 : 1;
}
