import type { Clock } from "../component/clock.ts";
import { ApiError } from "./api-error.ts";
import { type ApiServer, type Selection, type WatchEvent, wasAborted } from "./api-server.ts";
import { type Kept, type Kind, keyOf, type WireObject } from "./kind.ts";

/** Hears of the objects that a watch sees. Called in order and never before the call that added the listener has returned. */
export interface WatchListener<T> {
  /** `now` is undefined where the object is gone, `before` where it is new. */
  changed(key: string, now: T | undefined, before: T | undefined): void;
  /** Called once, when `objects` first holds all there are. */
  synced?(): void;
  /** Called when the API server can't be watched, and with undefined when it can again. What was known stays known. */
  trouble?(error: Error | undefined): void;
}

export interface WatchOptions<T extends Kept> {
  readonly server: ApiServer;
  readonly kind: Kind<T>;
  readonly selection: Selection;
  readonly clock: Clock;
  readonly random: () => number;
}

/**
 * Follows the objects of one kind: lists them, then watches from there. After every break it goes on from the last state it has seen; where the
 * server no longer knows that state it lists again and tells listeners the difference, so that nothing is lost or told twice.
 */
export class ObjectWatch<T extends Kept> {
  readonly #options: WatchOptions<T>;
  readonly #objects = new Map<string, T>();
  readonly #listeners = new Set<WatchListener<T>>();
  readonly #abort = new AbortController();
  #synced = false;
  #trouble: Error | undefined;
  /** From where to watch; undefined: everything has to be listed. */
  #resourceVersion: string | undefined;
  #failures = 0;
  #ended: Promise<void> | undefined;

  constructor(options: WatchOptions<T>) {
    this.#options = options;
  }

  /** All objects that are known, by `namespace/name`. */
  get objects(): ReadonlyMap<string, T> {
    return this.#objects;
  }

  get isSynced(): boolean {
    return this.#synced;
  }

  get trouble(): Error | undefined {
    return this.#trouble;
  }

  /** The returned function ends it. What is known already is in `objects`; only changes are told. */
  listen(listener: WatchListener<T>): () => void {
    this.#listeners.add(listener);
    this.#ended ??= this.#run();
    return () => {
      this.#listeners.delete(listener);
    };
  }

  async close(): Promise<void> {
    this.#listeners.clear();
    this.#abort.abort();
    await this.#ended;
  }

  async #run(): Promise<void> {
    const { signal } = this.#abort;
    // A listener is never called before it knows that it listens.
    await Promise.resolve();
    while (!signal.aborted) {
      try {
        if (this.#resourceVersion === undefined) await this.#list();
        await this.#follow();
      } catch (error) {
        if (signal.aborted || wasAborted(error)) return;
        await this.#fail(error instanceof Error ? error : new Error(String(error)));
      }
    }
  }

  async #list(): Promise<void> {
    const { server, kind, selection } = this.#options;
    const { signal } = this.#abort;
    const gone = new Set(this.#objects.keys());
    let next: string | undefined;
    let resourceVersion = "";
    do {
      const page = await server.list(kind, selection, next, signal);
      for (const item of page.items) gone.delete(this.#take(item));
      next = page.next;
      resourceVersion = page.resourceVersion;
    } while (next !== undefined);
    for (const key of gone) this.#drop(key);
    this.#resourceVersion = resourceVersion;
    this.#recovered();
    if (this.#synced) return;
    this.#synced = true;
    for (const listener of [...this.#listeners]) listener.synced?.();
  }

  async #follow(): Promise<void> {
    const { server, kind, selection, clock, random } = this.#options;
    const forMs = shortestWatchMs * (1 + random());
    const from = { resourceVersion: this.#resourceVersion ?? "", forMs };
    const begunMs = clock.monotonic();
    await server.watch(kind, selection, from, (event) => this.#hear(event), this.#abort.signal);
    // The server ends watches in good order, and the next one begins at once; one that ends them all the time is not to be pestered.
    if (clock.monotonic() - begunMs < 1000) await pause(clock, 1000, this.#abort.signal);
    this.#recovered();
  }

  #hear({ type, object }: WatchEvent): void {
    if (type === "DELETED") this.#drop(keyOf({ namespace: object.metadata?.namespace ?? "", name: object.metadata?.name ?? "" }));
    else if (type === "ADDED" || type === "MODIFIED") this.#take(object);
    // A bookmark brings nothing but the state that it names.
    this.#resourceVersion = object.metadata?.resourceVersion ?? this.#resourceVersion;
    this.#recovered();
  }

  #take(wire: WireObject): string {
    const object = this.#options.kind.keep(wire);
    const key = keyOf(object);
    const before = this.#objects.get(key);
    if (before?.resourceVersion === object.resourceVersion && before.uid === object.uid) return key;
    this.#objects.set(key, object);
    for (const listener of this.#listeners) listener.changed(key, object, before);
    return key;
  }

  #drop(key: string): void {
    const before = this.#objects.get(key);
    if (before === undefined) return;
    this.#objects.delete(key);
    for (const listener of this.#listeners) listener.changed(key, undefined, before);
  }

  #recovered(): void {
    this.#failures = 0;
    if (this.#trouble === undefined) return;
    this.#trouble = undefined;
    for (const listener of [...this.#listeners]) listener.trouble?.(undefined);
  }

  async #fail(error: Error): Promise<void> {
    const { clock, random } = this.#options;
    if (error instanceof ApiError && error.isExpired) {
      this.#resourceVersion = undefined;
      // The first time it is the ordinary way to learn that too much has happened.
      if (this.#failures++ === 0) return;
    } else {
      this.#failures++;
      this.#trouble = error;
      for (const listener of [...this.#listeners]) listener.trouble?.(error);
    }
    const waitMs = Math.min(firstPauseMs * 2 ** Math.min(this.#failures - 1, 10), longestPauseMs) * (0.75 + random() / 2);
    await pause(clock, waitMs, this.#abort.signal);
  }
}

/** Each watch lasts between this and twice as long, so that they do not all end together. */
const shortestWatchMs = 5 * 60_000;
const firstPauseMs = 250;
/** Short, so that we are up to date within five seconds of an API server's return. */
const longestPauseMs = 3000;

async function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    const done = () => {
      cancel();
      signal.removeEventListener("abort", done);
      resolve();
    };
    const cancel = clock.after(ms, done);
    signal.addEventListener("abort", done);
  });
}
