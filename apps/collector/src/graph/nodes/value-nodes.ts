import type { Diagnostic, ObjectValue, Value } from "@invar/alloy-syntax";
import { sameValue } from "../equal.ts";
import { decodeNode } from "../evaluate.ts";
import type { PlannedNode } from "../plan.ts";
import type { ServiceBlock } from "../surroundings.ts";
import type { GraphNode, Health, NodeHost, Place } from "./node.ts";
import { argumentSchema, exportSchema } from "./schemas.ts";

/** `argument "x"`: what the user of the module gives, or its default. */
export class ArgumentNode implements GraphNode {
  planned: PlannedNode;
  readonly exportTypes = undefined;
  #exports: ObjectValue | undefined;
  #pending: { planned: PlannedNode; exports: ObjectValue } | undefined;
  readonly #host: NodeHost;
  readonly #given: (name: string) => Value | undefined;
  #health: Health;

  constructor(planned: PlannedNode, host: NodeHost, given: (name: string) => Value | undefined) {
    this.planned = planned;
    this.#host = host;
    this.#given = given;
    this.#health = healthy(host);
  }

  /** While a change is prepared, what it will be: the others of the module are evaluated against it. */
  get exports(): ObjectValue | undefined {
    return this.#pending?.exports ?? this.#exports;
  }

  async prepare(planned: PlannedNode, { surroundings, lookup }: Place, diagnostics: Diagnostic[]): Promise<void> {
    const { args } = decodeNode(planned, argumentSchema, surroundings, lookup, diagnostics);
    if (args === undefined) return;
    const given = this.#given(planned.label);
    if (given === undefined && args.optional !== true) {
      const span = { start: planned.block.start, end: planned.block.end };
      const message = `missing required argument ${JSON.stringify(planned.label)} to module`;
      diagnostics.push({ severity: "error", code: "module.argument-missing", message, source: planned.source, span });
      return;
    }
    const value = given ?? (args.default as Value | undefined) ?? null;
    const exports: ObjectValue = Object.assign(Object.create(null), { value });
    this.#pending = { planned, exports };
  }

  async commit(): Promise<void> {
    if (this.#pending === undefined) return;
    this.planned = this.#pending.planned;
    const changed = !sameValue(this.#exports, this.#pending.exports);
    this.#exports = this.#pending.exports;
    this.#pending = undefined;
    this.#health = healthy(this.#host);
    if (changed) this.#host.exportsChanged(this);
  }

  async abandon(): Promise<void> {
    this.#pending = undefined;
  }
  async start(): Promise<void> {}
  async stop(): Promise<void> {}
  health(): Health {
    return this.#health;
  }
  evaluationFailed(diagnostics: readonly Diagnostic[]): void {
    this.#health = unhealthy(this.#host, diagnostics);
  }
}

/** `export "x"`: what the module shows to its user. */
export class ExportNode implements GraphNode {
  planned: PlannedNode;
  readonly exports = undefined;
  readonly exportTypes = undefined;
  #value: Value | undefined;
  #pending: { planned: PlannedNode; value: Value } | undefined;
  readonly #host: NodeHost;
  readonly #changed: () => void;
  #health: Health;

  constructor(planned: PlannedNode, host: NodeHost, changed: () => void) {
    this.planned = planned;
    this.#host = host;
    this.#changed = changed;
    this.#health = healthy(host);
  }

  /** While a change is prepared, what it will be. */
  get value(): Value | undefined {
    return this.#pending === undefined ? this.#value : this.#pending.value;
  }

  async prepare(planned: PlannedNode, { surroundings, lookup }: Place, diagnostics: Diagnostic[]): Promise<void> {
    const { args } = decodeNode(planned, exportSchema, surroundings, lookup, diagnostics);
    if (args === undefined) return;
    this.#pending = { planned, value: args.value as Value };
  }

  async commit(): Promise<void> {
    if (this.#pending === undefined) return;
    this.planned = this.#pending.planned;
    const changed = !sameValue(this.#value, this.#pending.value);
    this.#value = this.#pending.value;
    this.#pending = undefined;
    this.#health = healthy(this.#host);
    if (changed) this.#changed();
  }

  async abandon(): Promise<void> {
    this.#pending = undefined;
  }
  async start(): Promise<void> {}
  async stop(): Promise<void> {}
  health(): Health {
    return this.#health;
  }
  evaluationFailed(diagnostics: readonly Diagnostic[]): void {
    this.#health = unhealthy(this.#host, diagnostics);
  }
}

/** A block that sets up a service of the process; its absence is served by the controller, with the defaults. */
export class ServiceNode implements GraphNode {
  planned: PlannedNode;
  readonly exports = undefined;
  readonly exportTypes = undefined;
  readonly service: ServiceBlock;
  #args: Readonly<Record<string, unknown>> | undefined;
  #pending: { planned: PlannedNode; args: Readonly<Record<string, unknown>> } | undefined;
  readonly #host: NodeHost;
  #health: Health;

  constructor(planned: PlannedNode, service: ServiceBlock, host: NodeHost) {
    this.planned = planned;
    this.service = service;
    this.#host = host;
    this.#health = healthy(host);
  }

  async prepare(planned: PlannedNode, { surroundings, lookup }: Place, diagnostics: Diagnostic[]): Promise<void> {
    const { args } = decodeNode(planned, this.service.schema, surroundings, lookup, diagnostics);
    if (args !== undefined) this.#pending = { planned, args };
  }

  async commit(): Promise<void> {
    const pending = this.#pending;
    this.#pending = undefined;
    if (pending === undefined) return;
    this.planned = pending.planned;
    if (this.#args !== undefined && sameValue(this.#args, pending.args)) return;
    try {
      await this.service.apply(pending.args);
      this.#args = pending.args;
      this.#health = healthy(this.#host);
    } catch (error) {
      const message = `${this.planned.id}: ${error instanceof Error ? error.message : String(error)}`;
      this.#health = { state: "unhealthy", message, updatedMs: this.#host.process.now() };
      this.#host.process.log.error("a configuration block could not be applied", { node: this.planned.id, err: message });
    }
  }

  async abandon(): Promise<void> {
    this.#pending = undefined;
  }
  async start(): Promise<void> {}
  async stop(): Promise<void> {}
  health(): Health {
    return this.#health;
  }
  evaluationFailed(diagnostics: readonly Diagnostic[]): void {
    this.#health = unhealthy(this.#host, diagnostics);
  }
}

function healthy(host: NodeHost): Health {
  return { state: "healthy", message: "node evaluated", updatedMs: host.process.now() };
}

function unhealthy(host: NodeHost, diagnostics: readonly Diagnostic[]): Health {
  const message = `evaluation failed: ${diagnostics.map((diagnostic) => diagnostic.message).join("; ")}`;
  return { state: "unhealthy", message, updatedMs: host.process.now() };
}
