/** The collectors that work together with this one, as components see them. Absent where this process works alone: then everything is its own. */
export interface Cluster {
  /** The same on all of them, so that what is computed from it is, too. */
  readonly name: string;
  /** This process's own name among them. */
  readonly node: string;
  /** Takes part in a piece of work that all of them share out by key. Nothing is taken before the first `offer`. */
  share(work: SharedWork): WorkShare;
}

/**
 * Work that is done key by key: targets to scrape, containers whose logs are followed. A key is done by one collector at a time; when another takes
 * it over, it gets the state that the last one left. All calls are made one after the other, none from within a call to the share.
 */
export interface SharedWork {
  /** The same on every collector of the cluster, and unique within one. */
  readonly id: string;
  /** Begins with a key. `state` is what its last owner told; undefined: there was none, or it is gone without a word. */
  take(key: string, state: Uint8Array | undefined): void;
  /** Stops with a key for another to go on, and tells what that one needs to know. Undefined: something is under way, ask again soon. */
  pause(key: string): Uint8Array | undefined;
  /** The other did not want it: goes on with a key that was paused. */
  resume(key: string): void;
  /** The key is another's now, or nobody's for the time being: ends with it, and leaves no trace in the data. Paused or not. */
  leave(key: string): void;
  /** What the next owner would need were this process to be gone now; undefined: nothing that can't be found out. Asked each second. */
  copy?(key: string): Uint8Array | undefined;
}

export interface WorkShare {
  /** All keys that there are, whoever does them. Keys that are no longer among them are ended by the component itself. */
  offer(keys: Iterable<string>): void;
  /** Whether this process does the key. */
  owns(key: string): boolean;
  /** Takes part no more; keys that are owned are not left by a call. */
  close(): void;
}
