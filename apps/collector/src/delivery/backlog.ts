import { type Entry, laneCount } from "./entry.ts";

export interface RequestLimits {
  /** 0: no limit. */
  readonly maxBytes: number;
  readonly maxItems: number;
  readonly maxWaitMs: number;
}

/**
 * The entries of a queue that wait for a sender, a line for each sender, in the order of their positions. A lane belongs to one sender, and
 * the entries of a request keep their lanes busy until it has ended, so that order within a lane holds even while the number of senders changes.
 */
export class Backlog<E extends Entry = Entry> {
  limits: RequestLimits;
  /** Called when a sender which had nothing to do, or waited for more, has a reason to ask again. */
  onReady: (sender: number) => void = () => {};
  #lines: Line<E>[];
  #waiting = 0;
  #waitingBytes = 0;
  readonly #busyLanes = new Uint32Array(laneCount);
  /** Lanes that the request being gathered must not touch any more, marked with the number of the gathering: nothing to clear. */
  readonly #blockedLanes = new Uint32Array(laneCount);
  #gathering = 0;

  constructor(senders: number, limits: RequestLimits) {
    this.limits = limits;
    this.#lines = newLines(senders);
  }

  get senders(): number {
    return this.#lines.length;
  }

  /** Entries waiting, those in requests not among them. */
  get waiting(): number {
    return this.#waiting;
  }

  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  /** True where a sender has nothing to take. */
  get isStarving(): boolean {
    return this.#lines.some((line) => line.waiting === 0);
  }

  /** True while entries of the lane are in a request. */
  isBusy(lane: number): boolean {
    return this.#busyLanes[lane] !== 0;
  }

  /** Lets all senders ask again. */
  wakeAll(): void {
    for (let sender = 0; sender < this.#lines.length; sender++) this.onReady(sender);
  }

  /** Adds an entry whose position is beyond all that were added before. */
  add(entry: E): void {
    const sender = entry.lane % this.#lines.length;
    const line = this.#line(sender);
    this.#enter(line, entry);
    const tally = line.tallies.get(entry.group);
    if (line.waiting === 1 || this.limits.maxWaitMs === 0 || (tally !== undefined && this.#isFull(tally))) this.onReady(sender);
  }

  /**
   * Takes the entries of the sender's next request; or says in how many milliseconds to ask again (Infinity: when `onReady` calls). With `hurry`
   * nothing waits to be joined by more.
   */
  take(sender: number, nowMs: number, hurry: boolean): E[] | number {
    const line = this.#lines[sender];
    if (line === undefined) return Number.POSITIVE_INFINITY;
    const head = this.#firstFree(line);
    if (head === undefined) return Number.POSITIVE_INFINITY;
    const dueInMs = hurry ? 0 : head.timeMs + this.limits.maxWaitMs - nowMs;
    if (dueInMs <= 0) return this.#gather(line, head.group);
    for (const [group, tally] of line.tallies) {
      if (!this.#isFull(tally)) continue;
      const entries = this.#gather(line, group);
      if (entries.length > 0) return entries;
    }
    return dueInMs;
  }

  /** To be called when the request that held these entries has ended, however it ended. */
  release(entries: readonly E[]): void {
    let told = -1;
    for (const entry of entries) {
      entry.state = "settled";
      this.#busyLanes[entry.lane] = (this.#busyLanes[entry.lane] ?? 1) - 1;
    }
    for (const entry of entries) {
      const sender = entry.lane % this.#lines.length;
      if (sender !== told) this.onReady(sender);
      told = sender;
    }
  }

  /** The entry that waits longest. */
  oldest(): E | undefined {
    let oldest: E | undefined;
    for (const line of this.#lines) {
      const head = firstWaiting(line);
      if (head !== undefined && (oldest === undefined || head.position < oldest.position)) oldest = head;
    }
    return oldest;
  }

  /** Takes out an entry that waits: it was dropped. */
  remove(entry: E): void {
    if (entry.state !== "waiting") throw new Error(`an entry to be removed was ${entry.state}, not waiting`);
    this.#leave(this.#line(entry.lane % this.#lines.length), entry);
    entry.state = "settled";
  }

  /** Deals the waiting entries out to another number of senders. */
  resize(senders: number): void {
    const entries = this.#lines.flatMap((line) => line.entries.slice(line.head).filter((entry) => entry.state === "waiting"));
    entries.sort((a, b) => a.position - b.position);
    this.#lines = newLines(senders);
    this.#waiting = 0;
    this.#waitingBytes = 0;
    for (const entry of entries) this.#enter(this.#line(entry.lane % senders), entry);
    this.wakeAll();
  }

  #gather(line: Line<E>, group: string): E[] {
    const { maxBytes, maxItems } = this.limits;
    const entries: E[] = [];
    let bytes = 0;
    let items = 0;
    let passedOver = 0;
    this.#gathering++;
    for (let i = line.head; i < line.entries.length && passedOver < maxPassedOver; i++) {
      const entry = line.entries[i];
      if (entry === undefined || entry.state !== "waiting") continue;
      if (entry.group !== group || this.#isBlocked(entry.lane)) {
        this.#blockedLanes[entry.lane] = this.#gathering;
        if (entries.length > 0) passedOver++;
        continue;
      }
      const tooMuch = (maxBytes > 0 && bytes + entry.bytes > maxBytes) || (maxItems > 0 && items + entry.items > maxItems);
      if (tooMuch && entries.length > 0) break;
      entries.push(entry);
      bytes += entry.bytes;
      items += entry.items;
    }
    for (const entry of entries) {
      this.#leave(line, entry);
      entry.state = "taken";
      this.#busyLanes[entry.lane] = (this.#busyLanes[entry.lane] ?? 0) + 1;
    }
    return entries;
  }

  /** The first entry of the line whose lane is in no request: only after a change of the number of senders is it not the first at all. */
  #firstFree(line: Line<E>): E | undefined {
    const head = firstWaiting(line);
    if (head === undefined || this.#busyLanes[head.lane] === 0) return head;
    for (let i = line.head; i < line.entries.length; i++) {
      const entry = line.entries[i];
      if (entry !== undefined && entry.state === "waiting" && this.#busyLanes[entry.lane] === 0) return entry;
    }
    return undefined;
  }

  #isBlocked(lane: number): boolean {
    return this.#blockedLanes[lane] === this.#gathering || this.#busyLanes[lane] !== 0;
  }

  #isFull(tally: Tally): boolean {
    const { maxBytes, maxItems } = this.limits;
    return (maxBytes > 0 && tally.bytes >= maxBytes) || (maxItems > 0 && tally.items >= maxItems);
  }

  #enter(line: Line<E>, entry: E): void {
    line.entries.push(entry);
    line.waiting++;
    this.#waiting++;
    this.#waitingBytes += entry.bytes;
    const tally = line.tallies.get(entry.group);
    if (tally === undefined) line.tallies.set(entry.group, { records: 1, bytes: entry.bytes, items: entry.items });
    else {
      tally.records++;
      tally.bytes += entry.bytes;
      tally.items += entry.items;
    }
  }

  #leave(line: Line<E>, entry: E): void {
    line.waiting--;
    this.#waiting--;
    this.#waitingBytes -= entry.bytes;
    const tally = line.tallies.get(entry.group);
    if (tally === undefined) throw new Error("an entry left a line whose tallies don't know its group");
    tally.records--;
    tally.bytes -= entry.bytes;
    tally.items -= entry.items;
    if (tally.records === 0) line.tallies.delete(entry.group);
    // Entries leave from the middle too (another group's request, a drop): the holes go when they are the larger part.
    if (line.entries.length > 64 && line.waiting * 2 < line.entries.length) {
      line.entries = line.entries.slice(line.head).filter((other) => other.state === "waiting" && other !== entry);
      line.head = 0;
    }
  }

  #line(sender: number): Line<E> {
    const line = this.#lines[sender];
    if (line === undefined) throw new Error(`there is no sender ${sender}`);
    return line;
  }
}

/** Entries of other groups that a request looks past in search of more of its own: keeps a long mixed line from costing its square. */
const maxPassedOver = 4096;

interface Line<E> {
  entries: E[];
  head: number;
  waiting: number;
  readonly tallies: Map<string, Tally>;
}

interface Tally {
  records: number;
  bytes: number;
  items: number;
}

function newLines<E>(senders: number): Line<E>[] {
  return Array.from({ length: senders }, () => ({ entries: [], head: 0, waiting: 0, tallies: new Map() }));
}

function firstWaiting<E extends Entry>(line: Line<E>): E | undefined {
  while (line.head < line.entries.length) {
    const entry = line.entries[line.head];
    if (entry !== undefined && entry.state === "waiting") return entry;
    line.head++;
  }
  line.entries = [];
  line.head = 0;
  return undefined;
}
