import type { Clock } from "../../component/clock.ts";
import type { SharedWork, WorkShare } from "../../component/cluster.ts";
import type { GiveAnswer, KeyState, KeyStates } from "./messages.ts";
import { hashOf, type Placement } from "./placement.ts";

export interface KeysSurroundings {
  /** This collector's name. */
  readonly self: string;
  readonly instance: number;
  readonly clock: Clock;
  /** Hands keys over; undefined: no answer came. */
  give(owner: string, states: KeyStates): Promise<GiveAnswer | undefined>;
  /** Leaves copies with who would be next. */
  copy(owner: string, states: KeyStates): Promise<void>;
  /** Whether it makes sense to ask that one again. */
  isAlive(owner: string): boolean;
  /** Something is to be settled. */
  wake(): void;
  /** Keys were handed over: the new owner may want to know that there are no more. */
  gave(owner: string): void;
}

interface Key {
  readonly key: string;
  readonly hash: number;
  readonly work: Work;
  owner: string | undefined;
  /** `paused`: on its way to another, who may have it already. */
  status: "idle" | "owned" | "paused";
  /** Not offered to its owner before. */
  retryMs: number;
}

interface Work {
  readonly hooks: SharedWork;
  readonly keys: Map<string, Key>;
}

const mostKeysACall = 200;
const mostBytesACall = 1 << 20;
/** More foreign keys than this are not listed: until there are fewer, nobody begins with keys that nobody has. */
const mostListed = 4_096;
const busyMs = 50;
const unwantedMs = 250;
const unansweredMs = 100;
const answersKeptMs = 60_000;
/** Copies that are not renewed may be of long ago. */
const copyAgeMs = 16_000;
const copiesAgainMs = 8_000;
const mostCopies = 200_000;

/** What became of keys, for metrics. */
export interface KeyCounts {
  given: number;
  taken: number;
  /** Begun with though nobody gave them: they are new, or their owner is dead. */
  started: number;
}

/** The keys of all works, which of them this collector does, and how they change hands. */
export class SharedKeys {
  readonly counts: KeyCounts = { given: 0, taken: 0, started: 0 };
  readonly #around: KeysSurroundings;
  readonly #works = new Map<string, Work>();
  readonly #toStart = new Set<Key>();
  readonly #toGive = new Set<Key>();
  readonly #giving = new Set<string>();
  readonly #answers = new Map<string, { readonly answer: GiveAnswer; readonly atMs: number }>();
  readonly #copies = new Map<string, { readonly state: Uint8Array; readonly atMs: number }>();
  readonly #copied = new Map<Key, { readonly text: string; readonly to: string; readonly atMs: number }>();
  #placement: Placement | undefined;
  #view = 0;
  #isWorking = false;
  #batch = 0;
  #owned = 0;

  constructor(around: KeysSurroundings) {
    this.#around = around;
  }

  /** How many keys this collector does. */
  get owned(): number {
    return this.#owned;
  }

  /** By the id of the work: keys that there are, and that are done here. */
  *sizes(): Generator<readonly [work: string, known: number, owned: number]> {
    for (const [id, { keys }] of this.#works) {
      let owned = 0;
      for (const { status } of keys.values()) if (status !== "idle") owned++;
      yield [id, keys.size, owned];
    }
  }

  share(hooks: SharedWork): WorkShare {
    // Who comes later is the successor of who was before.
    for (const key of [...(this.#works.get(hooks.id)?.keys.values() ?? [])]) this.#forget(key);
    const work: Work = { hooks, keys: new Map() };
    this.#works.set(hooks.id, work);
    return {
      offer: (keys) => this.#offer(work, keys),
      owns: (key) => work.keys.get(key)?.status === "owned",
      close: () => {
        for (const key of [...work.keys.values()]) this.#forget(key);
        if (this.#works.get(hooks.id) === work) this.#works.delete(hooks.id);
      },
    };
  }

  /** Keys belong to other members from now on. */
  place(placement: Placement, view: number): void {
    this.#placement = placement;
    this.#view = view;
    for (const { keys } of this.#works.values())
      for (const key of keys.values()) {
        key.owner = placement.ownerOf(key.hash);
        key.retryMs = Number.NEGATIVE_INFINITY;
        this.#file(key);
      }
  }

  /** Whether this collector may do anything now. Where not, it leaves all at once. */
  work(isWorking: boolean): void {
    if (this.#isWorking === isWorking) return;
    this.#isWorking = isWorking;
    if (isWorking) return;
    for (const { keys, hooks } of this.#works.values())
      for (const key of keys.values()) {
        if (key.status === "idle") continue;
        hooks.leave(key.key);
        this.#become(key, "idle");
      }
  }

  /** Begins with keys that may be begun with, and gives those away that are another's. */
  settle(mayStart: (keyHash: number) => boolean): void {
    if (!this.#isWorking) return;
    for (const key of this.#toStart) {
      if (!mayStart(key.hash)) continue;
      const state = this.#copies.get(`${key.work.hooks.id}\0${key.key}`)?.state;
      this.#become(key, "owned");
      this.counts.started++;
      key.work.hooks.take(key.key, state);
    }
    const owners = new Set<string>();
    for (const { owner } of this.#toGive) if (owner !== undefined && owner !== this.#around.self) owners.add(owner);
    for (const owner of owners) if (!this.#giving.has(owner)) void this.#give(owner);
  }

  /** Whether something waits to be settled. */
  get isBusy(): boolean {
    return this.#toGive.size > 0 || this.#toStart.size > 0;
  }

  /** Hashes of the keys that are done here though they are that member's; undefined: too many to say. */
  heldFor(owner: string): number[] | undefined {
    const held: number[] = [];
    for (const key of this.#toGive)
      if (key.owner === owner) {
        held.push(key.hash);
        if (held.length > mostListed) return undefined;
      }
    return held;
  }

  receiveGive({ work: id, from, batch, view, entries }: KeyStates): GiveAnswer {
    const nowMs = this.#around.clock.monotonic();
    const name = `${from}:${batch}`;
    const known = this.#answers.get(name);
    if (known !== undefined) return known.answer;
    const taken: number[] = [];
    const work = this.#works.get(id);
    if (work !== undefined && this.#isWorking)
      for (const [i, { key: text, state }] of entries.entries()) {
        const key = work.keys.get(text);
        if (key === undefined || key.status === "paused") continue;
        if (key.status === "idle") {
          if (key.owner !== this.#around.self || view !== this.#view) continue;
          this.#become(key, "owned");
          this.counts.taken++;
          work.hooks.take(text, state);
        }
        taken.push(i);
      }
    const answer = { taken };
    // One that took nothing is as well asked anew.
    if (taken.length > 0) this.#answers.set(name, { answer, atMs: nowMs });
    return answer;
  }

  receiveCopies({ work, entries }: KeyStates): void {
    const atMs = this.#around.clock.monotonic();
    for (const { key, state } of entries) {
      const name = `${work}\0${key}`;
      this.#copies.delete(name);
      this.#copies.set(name, { state, atMs });
    }
    for (const name of this.#copies.keys()) {
      if (this.#copies.size <= mostCopies) break;
      this.#copies.delete(name);
    }
  }

  /** Called about once a second. */
  tick(): void {
    const nowMs = this.#around.clock.monotonic();
    for (const [name, { atMs }] of this.#answers) if (nowMs - atMs > answersKeptMs) this.#answers.delete(name);
    for (const [name, { atMs }] of this.#copies) if (nowMs - atMs > copyAgeMs) this.#copies.delete(name);
    if (this.#isWorking) this.#copyAll(nowMs);
  }

  #offer(work: Work, keys: Iterable<string>): void {
    if (this.#works.get(work.hooks.id) !== work) return;
    const offered = new Set(keys);
    for (const [text, key] of work.keys) if (!offered.has(text)) this.#forget(key);
    for (const text of offered) {
      if (work.keys.has(text)) continue;
      const hash = hashOf(text);
      const owner = this.#placement?.ownerOf(hash);
      const key: Key = { key: text, hash, work, owner, status: "idle", retryMs: Number.NEGATIVE_INFINITY };
      work.keys.set(text, key);
      this.#file(key);
    }
    this.#around.wake();
  }

  #forget(key: Key): void {
    this.#become(key, "idle");
    this.#toStart.delete(key);
    this.#toGive.delete(key);
    this.#copied.delete(key);
    key.work.keys.delete(key.key);
  }

  #become(key: Key, status: Key["status"]): void {
    this.#owned += Number(status !== "idle") - Number(key.status !== "idle");
    key.status = status;
    if (status === "owned") {
      this.#copies.delete(`${key.work.hooks.id}\0${key.key}`);
    } else this.#copied.delete(key);
    this.#file(key);
  }

  #file(key: Key): void {
    const isOwn = key.owner === this.#around.self;
    if (isOwn && key.status === "idle") this.#toStart.add(key);
    else this.#toStart.delete(key);
    // What is on its way is done here until the other says that it has it.
    if ((!isOwn && key.status === "owned") || key.status === "paused") this.#toGive.add(key);
    else this.#toGive.delete(key);
  }

  async #give(owner: string): Promise<void> {
    this.#giving.add(owner);
    const before = this.counts.given;
    try {
      for (let states = this.#pauseFor(owner); states !== undefined; states = this.#pauseFor(owner)) await this.#hand(owner, states);
    } finally {
      this.#giving.delete(owner);
    }
    if (this.counts.given > before) this.#around.gave(owner);
  }

  /** Stops with some keys that are another's, all of one work; undefined: there are none now. */
  #pauseFor(owner: string): { readonly work: Work; readonly keys: Key[]; readonly entries: KeyState[] } | undefined {
    const nowMs = this.#around.clock.monotonic();
    const keys: Key[] = [];
    const entries: KeyState[] = [];
    let bytes = 0;
    let work: Work | undefined;
    if (!this.#isWorking) return undefined;
    for (const key of this.#toGive) {
      if (key.owner !== owner || key.status !== "owned" || key.retryMs > nowMs) continue;
      work ??= key.work;
      if (work !== key.work) continue;
      const state = work.hooks.pause(key.key);
      if (state === undefined) {
        key.retryMs = nowMs + busyMs;
        continue;
      }
      this.#become(key, "paused");
      keys.push(key);
      entries.push({ key: key.key, state });
      bytes += state.length;
      if (keys.length === mostKeysACall || bytes > mostBytesACall) break;
    }
    return work === undefined || keys.length === 0 ? undefined : { work, keys, entries };
  }

  async #hand(
    owner: string,
    { work, keys, entries }: { readonly work: Work; readonly keys: Key[]; readonly entries: KeyState[] },
  ): Promise<void> {
    const { clock, instance } = this.#around;
    const batch = ++this.#batch;
    for (;;) {
      const answer = await this.#around.give(owner, { work: work.hooks.id, from: instance, batch, view: this.#view, entries });
      if (answer !== undefined) {
        const taken = new Set(answer.taken);
        for (const [i, key] of keys.entries()) {
          if (key.status !== "paused") continue;
          if (taken.has(i)) this.#left(key);
          else this.#goOn(key);
        }
        return;
      }
      // It may have the keys and may not: who goes on must be certain.
      if (!this.#around.isAlive(owner)) break;
      await new Promise<void>((resolve) => void clock.after(unansweredMs, resolve));
      if (!this.#around.isAlive(owner) || !this.#isWorking) break;
    }
    for (const key of keys) if (key.status === "paused") this.#goOn(key);
  }

  #left(key: Key): void {
    this.counts.given++;
    this.#become(key, "idle");
    key.work.hooks.leave(key.key);
  }

  #goOn(key: Key): void {
    key.retryMs = this.#around.clock.monotonic() + unwantedMs;
    this.#become(key, "owned");
    key.work.hooks.resume(key.key);
  }

  #copyAll(nowMs: number): void {
    const { instance } = this.#around;
    for (const { hooks, keys } of this.#works.values()) {
      if (hooks.copy === undefined) continue;
      const byOwner = new Map<string, KeyState[]>();
      for (const key of keys.values()) {
        if (key.status !== "owned") continue;
        const to = this.#placement?.nextOwnerOf(key.hash);
        const state = to === undefined ? undefined : hooks.copy(key.key);
        if (to === undefined || state === undefined) continue;
        const text = Buffer.from(state).toString("latin1");
        const before = this.#copied.get(key);
        if (before?.text === text && before.to === to && nowMs - before.atMs < copiesAgainMs) continue;
        this.#copied.set(key, { text, to, atMs: nowMs });
        const states = byOwner.get(to) ?? [];
        byOwner.set(to, states);
        states.push({ key: key.key, state });
      }
      for (const [to, entries] of byOwner)
        for (let at = 0; at < entries.length; at += mostKeysACall)
          void this.#around.copy(to, {
            work: hooks.id,
            from: instance,
            batch: 0,
            view: this.#view,
            entries: entries.slice(at, at + mostKeysACall),
          });
    }
  }
}
