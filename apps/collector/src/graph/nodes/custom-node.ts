import type { Diagnostic, ObjectValue, Value } from "@invar/alloy-syntax";
import { EvaluationError } from "@invar/alloy-syntax";
import { sameValue } from "../equal.ts";
import { evaluateIn } from "../evaluate.ts";
import type { PlannedNode } from "../plan.ts";
import type { Template } from "../surroundings.ts";
import { type GraphNode, globalId, type Health, type InnerModule, type NodeHost, nothing, type Place } from "./node.ts";

/** A custom component: a module of its own, made from a `declare`. */
export class CustomNode implements GraphNode {
  planned: PlannedNode;
  #exports: ObjectValue | undefined;
  readonly exportTypes = undefined;
  readonly module: InnerModule;
  readonly #host: NodeHost;
  readonly #templateOf: (planned: PlannedNode) => Template | undefined;
  #given: ReadonlyMap<string, Value> = new Map();
  #pendingGiven: ReadonlyMap<string, Value> | undefined;
  #pendingPlanned: PlannedNode | undefined;
  #failure: Health | undefined;

  constructor(planned: PlannedNode, host: NodeHost, templateOf: (planned: PlannedNode) => Template | undefined) {
    this.planned = planned;
    this.#host = host;
    this.#templateOf = templateOf;
    this.module = host.newModule({
      path: globalId(host.modulePath, planned.id),
      exposesMetrics: host.exposesMetrics,
      given: (name) => (this.#pendingGiven ?? this.#given).get(name),
      onExports: () => this.#collectExports(),
    });
  }

  /** While a change is prepared, what they will be. */
  get exports(): ObjectValue | undefined {
    return this.#pendingPlanned === undefined ? this.#exports : (this.module.exportValues() ?? this.#exports);
  }

  async prepare(planned: PlannedNode, place: Place, diagnostics: Diagnostic[]): Promise<void> {
    const before = diagnostics.length;
    const template = this.#templateOf(planned);
    const at = { start: planned.block.start, end: planned.block.name.at(-1)?.end ?? planned.block.start };
    const fail = (code: string, message: string, span: { start: number; end: number } = at) =>
      diagnostics.push({ severity: "error", code, message, source: planned.source, span: { start: span.start, end: span.end } });
    if (template === undefined) {
      const name = planned.what.kind === "custom" ? `${planned.what.namespace ?? ""}.${planned.what.name}` : planned.id;
      fail("component.unknown", `custom component ${JSON.stringify(name)} not found: the imported module does not declare it`);
      return;
    }
    const given = new Map<string, Value>();
    for (const statement of planned.block.body) {
      if (statement.kind === "block") {
        fail("block.unknown", "blocks may not be given to a custom component, only attributes", statement);
        continue;
      }
      try {
        const evaluated = evaluateIn(statement.value, place.surroundings, place.lookup);
        if ("known" in evaluated) given.set(statement.name.text, evaluated.known);
        else fail("reference.unknown", "a value that it refers to is not there yet", statement);
      } catch (error) {
        if (!(error instanceof EvaluationError)) throw error;
        fail(error.code, error.message, error.span ?? statement.value);
      }
    }
    if (diagnostics.length > before) return;
    this.#pendingGiven = given;
    this.#pendingPlanned = planned;
    await this.module.prepare([{ source: template.source, body: template.body }], template.surroundings, () => undefined, diagnostics);
    const known = this.module.argumentNames();
    for (const statement of planned.block.body)
      if (statement.kind === "attribute" && !known.has(statement.name.text))
        fail(
          "module.argument-unknown",
          `Provided argument ${JSON.stringify(statement.name.text)} is not defined in the module`,
          statement.name,
        );
  }

  async commit(): Promise<void> {
    if (this.#pendingPlanned === undefined || this.#pendingGiven === undefined) return;
    this.planned = this.#pendingPlanned;
    this.#given = this.#pendingGiven;
    this.#pendingPlanned = undefined;
    this.#pendingGiven = undefined;
    this.#failure = undefined;
    await this.module.commit();
    this.#collectExports();
  }

  async abandon(): Promise<void> {
    this.#pendingPlanned = undefined;
    this.#pendingGiven = undefined;
    await this.module.abandon();
  }
  start(): Promise<void> {
    return this.module.start();
  }
  stop(deadline: AbortSignal): Promise<void> {
    return this.module.stop(deadline);
  }

  health(): Health {
    return this.#failure ?? this.module.health();
  }

  evaluationFailed(diagnostics: readonly Diagnostic[]): void {
    const message = `evaluation failed: ${diagnostics.map((diagnostic) => diagnostic.message).join("; ")}`;
    this.#failure = { state: "unhealthy", message, updatedMs: this.#host.process.now() };
  }

  #collectExports(): void {
    const next = this.module.exportValues() ?? nothing;
    if (this.#exports !== undefined && sameValue(this.#exports, next)) return;
    const isNew = this.#exports === undefined;
    this.#exports = next;
    if (!isNew) this.#host.exportsChanged(this);
  }
}
