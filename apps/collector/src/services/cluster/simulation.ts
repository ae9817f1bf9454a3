import type { Clock } from "../../component/clock.ts";
import type { SharedWork, WorkShare } from "../../component/cluster.ts";
import type { Logger } from "../../component/context.ts";
import type { AddressListener, AddressSource } from "./address-source.ts";
import { ClusterNode, type ClusterOptions } from "./cluster-node.ts";
import type { PeerAnswer, PeerMethod, PeerNetwork } from "./network.ts";

/** For tests: many collectors' cluster code in one process, on a clock that jumps from event to event and a network that fails as told. */
export class Simulation {
  readonly clock = new SimulatedClock();
  readonly random: () => number;
  readonly replicas = new Map<string, Replica>();
  /** Names of those that can speak with each other; undefined: all can. */
  #sides: readonly ReadonlySet<string>[] | undefined;
  readonly #cut = new Set<string>();
  readonly scrapes = new Map<string, number[]>();
  readonly intervalMs: number;
  readonly targets: readonly string[];
  readonly delayMs: () => number;
  /** Calls whose answer is lost on its way, of all. */
  lossOfAnswers = 0;

  constructor({ seed, targets, intervalMs = 30_000, delayMs = [1, 10] }: SimulationOptions) {
    this.random = randomOf(seed);
    this.intervalMs = intervalMs;
    this.targets = Array.from({ length: targets }, (_, i) => `target-${i}`);
    this.delayMs = () => delayMs[0] + this.random() * (delayMs[1] - delayMs[0]);
    for (const target of this.targets) this.scrapes.set(target, []);
  }

  /** Starts a replica that finds those that `start` has started and that were not killed. */
  start(name: string, options: Partial<ClusterOptions> = {}): Replica {
    const replica = new Replica(name, this, options);
    this.replicas.set(name, replica);
    this.#tellAddresses();
    replica.node.start();
    return replica;
  }

  kill(name: string): void {
    this.#replica(name).kill();
    this.replicas.delete(name);
    this.#tellAddresses();
  }

  /** Ends a replica in good order. */
  async stop(name: string): Promise<void> {
    const replica = this.#replica(name);
    const left = replica.node.leave(new AbortController().signal);
    let isLeft = false;
    void left.then(() => {
      isLeft = true;
    });
    for (let waited = 0; !isLeft && waited < 20_000; waited += 50) await this.run(50);
    this.kill(name);
  }

  /** From now on only those on the same side hear each other. */
  partition(...sides: readonly string[][]): void {
    this.#sides = sides.map((side) => new Set(side));
  }

  /** Breaks the connection between two, both ways. */
  cut(one: string, other: string): void {
    this.#cut.add(`${one} ${other}`).add(`${other} ${one}`);
  }

  heal(): void {
    this.#sides = undefined;
    this.#cut.clear();
  }

  async run(ms: number): Promise<void> {
    await this.clock.run(ms);
  }

  areConnected(one: string, other: string): boolean {
    if (this.#cut.has(`${one} ${other}`)) return false;
    return this.#sides === undefined || this.#sides.some((side) => side.has(one) && side.has(other));
  }

  /** Which replicas do each target now. */
  owners(): Map<string, string[]> {
    const owners = new Map<string, string[]>(this.targets.map((target) => [target, []]));
    for (const [name, { held }] of this.replicas) for (const target of held.keys()) owners.get(target)?.push(name);
    return owners;
  }

  /** Turns of targets between two times that were scraped twice, or not at all. */
  faults(fromMs: number, toMs: number): { doubled: string[]; missed: string[] } {
    const doubled: string[] = [];
    const missed: string[] = [];
    for (const [target, turns] of this.scrapes) {
      const count = new Map<number, number>();
      for (const turn of turns) count.set(turn, (count.get(turn) ?? 0) + 1);
      for (let turn = this.turnAfter(target, fromMs); this.timeOf(target, turn) < toMs; turn++) {
        const times = count.get(turn) ?? 0;
        if (times > 1) doubled.push(`${target} at ${this.timeOf(target, turn)}`);
        if (times === 0) missed.push(`${target} at ${this.timeOf(target, turn)}`);
      }
    }
    return { doubled, missed };
  }

  turnAfter(target: string, ms: number): number {
    return Math.floor((ms - this.#phase(target)) / this.intervalMs) + 1;
  }

  timeOf(target: string, turn: number): number {
    return this.#phase(target) + turn * this.intervalMs;
  }

  addressesFor(): string[] {
    return [...this.replicas.keys()];
  }

  #phase(target: string): number {
    return (Number(target.slice("target-".length)) * 7919) % this.intervalMs;
  }

  #replica(name: string): Replica {
    const replica = this.replicas.get(name);
    if (replica === undefined) throw new Error(`there is no ${name}`);
    return replica;
  }

  #tellAddresses(): void {
    for (const { listener } of this.replicas.values()) listener?.found(this.addressesFor());
  }
}

interface SimulationOptions {
  readonly seed: number;
  readonly targets: number;
  readonly intervalMs?: number;
  readonly delayMs?: readonly [least: number, most: number];
}

/** One collector: the real cluster code, and scrapes that are written down. */
export class Replica implements SharedWork, PeerNetwork {
  readonly id = "prometheus.scrape.sim";
  readonly name: string;
  readonly node: ClusterNode;
  readonly share: WorkShare;
  readonly held = new Map<string, { nextTurn: number; isPaused: boolean; cancel: () => void }>();
  readonly warnings: string[] = [];
  listener: AddressListener | undefined;
  isDead = false;
  readonly #simulation: Simulation;
  readonly #clock: Clock;

  constructor(name: string, simulation: Simulation, options: Partial<ClusterOptions>) {
    this.name = name;
    this.#simulation = simulation;
    const { clock } = simulation;
    const own: Clock = {
      now: () => clock.now(),
      monotonic: () => clock.monotonic(),
      // The dead do nothing more.
      after: (ms, callback) => clock.after(ms, () => this.isDead || callback()),
    };
    this.#clock = own;
    const source: AddressSource = {
      description: "simulated",
      isAuthoritative: false,
      start: (listener) => {
        this.listener = listener;
        listener.found(simulation.addressesFor());
        return () => {
          this.listener = undefined;
        };
      },
    };
    const log: Logger = { debug() {}, info() {}, warn: (text) => this.warnings.push(text), error: (text) => this.warnings.push(text) };
    this.node = new ClusterNode({
      name: "",
      node: name,
      advertiseAddress: name,
      source,
      minimumSize: 0,
      minimumSizeTimeoutMs: 0,
      version: "1",
      network: this,
      clock: own,
      log,
      random: simulation.random,
      load: () => 0,
      ...options,
    });
    this.share = this.node.share(this);
    this.share.offer(simulation.targets);
  }

  kill(): void {
    this.isDead = true;
    for (const { cancel } of this.held.values()) cancel();
    this.held.clear();
  }

  call(address: string, method: PeerMethod, message: Uint8Array, timeoutMs: number): Promise<PeerAnswer> {
    const simulation = this.#simulation;
    return new Promise((resolve) => {
      const cancel = this.#clock.after(timeoutMs, () => resolve({ kind: "silent", reason: "no answer in time" }));
      const answer = (value: PeerAnswer, of: string) =>
        simulation.clock.after(simulation.delayMs(), () => {
          if (!simulation.areConnected(this.name, of) || this.isDead) return;
          cancel();
          resolve(value);
        });
      simulation.clock.after(simulation.delayMs(), () => {
        if (!simulation.areConnected(this.name, address) || this.isDead) return;
        const other = simulation.replicas.get(address);
        if (other === undefined) answer({ kind: "refused", reason: "ECONNREFUSED" }, address);
        else {
          const reply = other.node.handle(method, message);
          if (simulation.random() >= simulation.lossOfAnswers) answer({ kind: "answered", message: reply }, address);
        }
      });
    });
  }

  forget(): void {}

  take(key: string, state: Uint8Array | undefined): void {
    const now = this.#clock.monotonic();
    const after = this.#simulation.turnAfter(key, now);
    const last = state === undefined ? undefined : Number(Buffer.from(state).toString());
    // The turn that fell into the move is made good at once.
    const nextTurn = last === undefined ? after : Math.max(last + 1, after - 1);
    this.held.get(key)?.cancel();
    this.held.set(key, { nextTurn, isPaused: false, cancel: () => {} });
    this.#arm(key);
  }

  pause(key: string): Uint8Array {
    const held = this.held.get(key);
    if (held === undefined) throw new Error(`${this.name} does not do ${key}`);
    held.cancel();
    held.isPaused = true;
    return Buffer.from(String(held.nextTurn - 1));
  }

  resume(key: string): void {
    const held = this.held.get(key);
    if (held?.isPaused !== true) throw new Error(`${this.name} has not paused ${key}`);
    held.isPaused = false;
    this.#arm(key);
  }

  leave(key: string): void {
    this.held.get(key)?.cancel();
    if (!this.held.delete(key)) throw new Error(`${this.name} does not do ${key}`);
  }

  #arm(key: string): void {
    const held = this.held.get(key);
    if (held === undefined) return;
    const dueMs = this.#simulation.timeOf(key, held.nextTurn);
    held.cancel = this.#clock.after(dueMs - this.#clock.monotonic(), () => {
      this.#simulation.scrapes.get(key)?.push(held.nextTurn++);
      this.#arm(key);
    });
  }
}

/** Jumps from event to event; each is followed by all that promises have to do. */
export class SimulatedClock implements Clock {
  #nowMs = 1_000_000;
  #count = 0;
  /** A binary heap by time, then by order. */
  readonly #heap: Entry[] = [];

  now(): number {
    return this.#nowMs;
  }

  monotonic(): number {
    return this.#nowMs;
  }

  after(ms: number, callback: () => void): () => void {
    const entry: Entry = { atMs: this.#nowMs + Math.max(ms, 0), order: this.#count++, callback };
    this.#push(entry);
    return () => {
      entry.callback = undefined;
    };
  }

  async run(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms;
    for (let events = 1; ; events++) {
      // Whoever waits for the real event loop gets a turn now and then.
      if (events % 4096 === 0) await new Promise<void>((resolve) => setImmediate(resolve));
      const [first] = this.#heap;
      if (first === undefined || first.atMs > untilMs) break;
      this.#pop();
      if (first.callback === undefined) continue;
      this.#nowMs = Math.max(this.#nowMs, first.atMs);
      first.callback();
      // Chains of promises here are shorter than this.
      for (let turn = 0; turn < 8; turn++) await undefined;
    }
    this.#nowMs = untilMs;
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let at = heap.push(entry) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(entry, heap[parent])) break;
      heap[at] = heap[parent] as Entry;
      at = parent;
    }
    heap[at] = entry;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1], heap[child])) child++;
      if (!isBefore(heap[child], last)) break;
      heap[at] = heap[child] as Entry;
      at = child;
    }
    heap[at] = last;
  }
}

interface Entry {
  readonly atMs: number;
  readonly order: number;
  /** Undefined: it was cancelled. */
  callback: (() => void) | undefined;
}

function isBefore(one: Entry | undefined, other: Entry | undefined): boolean {
  if (one === undefined || other === undefined) return one !== undefined;
  return one.atMs < other.atMs || (one.atMs === other.atMs && one.order < other.order);
}

/** The same numbers for the same seed (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
