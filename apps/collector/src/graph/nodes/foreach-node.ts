import { createHash } from "node:crypto";
import { type Diagnostic, isObject, toJsonValue, type Value } from "@invar/alloy-syntax";
import type { Decoded } from "../../component/arguments.ts";
import { decodePart } from "../evaluate.ts";
import { type PlannedNode, templateBlock } from "../plan.ts";
import { type GraphNode, globalId, type Health, type InnerModule, type NodeHost, type Place } from "./node.ts";
import { foreachSchema } from "./schemas.ts";

type ForeachArguments = Decoded<typeof foreachSchema>;

/** `foreach`: one module an item, kept while the item stays. */
export class ForeachNode implements GraphNode {
  planned: PlannedNode;
  readonly exports = undefined;
  readonly exportTypes = undefined;
  modules: ReadonlyMap<string, InnerModule> = new Map();
  readonly #host: NodeHost;
  #pending: { planned: PlannedNode; modules: Map<string, InnerModule> } | undefined;
  #started = false;
  #failure: Health | undefined;

  constructor(planned: PlannedNode, host: NodeHost) {
    this.planned = planned;
    this.#host = host;
  }

  async prepare(planned: PlannedNode, place: Place, diagnostics: Diagnostic[]): Promise<void> {
    const { block, source } = planned;
    const at = { start: block.start, end: block.name.at(-1)?.end ?? block.start };
    const template = templateBlock(block);
    if (template === undefined) {
      diagnostics.push({ severity: "error", code: "block.missing", message: 'missing required block "template"', source, span: at });
      return;
    }
    const own = block.body.filter((statement) => statement !== template);
    const { args } = decodePart(own, at, source, foreachSchema, place.surroundings, place.lookup, diagnostics);
    if (args === undefined) return;
    const { collection, var: variable, enable_metrics: enableMetrics, ...naming } = args as ForeachArguments;
    const modules = new Map<string, InnerModule>();
    this.#pending = { planned, modules };
    for (const [name, item] of itemNames(collection, naming)) {
      const module =
        this.modules.get(name) ??
        this.#host.newModule({
          path: `${globalId(this.#host.modulePath, planned.id)}/${name}`,
          exposesMetrics: this.#host.exposesMetrics && enableMetrics,
          given: () => undefined,
          onExports: () => {},
        });
      modules.set(name, module);
      const variables = new Map([...place.surroundings.variables, [variable, item]]);
      await module.prepare(
        [{ source, body: template.body }],
        { ...place.surroundings, isModule: false, variables },
        place.lookup,
        diagnostics,
      );
    }
  }

  async commit(): Promise<void> {
    const pending = this.#pending;
    this.#pending = undefined;
    if (pending === undefined) return;
    const removed = [...this.modules].filter(([name]) => !pending.modules.has(name)).map(([, module]) => module);
    const added = [...pending.modules].filter(([name]) => !this.modules.has(name)).map(([, module]) => module);
    this.planned = pending.planned;
    this.modules = pending.modules;
    this.#failure = undefined;
    await Promise.all(removed.map((module) => module.stop(AbortSignal.timeout(removalDrainMs))));
    for (const module of pending.modules.values()) await module.commit();
    if (this.#started) for (const module of added) await module.start();
  }

  async abandon(): Promise<void> {
    const pending = this.#pending;
    this.#pending = undefined;
    for (const module of pending?.modules.values() ?? []) await module.abandon();
  }

  async start(): Promise<void> {
    this.#started = true;
    await Promise.all([...this.modules.values()].map((module) => module.start()));
  }

  async stop(deadline: AbortSignal): Promise<void> {
    await Promise.all([...this.modules.values()].map((module) => module.stop(deadline)));
  }

  health(): Health {
    if (this.#failure !== undefined) return this.#failure;
    for (const module of this.modules.values()) {
      const health = module.health();
      if (health.state === "unhealthy" || health.state === "exited") return { ...health, state: "unhealthy" };
    }
    return { state: "healthy", message: `${this.modules.size} pipelines`, updatedMs: this.#host.process.now() };
  }

  evaluationFailed(diagnostics: readonly Diagnostic[]): void {
    const message = `foreach evaluation failed: ${diagnostics.map((diagnostic) => diagnostic.message).join("; ")}`;
    this.#failure = { state: "unhealthy", message, updatedMs: this.#host.process.now() };
  }
}

/** How long the pipelines of an item that left may take to hand on what they hold. */
const removalDrainMs = 30_000;

/** `foreach_NAME_COUNT` for each item; equal names count up. */
function itemNames(collection: readonly Value[], naming: { readonly id: string; readonly hash_string_id: boolean }): [string, Value][] {
  const counts = new Map<string, number>();
  return collection.map((item) => {
    const named = naming.id !== "" && isObject(item) ? (item[naming.id] ?? item) : item;
    const base = `foreach_${fingerprint(named, naming.hash_string_id)}`;
    const count = (counts.get(base) ?? 0) + 1;
    counts.set(base, count);
    return [`${base}_${count}`, item];
  });
}

function fingerprint(value: Value, hashText: boolean): string {
  const isShort = typeof value === "string" && !hashText;
  if (isShort) return value.replaceAll(/[^a-zA-Z0-9_-]/g, "_");
  if (typeof value === "bigint" || typeof value === "number" || typeof value === "boolean") return String(value).replaceAll(".", "_");
  return createHash("sha256")
    .update(JSON.stringify(toJsonValue(value)))
    .digest("hex");
}
