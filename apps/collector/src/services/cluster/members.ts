import { hash53 } from "../../bytes/hash.ts";
import type { Base, Hello, MemberState } from "./messages.ts";

/** Another collector of the cluster, as it was last heard of. */
export interface Member {
  readonly name: string;
  readonly instance: number;
  address: string;
  /** What it said last. */
  hello: Hello;
  /** By the clock that never jumps: when something of it last came in. */
  heardMs: number;
  /** When the last call was sent that it has answered: it knew of us then. */
  ackedMs: number;
  /** When others say that they heard it; not before what they said came in. */
  reportedMs: number;
  /** When it was first heard of, or again after it had been dead. */
  aliveSinceMs: number;
  /** When others have heard each member, by what this one said; by instance. */
  seen: Map<number, number>;
  /** The keys that it still does though they are ours; undefined: it has not said. */
  held: ReadonlySet<number>;
  /** It was replaced by a process of the same name, or said goodbye. */
  isGone: boolean;
}

/** So long without a word, from itself or of it, and a member is dead. */
export const deadAfterMs = 5_000;
/** So long without an answer, and it is uncertain whether the others still count on us: a second before they may take over. */
export const leaseMs = 4_000;
const outOfTouchMs = 15_000;
/** Of who is dead is told for so long. */
const rememberedMs = 15 * 60_000;

/** Knows the other collectors of the cluster, and who of them is alive. */
export class Members {
  readonly #byName = new Map<string, Member>();

  get(name: string): Member | undefined {
    return this.#byName.get(name);
  }

  all(): IterableIterator<Member> {
    return this.#byName.values();
  }

  /**
   * Takes what a member says. `sentMs`: it answers what was sent then. Returns what stands against it: another of its name is alive.
   * `ownBase` stands in for its own where it says that it is the same.
   */
  hear(said: Hello, nowMs: number, sentMs: number | undefined, ownBase: Base): Member | string {
    let member = this.#byName.get(said.name);
    const hello = { ...said, base: completed(said.base, ownBase, member?.hello.base) };
    if (member !== undefined && member.instance !== hello.instance) {
      if (this.isAlive(member, nowMs) && member.address !== hello.address)
        return `the name ${hello.name} belongs to the collector at ${member.address}: give each its own --cluster.node-name`;
      member.isGone = true;
      member = undefined;
    }
    if (member === undefined) {
      member = {
        name: hello.name,
        instance: hello.instance,
        address: hello.address,
        hello,
        heardMs: nowMs,
        ackedMs: Number.NEGATIVE_INFINITY,
        reportedMs: Number.NEGATIVE_INFINITY,
        aliveSinceMs: nowMs,
        seen: new Map(),
        held: noKeys,
        isGone: false,
      };
      this.#byName.set(hello.name, member);
      this.#take(member, hello, nowMs);
    } else if (hello.number > member.hello.number) this.#take(member, hello, nowMs);
    if (!this.isAlive(member, nowMs)) member.aliveSinceMs = nowMs;
    member.heardMs = nowMs;
    if (sentMs !== undefined) member.ackedMs = Math.max(member.ackedMs, sentMs);
    return member;
  }

  #take(member: Member, hello: Hello, nowMs: number): void {
    member.hello = hello;
    member.address = hello.address;
    member.isGone = hello.state === "left";
    member.held = hello.held.length === 0 ? noKeys : new Set(hello.held);
    member.seen = new Map(hello.seen.map(({ instance, ageMs }) => [instance, nowMs - ageMs]));
    for (const other of this.#byName.values()) {
      const seenMs = member.seen.get(other.instance);
      if (seenMs === undefined || seenMs <= other.reportedMs) continue;
      if (!this.isAlive(other, nowMs)) other.aliveSinceMs = nowMs;
      other.reportedMs = seenMs;
    }
  }

  isAlive(member: Member, nowMs: number): boolean {
    return !member.isGone && nowMs - Math.max(member.heardMs, member.reportedMs) < deadAfterMs;
  }

  /** Whether it can be asked itself. */
  isInTouch(member: Member, nowMs: number): boolean {
    return !member.isGone && nowMs - member.heardMs < deadAfterMs;
  }

  /** Whether others hear it and we don't, for so long that there is no use in waiting for what it says. */
  isOutOfTouch(member: Member, nowMs: number): boolean {
    return nowMs - Math.max(member.heardMs, member.aliveSinceMs) >= outOfTouchMs;
  }

  /** Whether it certainly counts on us: it has answered lately, or one that has, has heard it. */
  isReachable(member: Member, nowMs: number): boolean {
    if (member.isGone) return false;
    if (nowMs - member.ackedMs < leaseMs) return true;
    for (const between of this.#byName.values())
      if (
        !between.isGone &&
        nowMs - between.ackedMs < leaseMs &&
        nowMs - (between.seen.get(member.instance) ?? Number.NEGATIVE_INFINITY) < leaseMs
      )
        return true;
    return false;
  }

  alive(nowMs: number): Member[] {
    return [...this.#byName.values()].filter((member) => this.isAlive(member, nowMs));
  }

  forgetOld(nowMs: number): void {
    for (const [name, member] of this.#byName) if (nowMs - member.heardMs > rememberedMs) this.#byName.delete(name);
  }
}

function completed(said: Base, own: Base, before: Base | undefined): Base {
  if (said.members.length > 0) return said;
  if (said.id === own.id) return { ...said, members: own.members };
  // What is not known is told with the next message: until then it is no reason for anything.
  return said.id === before?.id ? { ...said, members: before.members } : { ...said, epoch: 0 };
}

const noKeys: ReadonlySet<number> = new Set();

/** The participants that a collector sees; two that see the same have the same `id`. */
export interface View {
  readonly id: number;
  readonly instances: ReadonlyMap<string, number>;
}

export function viewOf(participants: Iterable<readonly [name: string, instance: number]>): View {
  const sorted = [...participants].sort(([one], [other]) => (one < other ? -1 : 1));
  return { id: hash53(Buffer.from(JSON.stringify(sorted))), instances: new Map(sorted) };
}

export function isWorking(state: MemberState): boolean {
  return state === "participant" || state === "terminating";
}
