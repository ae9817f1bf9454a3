import { type Kept, type Kind, keyOf, type WireObject } from "./kind.ts";
import { ListWatch, type ListWatchOptions } from "./list-watch.ts";

/** Hears of the objects that a watch sees. Called in order and never before the call that added the listener has returned. */
export interface WatchListener<T> {
  /** `now` is undefined where the object is gone, `before` where it is new. */
  changed(key: string, now: T | undefined, before: T | undefined): void;
  /** Called once, when `objects` first holds all there are. */
  synced?(): void;
  /** Called when the API server can't be watched, and with undefined when it can again. What was known stays known. */
  trouble?(error: Error | undefined): void;
}

export type WatchOptions<T extends Kept> = ListWatchOptions & { readonly kind: Kind<T> };

/** Knows all objects of one kind and selection, and tells what changes: nothing is lost and nothing told twice, however often the watch breaks. */
export class ObjectWatch<T extends Kept> {
  readonly #kind: Kind<T>;
  readonly #source: ListWatch;
  readonly #objects = new Map<string, T>();
  readonly #listeners = new Set<WatchListener<T>>();
  /** While a list is read: what it has not named yet. */
  #unnamed: Set<string> | undefined;
  #synced = false;
  #trouble: Error | undefined;

  constructor(options: WatchOptions<T>) {
    this.#kind = options.kind;
    this.#source = new ListWatch(options, {
      listing: () => {
        this.#unnamed = new Set(this.#objects.keys());
      },
      there: (wire) => this.#take(wire),
      gone: ({ metadata }) => this.#drop(keyOf({ namespace: metadata?.namespace ?? "", name: metadata?.name ?? "" })),
      listed: () => this.#listed(),
      trouble: (error) => {
        this.#trouble = error;
        for (const listener of [...this.#listeners]) listener.trouble?.(error);
      },
    });
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
    this.#source.start();
    return () => {
      this.#listeners.delete(listener);
    };
  }

  close(): Promise<void> {
    this.#listeners.clear();
    return this.#source.close();
  }

  #listed(): void {
    for (const key of this.#unnamed ?? []) this.#drop(key);
    this.#unnamed = undefined;
    if (this.#synced) return;
    this.#synced = true;
    for (const listener of [...this.#listeners]) listener.synced?.();
  }

  #take(wire: WireObject): void {
    const object = this.#kind.keep(wire);
    const key = keyOf(object);
    this.#unnamed?.delete(key);
    const before = this.#objects.get(key);
    if (before?.resourceVersion === object.resourceVersion && before.uid === object.uid) return;
    this.#objects.set(key, object);
    for (const listener of this.#listeners) listener.changed(key, object, before);
  }

  #drop(key: string): void {
    const before = this.#objects.get(key);
    if (before === undefined) return;
    this.#objects.delete(key);
    for (const listener of this.#listeners) listener.changed(key, undefined, before);
  }
}
