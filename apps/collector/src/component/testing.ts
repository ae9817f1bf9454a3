import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Budget } from "../delivery/budget.ts";
import type { Clock } from "./clock.ts";
import { FakeClock } from "./clock.ts";
import type { ComponentContext } from "./context.ts";
import { MetricRegistry } from "./metrics.ts";
import { noTracer, type Tracer } from "./tracing.ts";

/** A context for tests of components: real parts where they are cheap, and everything said is kept to be asked about. */
export interface TestContext extends ComponentContext {
  readonly registry: MetricRegistry;
  readonly exports: Record<string, unknown>;
  readonly healthReports: { state: "healthy" | "unhealthy"; message: string }[];
  readonly logged: { level: string; message: string; fields?: unknown }[];
  readonly exits: (Error | undefined)[];
  /** The value of one own metric, or undefined; labels beyond those named are ignored, and several matches are added up. */
  metric(name: string, labels?: Readonly<Record<string, string>>): number | undefined;
}

export function testContext(
  options: { id?: string; clock?: Clock; budgetBytes?: number; storage?: boolean; dataPath?: string; watched?: boolean } = {},
): TestContext {
  const registry = new MetricRegistry();
  const id = options.id ?? "test.component.default";
  const logged: TestContext["logged"] = [];
  const healthReports: TestContext["healthReports"] = [];
  const exports: Record<string, unknown> = {};
  const exits: (Error | undefined)[] = [];
  const logAt = (level: string) => (message: string, fields?: Readonly<Record<string, unknown>>) => {
    logged.push({ level, message, fields });
  };
  return {
    id,
    globalId: id,
    log: { debug: logAt("debug"), info: logAt("info"), warn: logAt("warn"), error: logAt("error") },
    metrics: registry.scope({ component_id: id, component_path: "/" }),
    clock: options.clock ?? new FakeClock(),
    dataPath: options.dataPath ?? (options.storage === true ? temporaryFolder() : undefined),
    budget: new Budget(options.budgetBytes ?? 256 * 1024 * 1024),
    export: (values) => Object.assign(exports, values),
    health: (state, message) => healthReports.push({ state, message }),
    exited: (error) => exits.push(error),
    debugStream: { watched: options.watched === true, publish: () => {} },
    http: { address: "alloy.internal:12345", path: `/api/v0/component/${id}/`, handle: () => {} },
    peers: { exposition: () => "", fetchInProcess: () => undefined, userAgent: "Invar/test", tracer: noTracer },
    registry,
    exports,
    healthReports,
    logged,
    exits,
    metric(name, labels = {}) {
      let sum: number | undefined;
      for (const family of registry.expose())
        for (const sample of family.samples) {
          const matches = Object.entries(labels).every(([key, value]) => sample.labels.some(([k, v]) => k === key && v === value));
          if (sample.name === name && matches) sum = (sum ?? 0) + sample.value;
        }
      return sum;
    },
  };
}

/** A folder that is gone when the process ends: who stops last in a test may still write to it. */
function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "invar-test-"));
  if (folders.length === 0)
    process.once("exit", () => {
      for (const each of folders) rmSync(each, { recursive: true, force: true });
    });
  folders.push(folder);
  return folder;
}

const folders: string[] = [];

/** A tracer that writes down spans as they end: `client POST http.request.method=POST … ! problem`. */
export function recordingTracer(sendsTraceparent = true): Tracer & { readonly spans: string[] } {
  const spans: string[] = [];
  return {
    isOn: true,
    sendsTraceparent,
    spans,
    start(name, kind, parent) {
      const words = [kind, name];
      if (typeof parent === "string") words.push(`in ${parent}`);
      return {
        traceparent: `traceparent of ${name}`,
        set: (key, value) => void words.push(`${key}=${value}`),
        end: (problem) => void spans.push([...words, ...(problem === undefined ? [] : [`! ${problem}`])].join(" ")),
      };
    },
  };
}
