import type { Diagnostic, ObjectValue, Value } from "@invar/alloy-syntax";
import type { ComponentContext } from "../../component/context.ts";
import type { EvaluationWatch } from "../../component/graph-view.ts";
import type { Span, Tracer } from "../../component/tracing.ts";
import type { Lookup, NodeExports } from "../evaluate.ts";
import type { ModuleFile, Plan, PlannedNode } from "../plan.ts";
import type { Surroundings, Vocabulary } from "../surroundings.ts";

export interface Health {
  readonly state: "unknown" | "healthy" | "unhealthy" | "exited";
  readonly message: string;
  /** Milliseconds since the epoch. */
  readonly updatedMs: number;
}

/** A block while the configuration runs. Changes come in two steps, so that a whole module changes or none of it. */
export interface GraphNode extends NodeExports {
  readonly planned: PlannedNode;
  /** Evaluates `planned` and makes what is new, without touching what runs. Adds what stands against it; then `abandon` follows. */
  prepare(planned: PlannedNode, place: Place, diagnostics: Diagnostic[]): Promise<void>;
  /** Puts into force what was prepared. Never throws: what fails now shows in health. */
  commit(): Promise<void>;
  abandon(): Promise<void>;
  start(): Promise<void>;
  stop(deadline: AbortSignal): Promise<void>;
  health(): Health;
  /** Reports that what changed could not be evaluated; the node goes on as before. */
  evaluationFailed(diagnostics: readonly Diagnostic[]): void;
}

/** Where a node stands while it is evaluated. */
export interface Place {
  readonly surroundings: Surroundings;
  readonly lookup: Lookup;
}

/** What nodes need of the process and of the module that they are part of. */
export interface NodeHost {
  readonly process: GraphProcess;
  /** The module's path: empty for the root, else `declare.label/…`. */
  readonly modulePath: string;
  /** Whether own metrics of these components are exposed. */
  readonly exposesMetrics: boolean;
  /** A module inside this one: of a custom component, or of an item. */
  newModule(options: InnerModuleOptions): InnerModule;
  /** A node's exports are no longer what they were: who refers to it is evaluated again. */
  exportsChanged(node: GraphNode): void;
}

export interface InnerModuleOptions {
  readonly path: string;
  readonly exposesMetrics: boolean;
  /** The argument that the module's user gave. */
  given(name: string): Value | undefined;
  /** Some of its exports may have changed. */
  onExports(): void;
}

/**
 * The running form of one configuration text. It changes as a whole: `prepare` makes a plan, evaluates it and creates what is new without
 * touching what runs; `commit` puts it into force, `abandon` forgets it.
 */
export interface InnerModule {
  readonly path: string;
  readonly nodes: ReadonlyMap<string, GraphNode>;
  readonly plan: Plan | undefined;
  prepare(files: readonly ModuleFile[], surroundings: Surroundings, outer: Lookup, diagnostics: Diagnostic[], span?: Span): Promise<void>;
  commit(): Promise<void>;
  abandon(): Promise<void>;
  start(): Promise<void>;
  stop(deadline: AbortSignal): Promise<void>;
  /** The worst of its nodes. */
  health(): Health;
  /** Values of its exports, or undefined as long as one is missing. */
  exportValues(): ObjectValue | undefined;
  argumentNames(): ReadonlySet<string>;
}

/** What the graph needs from its surroundings, made by the command that runs it. */
export interface GraphProcess {
  readonly vocabulary: Vocabulary;
  now(): number;
  /** Milliseconds of a clock that never jumps. */
  monotonic(): number;
  readonly evaluations: EvaluationWatch;
  readonly log: ComponentContext["log"];
  readonly tracer: Tracer;
  /** Calls back once after `ms`; the returned function cancels. */
  after(ms: number, callback: () => void): () => void;
  /** The node's exports changed: whoever refers to it in this module is evaluated again, soon. */
  exportsChanged(module: DependantModule, node: GraphNode): void;
  contextFor(identity: NodeIdentity, hooks: ContextHooks): { readonly context: ComponentContext; close(): void };
}

/** A module as it is asked to follow a change. */
export interface DependantModule {
  readonly path: string;
  dependants(of: GraphNode): readonly GraphNode[];
  evaluate(node: GraphNode, span?: Span): Promise<void>;
}

export interface NodeIdentity {
  readonly id: string;
  readonly modulePath: string;
  readonly name: string;
  readonly label: string;
  readonly exposesMetrics: boolean;
}

export type ContextHooks = Pick<ComponentContext, "export" | "health" | "exited">;

/** The node's identity among all modules: `module/id`. */
export function globalId(modulePath: string, id: string): string {
  return modulePath === "" ? id : `${modulePath}/${id}`;
}

export const nothing: ObjectValue = Object.freeze(Object.create(null));
