import type { Value } from "@invar/alloy-syntax";
import type { Budget } from "../delivery/budget.ts";
import type { Clock } from "./clock.ts";
import type { Cluster } from "./cluster.ts";
import type { MetricScope } from "./metrics.ts";
import type { Tracer } from "./tracing.ts";

/** What the process gives to one component. */
export interface ComponentContext {
  /** `loki.write.default`; unique within its module. */
  readonly id: string;
  /** Unique within the process: the module's path and the id. */
  readonly globalId: string;
  readonly log: Logger;
  readonly metrics: MetricScope;
  readonly clock: Clock;
  /** This component's own folder, made on first use by who needs it; undefined where the storage path can't be written. */
  readonly dataPath: string | undefined;
  /** The memory that all components share. */
  readonly budget: Budget;
  /** Publishes all exports; called in `create` first, and again whenever they change. Dependants are evaluated again. */
  export(values: Readonly<Record<string, Value | unknown>>): void;
  /** Reports a change; unhealthy names what is wrong and what to do. A component that says nothing is healthy once started. */
  health(state: "healthy" | "unhealthy", message: string): void;
  /** The component has nothing more to do; with an error it failed. */
  exited(error?: Error): void;
  readonly debugStream: DebugStream;
  readonly http: ComponentRoutes;
  readonly peers: ProcessServices;
}

export interface Logger {
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void;
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** What live debugging shows of data that went by. */
export interface DebugData {
  readonly kind: "target" | "otel_trace" | "otel_metric" | "otel_log" | "loki_log" | "prometheus_metric";
  readonly count: number;
  /** Makes the text; called at most once, and only where somebody looks. */
  readonly describe: () => string;
}

/** Live debugging: free where nobody watches. */
export interface DebugStream {
  readonly watched: boolean;
  /** `count` items went by; `describe` makes their text and is called only where somebody watches and the rate cap allows. */
  publish(kind: DebugData["kind"], count: number, describe: () => string): void;
}

/** Pages under `/api/v0/component/{id}/`. */
export interface ComponentRoutes {
  /** Where targets find this component: `address` is in process (`alloy.internal:12345`), `path` ends in a slash. */
  readonly address: string;
  readonly path: string;
  /** Answers requests below `path` from now on; undefined: not found. */
  handle(handler: PageHandler | undefined): void;
}

export type PageHandler = (request: PageRequest) => PageAnswer | Promise<PageAnswer>;

export interface PageRequest {
  readonly method: string;
  /** Below the component's path: `metrics`. */
  readonly path: string;
  readonly query: URLSearchParams;
}

export interface PageAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

/** What the process itself offers to components. */
export interface ProcessServices {
  /** The exposition of the process's own metrics, in text format. */
  exposition(): string;
  /**
   * Reads an in-process page without a socket; undefined where the URL is not one of ours. Bodies are whole: exporters are small.
   */
  fetchInProcess(url: URL): Promise<PageAnswer> | undefined;
  /** Name and version for User-Agent headers: `Invar/1.0`. */
  readonly userAgent: string;
  /** Spans of the process's own work, for the `tracing` block. */
  readonly tracer: Tracer;
  /** The collectors that share work with this one; undefined: it works alone. */
  readonly cluster?: Cluster | undefined;
}
