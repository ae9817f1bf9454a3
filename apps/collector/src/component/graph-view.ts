import type { DebugData } from "./context.ts";

/** The running configuration as pages and probes see it: plain values in the shapes of the web API, secrets hidden. */
export interface GraphView {
  /** The blocks of a module (the root is ""); undefined where there is no such module. */
  list(moduleId: string): readonly ComponentSummary[] | undefined;
  /** One block by `id` or `module/id`, with its arguments, exports and debug information. */
  detail(globalId: string): ComponentDetail | undefined;
  /** Global ids of everything that is not healthy, with the reason. */
  unhealthy(): readonly { readonly id: string; readonly message: string }[];
}

export interface ComponentSummary {
  readonly name: string;
  readonly type: "block";
  readonly localID: string;
  readonly moduleID: string;
  readonly label?: string;
  readonly referencesTo: readonly string[];
  readonly referencedBy: readonly string[];
  readonly dataFlowEdgesTo: readonly string[];
  readonly health: {
    readonly state: "unknown" | "healthy" | "unhealthy" | "exited";
    readonly message: string;
    readonly updatedTime: string;
  };
  /** The block's text, secrets blanked. */
  readonly original: string;
  readonly createdModuleIDs?: readonly string[];
  readonly liveDebuggingEnabled: boolean;
}

export interface ComponentDetail extends ComponentSummary {
  readonly arguments: unknown;
  readonly exports: unknown;
  readonly debugInfo?: unknown;
}

/** Live debugging as pages see it. */
export interface DebugWatch {
  /** Calls back for what this component, or with "" every component, publishes; the returned function ends it. */
  watch(globalId: string, callback: (componentId: string, data: DebugData) => void): () => void;
  readonly enabled: boolean;
}

/** Told of evaluations, for metrics. */
export interface EvaluationWatch {
  /** A configuration is being evaluated, or what depends on a changed export. */
  evaluating(isEvaluating: boolean): void;
  /** So many components wait for their evaluation. */
  queued(count: number): void;
  /** A component was evaluated because of what it depends on: how long it waited since that changed, and how long it took. */
  followed(moduleId: string, componentId: string, waitedSeconds: number, tookSeconds: number): void;
}
