import type { Diagnostic, ObjectValue, Value } from "@invar/alloy-syntax";
import type { Component, Definition } from "../../component/definition.ts";
import { sameValue } from "../equal.ts";
import { decodeNode } from "../evaluate.ts";
import type { PlannedNode } from "../plan.ts";
import { type GraphNode, globalId, type Health, type NodeHost, type Place } from "./node.ts";

type Args = Readonly<Record<string, unknown>>;
type AnyDefinition = Definition & { create(context: unknown, args: unknown): Component<unknown> | Promise<Component<unknown>> };

/** First wait before a start that failed is tried again; doubles up to the last. */
const firstRetryMs = 1_000;
const lastRetryMs = 30_000;

/** One component: decodes its block, creates it, and carries its exports, health and life. */
export class ComponentNode implements GraphNode {
  planned: PlannedNode;
  args: Args | undefined;
  exports: ObjectValue | undefined;
  readonly exportTypes: Definition["exports"];
  readonly definition: Definition;
  readonly createdMs: number;
  #component: Component<unknown> | undefined;
  #pending: { planned: PlannedNode; args: Args } | undefined;
  #closeContext: () => void = () => {};
  #wanted = false;
  #started = false;
  #stopped = false;
  #cancelRetry: () => void = () => {};
  #evaluation: Health;
  #life: Health;
  readonly #host: NodeHost;

  constructor(planned: PlannedNode, definition: Definition, host: NodeHost) {
    this.planned = planned;
    this.definition = definition;
    this.exportTypes = definition.exports;
    this.#host = host;
    this.createdMs = host.process.now();
    this.#evaluation = this.#now("healthy", "");
    this.#life = this.#now("unknown", "component created");
  }

  async prepare(planned: PlannedNode, { surroundings, lookup }: Place, diagnostics: Diagnostic[]): Promise<void> {
    const before = diagnostics.length;
    const { args } = decodeNode(planned, this.definition, surroundings, lookup, diagnostics);
    if (args === undefined) {
      // Everything referred to has been created by now, so that a value that is not known is a fault of what should export it.
      if (diagnostics.length === before) diagnostics.push(this.#finding(planned, "a value that it refers to is not there yet"));
      return;
    }
    this.#pending = { planned, args };
    if (this.#component !== undefined) return;
    try {
      this.#component = await this.#create(args);
      if (this.exports === undefined) this.exports = Object.create(null) as ObjectValue;
    } catch (error) {
      diagnostics.push(this.#finding(planned, messageOf(error)));
    }
  }

  async commit(): Promise<void> {
    const pending = this.#pending;
    this.#pending = undefined;
    if (pending === undefined) return;
    this.planned = pending.planned;
    const unchanged = this.args === undefined || sameValue(this.args, pending.args);
    const isNew = this.args === undefined;
    if (unchanged) {
      if (isNew) this.args = pending.args;
      this.#evaluation = this.#now("healthy", "component evaluated");
      return;
    }
    try {
      await this.#component?.update(pending.args);
      this.args = pending.args;
      this.#evaluation = this.#now("healthy", "component evaluated");
      if (this.#started || !this.#wanted) return;
      this.#cancelRetry();
      await this.#tryStart(firstRetryMs);
    } catch (error) {
      this.#evaluation = this.#now("unhealthy", `component evaluation failed: ${messageOf(error)}`);
      this.#log("error", "a component could not take its new arguments and goes on with the old ones", error);
    }
  }

  async abandon(): Promise<void> {
    this.#pending = undefined;
    if (this.args !== undefined) return;
    await this.#component?.stop(AbortSignal.abort());
    this.#closeContext();
  }

  async start(): Promise<void> {
    if (this.#component === undefined || this.#wanted) return;
    this.#wanted = true;
    await this.#tryStart(firstRetryMs);
  }

  async stop(deadline: AbortSignal): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#cancelRetry();
    try {
      await this.#component?.stop(deadline);
    } catch (error) {
      this.#log("error", "a component did not stop in order", error);
    }
    this.#closeContext();
  }

  /** The worse of what evaluation and the component itself say. */
  health(): Health {
    if (this.#life.state === "exited") return this.#life;
    if (this.#evaluation.state === "unhealthy") return this.#evaluation;
    return this.#life;
  }

  evaluationFailed(diagnostics: readonly Diagnostic[]): void {
    const message = diagnostics.map((diagnostic) => diagnostic.message).join("; ");
    this.#evaluation = this.#now("unhealthy", `component evaluation failed: ${message}`);
    this.#log("error", "a component could not be evaluated and goes on as before", new Error(message));
  }

  debugInfo(): unknown {
    return this.#component?.debugInfo?.();
  }

  async #create(args: Args): Promise<Component<unknown>> {
    const { process, modulePath, exposesMetrics } = this.#host;
    const { id, label } = this.planned;
    const { context, close } = process.contextFor(
      { id, modulePath, name: this.definition.name, label, exposesMetrics },
      {
        export: (values) => this.#export(values),
        health: (state, message) => {
          if (this.#life.state !== "exited") this.#life = this.#now(state, message);
        },
        exited: (error) => {
          this.#life = this.#now(
            "exited",
            error === undefined ? "component shut down cleanly" : `component shut down with error: ${error.message}`,
          );
        },
      },
    );
    this.#closeContext = close;
    try {
      return await (this.definition as AnyDefinition).create(context, args);
    } catch (error) {
      close();
      throw error;
    }
  }

  #export(values: Readonly<Record<string, unknown>>): void {
    const next: Record<string, Value> = Object.assign(Object.create(null), this.exports);
    for (const [name, value] of Object.entries(values)) {
      if (!Object.hasOwn(this.definition.exports, name))
        throw new Error(`${this.definition.name} exports ${name}, which its definition does not name`);
      next[name] = value as Value;
    }
    if (this.exports !== undefined && sameValue(this.exports, next)) return;
    this.exports = next;
    this.#host.exportsChanged(this);
  }

  async #tryStart(retryMs: number): Promise<void> {
    if (this.#stopped) return;
    try {
      await this.#component?.start();
      this.#started = true;
      if (this.#life.state === "unknown" || this.#life.message.startsWith(startFailed))
        this.#life = this.#now("healthy", "started component");
    } catch (error) {
      this.#life = this.#now("unhealthy", `${startFailed}${messageOf(error)}`);
      this.#log("error", `a component could not start and is tried again in ${retryMs / 1000} s`, error);
      this.#cancelRetry = this.#host.process.after(retryMs, () => void this.#tryStart(Math.min(retryMs * 2, lastRetryMs)));
    }
  }

  #finding(planned: PlannedNode, message: string): Diagnostic {
    const { block, source, id } = planned;
    const span = { start: block.start, end: block.name.at(-1)?.end ?? block.start };
    return { severity: "error", code: "component.create", message: `${id}: ${message}`, source, span };
  }

  #now(state: Health["state"], message: string): Health {
    return { state, message, updatedMs: this.#host.process.now() };
  }

  #log(level: "error", message: string, error: unknown): void {
    this.#host.process.log[level](message, { component_id: globalId(this.#host.modulePath, this.planned.id), err: messageOf(error) });
  }
}

const startFailed = "could not start: ";

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
