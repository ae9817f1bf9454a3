import type { ArgumentShape, BlockSchema, Decoded, OrderedBlocks, Report, Schema, Stability, Type } from "./arguments.ts";
import type { ComponentContext } from "./context.ts";

/** All that is known of a kind of component before one runs. Each component folder's `component.ts` exports one as `component`. */
export type Definition<S extends Schema = Schema> = S & {
  /** As users write it; also the path of its folder under `components/`. */
  readonly name: string;
  readonly stability: Stability;
  /** One sentence: what it is for. */
  readonly summary: string;
  readonly exports: Readonly<Record<string, Export<unknown>>>;
  /** Debug metrics that appear while it runs. */
  readonly metrics: readonly MetricDoc[];
  readonly needs: Needs;
  /** Written without a label: there is one of it in a module. */
  readonly unlabelled?: true;
  /** What must hold between arguments. Called with what could be decoded without error. */
  check?(args: Decoded<S>, report: Report): void;
  create(context: ComponentContext, args: Decoded<S>): Component<Decoded<S>> | Promise<Component<Decoded<S>>>;
};

export interface Export<T> {
  readonly type: Type<T>;
  readonly doc: string;
}

export interface MetricDoc {
  readonly name: string;
  readonly kind: "counter" | "gauge" | "histogram";
  readonly doc: string;
}

/** What the surroundings must give: the chart computes RBAC, ports and mounts from it. */
export interface Needs {
  readonly kubernetes?: readonly { readonly group: string; readonly resource: string; readonly verbs: readonly string[] }[];
  /** Arguments that name an address to listen on, as paths: `grpc.endpoint`. */
  readonly listens?: readonly string[];
  readonly hostPaths?: readonly string[];
  readonly storage?: true;
  readonly capabilities?: readonly string[];
}

/** One running component. Nothing here is called twice at the same time. */
export interface Component<Args> {
  /** Begins work: listens, reads, scrapes. All components that this one sends to have started. Throws where it can't: unhealthy, tried again on update. */
  start(): void | Promise<void>;
  /**
   * Takes new arguments while it runs, keeping its state. What it can't take it throws, and goes on as before: an old listener is closed first
   * and comes back if the new one fails.
   */
  update(args: Args): void | Promise<void>;
  /**
   * Ends work in order: stops taking in, hands on what it holds, then closes. Everything that sends to it has stopped. When `deadline` is
   * aborted what is left goes to disk, or is dropped and counted, at once.
   */
  stop(deadline: AbortSignal): void | Promise<void>;
  /** For the component's page: what it is doing now. Plain JSON, bounded, no secrets. */
  debugInfo?(): unknown;
}

/** Proves that a definition keeps the contract and gives `create` its argument type. */
export function defineComponent<
  const A extends Readonly<Record<string, ArgumentShape>>,
  const B extends Readonly<Record<string, BlockSchema>>,
  const O extends OrderedBlocks,
>(definition: Definition<Inside<A, B, O>>): Definition<Inside<A, B, O>> {
  return definition;
}

interface Inside<A, B, O> {
  readonly arguments?: A;
  readonly blocks?: B;
  readonly ordered?: O;
}
