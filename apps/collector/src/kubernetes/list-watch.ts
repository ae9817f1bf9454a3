import type { Clock } from "../component/clock.ts";
import { ApiError } from "./api-error.ts";
import { type ApiServer, type Selection, type WatchEvent, wasAborted } from "./api-server.ts";
import type { Kept, Kind, WireObject } from "./kind.ts";
import { pause } from "./pause.ts";

export interface ListWatchOptions {
  readonly server: ApiServer;
  readonly kind: Pick<Kind<Kept>, "group" | "version" | "resource">;
  readonly selection: Selection;
  readonly clock: Clock;
  readonly random: () => number;
}

/** Hears of objects as they come. */
export interface ListWatchListener {
  /** A list begins: objects that are not told of before `listed` are gone. */
  listing?(): void;
  /** An object is there, or there in another state. */
  there(object: WireObject): void;
  gone(object: WireObject): void;
  /** Everything has been listed. */
  listed?(resourceVersion: string): void;
  /** Called after some objects were told of: nothing more is read until what it returns is settled. */
  taken?(): Promise<void> | undefined;
  /** The API server can't be asked, or with undefined: it can again. */
  trouble(error: Error | undefined): void;
}

/**
 * Lists the objects of a selection, then watches from there. After every break it goes on from the last state it has seen; where the server no
 * longer knows that state it lists again.
 */
export class ListWatch {
  readonly #options: ListWatchOptions;
  readonly #listener: ListWatchListener;
  readonly #abort = new AbortController();
  /** From where to watch; undefined: everything has to be listed. */
  #resourceVersion: string | undefined;
  #failures = 0;
  #isTroubled = false;
  #ended: Promise<void> | undefined;

  constructor(options: ListWatchOptions, listener: ListWatchListener) {
    this.#options = options;
    this.#listener = listener;
  }

  start(): void {
    this.#ended ??= this.#run();
  }

  async close(): Promise<void> {
    this.#abort.abort();
    await this.#ended;
  }

  async #run(): Promise<void> {
    const { signal } = this.#abort;
    // Who starts it is not called before it knows.
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
    const listener = this.#listener;
    listener.listing?.();
    let next: string | undefined;
    let resourceVersion = "";
    do {
      const page = await server.list(kind, selection, next, this.#abort.signal);
      for (const item of page.items) listener.there(item);
      await untilAborted(listener.taken?.(), this.#abort.signal);
      next = page.next;
      resourceVersion = page.resourceVersion;
    } while (next !== undefined);
    this.#resourceVersion = resourceVersion;
    listener.listed?.(resourceVersion);
    this.#recovered();
  }

  async #follow(): Promise<void> {
    const { server, kind, selection, clock, random } = this.#options;
    const from = { resourceVersion: this.#resourceVersion ?? "", forMs: shortestWatchMs * (1 + random()) };
    const begunMs = clock.monotonic();
    const hear = { take: (event: WatchEvent) => this.#hear(event), taken: () => this.#listener.taken?.() };
    await server.watch(kind, selection, from, hear, this.#abort.signal);
    // The server ends watches in good order, and the next one begins at once; one that ends them all the time is not to be pestered.
    if (clock.monotonic() - begunMs < 1000) await pause(clock, 1000, this.#abort.signal);
    this.#recovered();
  }

  #hear({ type, object }: WatchEvent): void {
    if (type === "DELETED") this.#listener.gone(object);
    else if (type === "ADDED" || type === "MODIFIED") this.#listener.there(object);
    // A bookmark brings nothing but the state that it names.
    this.#resourceVersion = object.metadata?.resourceVersion ?? this.#resourceVersion;
    this.#recovered();
  }

  #recovered(): void {
    this.#failures = 0;
    if (!this.#isTroubled) return;
    this.#isTroubled = false;
    this.#listener.trouble(undefined);
  }

  async #fail(error: Error): Promise<void> {
    const { clock, random } = this.#options;
    this.#failures++;
    if (error instanceof ApiError && error.isExpired) {
      this.#resourceVersion = undefined;
      // The first time it is the ordinary way to learn that too much has happened.
      if (this.#failures === 1) return;
    } else {
      this.#isTroubled = true;
      this.#listener.trouble(error);
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

/** What takes objects may be stuck: that is no reason not to end. */
async function untilAborted(work: Promise<void> | undefined, signal: AbortSignal): Promise<void> {
  if (work === undefined) return;
  const aborted = Promise.withResolvers<void>();
  const stop = () => aborted.reject(signal.reason);
  signal.addEventListener("abort", stop);
  try {
    await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
