import type { Clock } from "../../component/clock.ts";
import type { Cluster, SharedWork, WorkShare } from "../../component/cluster.ts";
import type { Logger } from "../../component/context.ts";
import { AddressBook, type Place } from "./address-book.ts";
import type { AddressSource } from "./address-source.ts";
import { isWorking, type Member, Members, type View, viewOf } from "./members.ts";
import {
  type Base,
  type BaseMember,
  decodeGiveAnswer,
  decodeHello,
  decodeKeyStates,
  encodeGiveAnswer,
  encodeHello,
  encodeKeyStates,
  encodeRefusal,
  type GiveAnswer,
  type Hello,
  type KeyStates,
  type MemberState,
  protocolVersion,
} from "./messages.ts";
import { MinimumSize } from "./minimum-size.ts";
import type { PeerHandler, PeerNetwork } from "./network.ts";
import { Placement } from "./placement.ts";
import { goesOn, type Partner } from "./quorum.ts";
import { SharedKeys } from "./shared-keys.ts";

export interface ClusterOptions {
  readonly name: string;
  readonly node: string;
  /** Where others reach this collector. */
  readonly advertiseAddress: string;
  /** Undefined: nobody is looked for; others may come. */
  readonly source: AddressSource | undefined;
  /** 0: any. */
  readonly minimumSize: number;
  /** 0: for ever. */
  readonly minimumSizeTimeoutMs: number;
  readonly version: string;
  readonly network: PeerNetwork;
  readonly clock: Clock;
  readonly log: Logger;
  readonly random: () => number;
  /** Seconds of CPU time a second, as this process uses them. */
  load(): number;
}

/** What is told of one collector on pages. */
export interface PeerStatus {
  readonly name: string;
  readonly addr: string;
  readonly isSelf: boolean;
  readonly state: string;
  readonly version: string;
  readonly ready: boolean;
  readonly load: number;
  /** Keys that it does. */
  readonly keys: number;
  /** Since it was last heard. */
  readonly silentMs: number;
}

const tickMs = 250;
const helloEveryMs = 1_000;
const helloTimeoutMs = 1_500;
const giveTimeoutMs = 5_000;
const copyTimeoutMs = 2_000;
/** Members that come at the same time change the view once. */
const joinDelayMs = 200;
const meetingMs = 500;
/** Nothing is begun with for so long after joining, and while somebody came so short a time ago who has not joined yet. */
const calmMs = 1_000;
const arrivalMs = 3_000;
/** Listed addresses that did not answer by then are taken to be lost. */
const askedAllMs = 6_000;
/** Where no addresses could be had by then, a cluster begins with this collector alone. */
const sourceGraceMs = 10_000;
/** A name that belongs to another may become free: a process that was replaced is dead after five seconds. */
const conflictGraceMs = 8_000;
const farewellMs = 500;
/** Nobody takes what is left, for so long: the rest is left to those who find it. */
const unwantedMs = 8_000;

/**
 * One collector of a cluster: finds the others, agrees with them on who is there, and shares out work with them.
 *
 * Each says hello to each once a second. What all see is a view; where a key belongs follows from the view alone. A key is done by one at a time:
 * who has it and sees that it belongs to another hands it over, and who begins with a key that nobody handed over has heard of all others, in
 * answer to its own view, that they see the same and do not have the key.
 */
export class ClusterNode implements Cluster {
  readonly name: string;
  readonly node: string;
  readonly instance: number;
  readonly keys: SharedKeys;
  readonly #options: ClusterOptions;
  readonly #members = new Members();
  readonly #book = new AddressBook();
  readonly #size: MinimumSize;
  #state: MemberState = "viewer";
  #startedMs = 0;
  #number = 0;
  #view: View = viewOf([]);
  #viewSeq = 1;
  /** When a view with more members was first seen. */
  #growsSinceMs: number | undefined;
  /** Who worked together last. */
  #base: Base = { epoch: 0, id: 0, members: [] };
  #hasJoined = false;
  #joinedMs = 0;
  #hasQuorum = false;
  #doubtedSinceMs: number | undefined;
  #isWorking = false;
  #sourceHasAnswered = false;
  #sourceProblem: string | undefined;
  #conflict: string | undefined;
  #stopSource = () => {};
  #cancelTick = () => {};
  #cancelWake: (() => void) | undefined;
  #isPushDue = false;
  #secondMs = 0;
  #isClosed = false;

  constructor(options: ClusterOptions) {
    const { clock, random } = options;
    this.#options = options;
    this.name = options.name;
    this.node = options.node;
    this.instance = Math.floor(random() * 2 ** 52) + 1;
    this.#size = new MinimumSize(options.minimumSize, options.minimumSizeTimeoutMs, options.log);
    this.keys = new SharedKeys({
      self: options.node,
      instance: this.instance,
      clock,
      give: (owner, states) => this.#give(owner, states),
      copy: (owner, states) => this.#copy(owner, states),
      isAlive: (owner) => {
        const member = this.#members.get(owner);
        return !this.#isClosed && member !== undefined && this.#members.isInTouch(member, clock.monotonic());
      },
      wake: () => this.#wake(),
      gave: (owner) => this.#askSoon(owner),
    });
  }

  /** Looks for the others; from `ready` on this collector takes work. */
  start(): void {
    const { clock, source, log, node, advertiseAddress } = this.#options;
    log.info("starting cluster node", {
      node,
      advertise_addr: advertiseAddress,
      peers: source?.description ?? "none: others may join",
      minimum_cluster_size: this.#options.minimumSize,
    });
    this.#startedMs = clock.monotonic();
    this.#size.start(this.#startedMs);
    this.#stopSource =
      source?.start({
        found: (addresses) => this.#found(addresses),
        failed: (reason) => this.#sourceFailed(reason),
      }) ?? (() => {});
    if (source === undefined) this.#sourceHasAnswered = true;
    this.#tick();
  }

  share(work: SharedWork): WorkShare {
    return this.keys.share(work);
  }

  /** Hands over all keys until `deadline`, and says goodbye. */
  async leave(deadline: AbortSignal): Promise<void> {
    const { clock, log } = this.#options;
    if (this.#state === "participant") {
      this.#state = "terminating";
      log.info("leaving the cluster", { keys: this.keys.owned });
      this.#refresh();
      let least = this.keys.owned;
      let leastMs = clock.monotonic();
      while (this.keys.owned > 0 && this.#view.instances.size > 0 && this.#isWorking && !deadline.aborted) {
        await new Promise<void>((resolve) => void clock.after(50, resolve));
        if (this.keys.owned < least) {
          least = this.keys.owned;
          leastMs = clock.monotonic();
        } else if (clock.monotonic() - leastMs > unwantedMs) break;
      }
    }
    this.#state = "left";
    this.keys.work(false);
    this.#isWorking = false;
    const calls = [...this.#book.all()].filter(({ outcome }) => outcome === "answered").map((place) => this.#ask(place));
    await Promise.race([Promise.all(calls), new Promise<void>((resolve) => void clock.after(farewellMs, resolve))]);
    this.close();
  }

  /** Ends at once, without a word. */
  close(): void {
    this.#isClosed = true;
    this.#stopSource();
    this.#cancelTick();
    this.#cancelWake?.();
    for (const { address } of this.#book.all()) this.#options.network.forget(address);
  }

  /** What peers ask. */
  readonly handle: PeerHandler = (method, message) => {
    switch (method) {
      case "Hello":
        return this.#heard(message);
      case "Give":
        return encodeGiveAnswer(this.#isClosed ? { taken: [] } : this.keys.receiveGive(decodeKeyStates(message)));
      case "Copy":
        this.keys.receiveCopies(decodeKeyStates(message));
        return new Uint8Array(0);
      default:
        return method satisfies never;
    }
  };

  get state(): MemberState {
    return this.#state;
  }

  /** Whether components that share work may work. */
  get isReadyForTraffic(): boolean {
    return this.#isWorking;
  }

  get isPartitioned(): boolean {
    return this.#hasJoined && !this.#hasQuorum;
  }

  /** How many collectors there should be. */
  get expected(): number {
    const listed = [...this.#book.all()].filter(({ isListed, outcome }) => isListed && outcome !== "self").length;
    return Math.max(
      this.#options.minimumSize,
      this.#hasQuorum ? 0 : this.#base.members.length,
      this.#options.source === undefined ? 0 : listed + 1,
    );
  }

  /** How many there are, this one included. */
  get size(): number {
    return 1 + this.#members.alive(this.#options.clock.monotonic()).length;
  }

  /** Why work that is shared does not go on here; undefined: it does. */
  problem(): string | undefined {
    const counted = `expected ${this.expected}, see ${this.size}`;
    if (this.isPartitioned) {
      const nowMs = this.#options.clock.monotonic();
      const lost = this.#lastTogether(nowMs).members.filter((member) => this.#fateOf(member, nowMs) === "lost");
      return `on the smaller side of a partition: ${counted}; without contact: ${lost.map(({ name }) => name).join(", ")}`;
    }
    if (this.#conflict !== undefined) return `not admitted to the cluster: ${this.#conflict}`;
    if (!this.#hasJoined && this.#sourceProblem !== undefined) return `other collectors can't be found: ${this.#sourceProblem}`;
    if (!this.#hasJoined) return `looking for the other collectors: ${counted}`;
    return this.#size.isReached ? undefined : `waiting for the cluster to grow: ${counted}`;
  }

  peers(): PeerStatus[] {
    const nowMs = this.#options.clock.monotonic();
    const own = this.#hello(undefined);
    const others = this.#members.alive(nowMs).map(({ hello, heardMs }) => peerStatus(hello, false, hello.hasQuorum, nowMs - heardMs));
    return [peerStatus(own, true, this.#isWorking, 0), ...others].sort((one, other) => (one.name < other.name ? -1 : 1));
  }

  #tick(): void {
    const { clock } = this.#options;
    const nowMs = clock.monotonic();
    for (const place of this.#book.all()) if (place.nextMs <= nowMs) void this.#ask(place);
    this.#refresh();
    if (nowMs - this.#secondMs >= 1000) {
      this.#secondMs = nowMs;
      this.keys.tick();
      this.#members.forgetOld(nowMs);
      this.#book.forgetOld(nowMs, (address) => this.#options.network.forget(address));
    }
    this.#cancelTick = clock.after(tickMs, () => this.#tick());
  }

  #found(addresses: readonly string[]): void {
    this.#sourceHasAnswered = true;
    this.#sourceProblem = undefined;
    this.#book.list(addresses, this.#options.clock.monotonic());
    this.#wake();
  }

  #sourceFailed(reason: string): void {
    if (this.#sourceProblem !== reason)
      this.#options.log.warn("other collectors of the cluster can't be found; trying again", { err: reason });
    this.#sourceProblem = reason;
  }

  async #ask(place: Place): Promise<void> {
    const { clock, network, random } = this.#options;
    if (place.outcome === "self") return;
    if (place.isAsking && this.#state !== "left") {
      place.isDue = true;
      return;
    }
    if (place.instance !== undefined && place.outcome !== "answered" && this.#book.isAskedElsewhere(place.instance, place.address)) return;
    place.isDue = false;
    const sentMs = clock.monotonic();
    place.isAsking = true;
    // Not all in the same moment, and not all with the same period.
    place.nextMs = sentMs + helloEveryMs * (0.9 + 0.1 * random());
    const to = this.#memberAt(place);
    const answer = await network.call(place.address, "Hello", encodeHello(this.#hello(to)), helloTimeoutMs);
    place.isAsking = false;
    if (this.#isClosed) return;
    if (answer.kind === "answered") this.#answered(place, answer.message, sentMs);
    else this.#book.note(place, answer);
    if (place.isDue) void this.#ask(place);
  }

  #answered(place: Place, message: Uint8Array, sentMs: number): void {
    const hello = decodeHello(message);
    const finding = "reason" in hello ? hello.reason : this.#unfit(hello);
    if (finding !== undefined || "reason" in hello) this.#rejected(place, finding ?? "");
    else if (hello.instance === this.instance) place.outcome = "self";
    else {
      place.outcome = "answered";
      place.instance = hello.instance;
      this.#hear(hello, sentMs);
    }
  }

  #rejected(place: Place, reason: string): void {
    if (place.outcome !== "rejected" || place.reason !== reason)
      this.#options.log.warn("failed to join memberlist", { peer: place.address, err: reason });
    place.outcome = "rejected";
    place.reason = reason;
    const member = this.#memberAt(place);
    // Who does not take us is no member of ours.
    if (member !== undefined) member.isGone = true;
  }

  #heard(message: Uint8Array): Uint8Array {
    const hello = decodeHello(message);
    if ("reason" in hello) return encodeRefusal({ reason: "a hello was expected" });
    if (hello.instance === this.instance) return encodeHello(this.#hello(undefined));
    const finding = this.#unfit(hello);
    if (finding !== undefined) return encodeRefusal({ reason: finding });
    const place = this.#book.name(hello.address, this.#options.clock.monotonic());
    if (place.outcome === "rejected") {
      // Asked again soon: what stood between us may be over.
      return encodeRefusal({ reason: place.reason });
    }
    const member = this.#hear(hello, undefined);
    return typeof member === "string" ? encodeRefusal({ reason: member }) : encodeHello(this.#hello(member));
  }

  #unfit({ protocol, cluster, name, address, instance }: Hello): string | undefined {
    if (instance === this.instance) return undefined;
    if (protocol !== protocolVersion)
      return `peers speak version ${protocolVersion} of the protocol, not ${protocol}: run the same release`;
    if (cluster !== this.name) return `the cluster is named ${JSON.stringify(this.name)}, not ${JSON.stringify(cluster)}`;
    if (name === this.node)
      return `the name ${name} belongs to the collector at ${this.#nameOwner(address)}: give each its own --cluster.node-name`;
    return undefined;
  }

  #nameOwner(asking: string): string {
    return this.#options.advertiseAddress === asking ? "the same address" : this.#options.advertiseAddress;
  }

  #hear(hello: Hello, sentMs: number | undefined): Member | string {
    const nowMs = this.#options.clock.monotonic();
    const before = this.#members.get(hello.name)?.hello;
    const member = this.#members.hear(hello, nowMs, sentMs, this.#base);
    if (typeof member === "string") return member;
    for (const { address } of hello.seen) if (address !== "") this.#book.name(address, nowMs);
    if (before === undefined || saysSomethingNew(before, hello)) this.#wake();
    return member;
  }

  #memberAt(place: Place): Member | undefined {
    let there: Member | undefined;
    for (const member of this.#members.all()) {
      if (member.instance === place.instance) return member;
      if (member.address === place.address && !member.isGone) there = member;
    }
    return there;
  }

  #hello(to: Member | undefined): Hello {
    const { clock, advertiseAddress, version } = this.#options;
    const nowMs = clock.monotonic();
    const held = to === undefined ? [] : this.keys.heldFor(to.name);
    const seen = [...this.#members.all()]
      .filter((member) => member !== to && this.#members.isInTouch(member, nowMs))
      .map(({ instance, address, heardMs }) => ({
        instance,
        address: to?.seen.has(instance) === true ? "" : address,
        ageMs: nowMs - heardMs,
      }));
    return {
      protocol: protocolVersion,
      cluster: this.name,
      name: this.node,
      instance: this.instance,
      address: advertiseAddress,
      state: this.#state,
      version,
      load: this.#options.load(),
      keys: this.keys.owned,
      number: ++this.#number,
      view: this.#view.id,
      viewSeq: this.#viewSeq,
      echo: to?.hello.viewSeq ?? 0,
      hasQuorum: this.#hasQuorum,
      base: to !== undefined && to.hello.base.id === this.#base.id ? { ...this.#base, members: [] } : this.#base,
      isSettled: held !== undefined,
      held: held ?? [],
      seen,
    };
  }

  /** Looks at everything anew, soon, but once. */
  #wake(): void {
    if (this.#isClosed) return;
    this.#cancelWake ??= this.#options.clock.after(0, () => {
      this.#cancelWake = undefined;
      this.#refresh();
    });
  }

  #refresh(): void {
    const nowMs = this.#options.clock.monotonic();
    if (this.#isClosed || this.#state === "left") return;
    if (this.#state === "viewer" && this.#mayJoin(nowMs)) this.#join();
    this.#see(nowMs);
    this.#decide(nowMs);
    if (this.#isWorking && this.keys.isBusy) this.#settle(nowMs);
    if (this.#isPushDue) this.#push();
  }

  #mayJoin(nowMs: number): boolean {
    const waitedMs = nowMs - this.#startedMs;
    const places = [...this.#book.all()];
    this.#conflict = places.find(({ outcome, isListed }) => outcome === "rejected" && isListed)?.reason;
    if (this.#conflict !== undefined) return waitedMs > conflictGraceMs;
    const alive = this.#members.alive(nowMs);
    if (alive.some((member) => member.hello.hasQuorum && this.#members.isReachable(member, nowMs))) return true;
    if (!this.#sourceHasAnswered) {
      if (waitedMs <= sourceGraceMs) return false;
      this.#options.log.warn("failed to get peers to join at startup; will create a new cluster", { err: this.#sourceProblem ?? "" });
      return true;
    }
    const listed = places.filter(({ isListed }) => isListed);
    if (waitedMs <= askedAllMs && listed.some(({ outcome }) => outcome === "unknown" || outcome === "silent")) return false;
    const lost = listed.filter(({ outcome }) => outcome === "unknown" || outcome === "silent").map(({ address }) => address);
    if (1 + alive.length !== lost.length) return 1 + alive.length > lost.length;
    const [firstHere = ""] = [this.#options.advertiseAddress, ...alive.map(({ address }) => address)].sort();
    const [firstLost = ""] = lost.sort();
    return firstHere < firstLost;
  }

  #join(): void {
    this.#state = "participant";
    this.#hasJoined = true;
    this.#joinedMs = this.#options.clock.monotonic();
    this.#options.log.info("joined the cluster", { peers_count: this.size });
    this.#isPushDue = true;
  }

  /** Who participates now. */
  #see(nowMs: number): void {
    const participants: [string, number][] = [];
    for (const member of this.#members.alive(nowMs))
      if (member.hello.state === "participant") participants.push([member.name, member.instance]);
    if (this.#state === "participant") participants.push([this.node, this.instance]);
    const view = viewOf(participants);
    if (view.id === this.#view.id) {
      this.#growsSinceMs = undefined;
      return;
    }
    if (this.#isWorking && isGrowth(this.#view, view)) {
      this.#growsSinceMs ??= nowMs;
      if (nowMs - this.#growsSinceMs < joinDelayMs) return;
    }
    this.#growsSinceMs = undefined;
    this.#view = view;
    this.#viewSeq++;
    this.#isPushDue = true;
    this.#options.log.info("peers changed", {
      peers_count: view.instances.size,
      min_cluster_size: this.#options.minimumSize,
      peers: [...view.instances.keys()].slice(0, 10).join(","),
    });
    this.keys.place(new Placement(view.instances.keys()), view.id);
  }

  /** Whether this collector may work now. */
  #decide(nowMs: number): void {
    const base = this.#lastTogether(nowMs);
    const had = this.#hasQuorum;
    const goesOnAfter = ({ members }: Base) =>
      this.#hasJoined && goesOn(members.map((member) => ({ name: member.name, fate: this.#fateOf(member, nowMs) })));
    const isAgreed = goesOnAfter(base);
    if (isAgreed || !had) this.#doubtedSinceMs = undefined;
    else this.#doubtedSinceMs ??= nowMs;
    // Clusters that meet hear of each other one by one: who goes on by its own count waits for the rest.
    const isPatient = had && base !== this.#base && nowMs - (this.#doubtedSinceMs ?? nowMs) < meetingMs && goesOnAfter(this.#base);
    this.#hasQuorum = isAgreed || isPatient;
    if (isAgreed) this.#base = this.#withView(base);
    this.#size.look(this.size, nowMs);
    const works = this.#hasQuorum && isWorking(this.#state) && this.#size.isReached;
    if (had !== this.#hasQuorum && this.#hasJoined && base.members.length > 0) {
      this.#isPushDue = true;
      if (this.#hasQuorum) this.#options.log.info("the cluster is whole again, or whole enough; clustered components go on");
      else this.#options.log.error("clustered components stop", { err: this.problem() ?? "" });
    }
    if (works === this.#isWorking) return;
    this.#isWorking = works;
    this.#isPushDue = true;
    this.keys.work(works);
  }

  /** The latest group that worked together, as far as this collector and those it reaches know. */
  #lastTogether(nowMs: number): Base {
    let latest = this.#base;
    for (const member of this.#members.all()) {
      const { base } = member.hello;
      const isLater = base.epoch > latest.epoch || (base.epoch === latest.epoch && base.id > latest.id);
      if (isLater && this.#members.isReachable(member, nowMs)) latest = base;
    }
    return latest;
  }

  /** Those that work together from now on. */
  #withView(base: Base): Base {
    const { id, instances } = this.#view;
    if (base.id === id) return base;
    const members = [...instances].map(([name, instance]) => ({
      name,
      instance,
      address: name === this.node ? this.#options.advertiseAddress : (this.#members.get(name)?.address ?? ""),
    }));
    return { epoch: base.epoch + 1, id, members };
  }

  #fateOf({ name, instance, address }: BaseMember, nowMs: number): Partner["fate"] {
    if (instance === this.instance) return "reachable";
    const member = this.#members.get(name);
    if (member !== undefined) {
      const isThat = member.instance === instance;
      if (isThat && this.#members.isReachable(member, nowMs)) return "reachable";
      // It said goodbye, or another process has its name.
      if (isThat ? member.isGone : this.#members.isAlive(member, nowMs)) return "gone";
    }
    const place = this.#book.get(address);
    if (place?.outcome === "refused") return "gone";
    const isDelisted = this.#options.source?.isAuthoritative === true && place?.wasListed === true && !place.isListed;
    return isDelisted ? "gone" : "lost";
  }

  #settle(nowMs: number): void {
    const alive = this.#members.alive(nowMs);
    const others = alive.filter((member) => isWorking(member.hello.state) && !this.#members.isOutOfTouch(member, nowMs));
    const agree = others.every(({ hello }) => hello.view === this.#view.id && hello.echo === this.#viewSeq && hello.isSettled);
    // Collectors that start together find each other first: else each begins with everything, and gives most of it away at once.
    const isCalm =
      nowMs - this.#joinedMs >= calmMs &&
      !alive.some(({ hello, aliveSinceMs }) => hello.state === "viewer" && nowMs - aliveSinceMs < arrivalMs);
    this.keys.settle((hash) => agree && isCalm && this.#state === "participant" && !others.some(({ held }) => held.has(hash)));
  }

  #push(): void {
    this.#isPushDue = false;
    const nowMs = this.#options.clock.monotonic();
    for (const place of this.#book.all()) {
      if (place.outcome !== "answered") continue;
      place.nextMs = nowMs;
      void this.#ask(place);
    }
  }

  #askSoon(owner: string): void {
    const place = this.#placeOf(owner);
    if (place !== undefined) void this.#ask(place);
  }

  #placeOf(owner: string): Place | undefined {
    const member = this.#members.get(owner);
    if (member === undefined) return undefined;
    const own = this.#book.get(member.address);
    if (own?.outcome === "answered") return own;
    for (const place of this.#book.all()) if (place.instance === member.instance && place.outcome === "answered") return place;
    return own;
  }

  async #give(owner: string, states: KeyStates): Promise<GiveAnswer | undefined> {
    const place = this.#placeOf(owner);
    if (place === undefined) return undefined;
    const answer = await this.#options.network.call(place.address, "Give", encodeKeyStates(states), giveTimeoutMs);
    // Nobody is there any more: what it may have taken it does not do.
    if (answer.kind === "refused") return { taken: [] };
    return answer.kind === "answered" ? decodeGiveAnswer(answer.message) : undefined;
  }

  async #copy(owner: string, states: KeyStates): Promise<void> {
    const place = this.#placeOf(owner);
    if (place !== undefined) await this.#options.network.call(place.address, "Copy", encodeKeyStates(states), copyTimeoutMs);
  }
}

function saysSomethingNew(before: Hello, now: Hello): boolean {
  return (
    before.instance !== now.instance ||
    before.state !== now.state ||
    before.view !== now.view ||
    before.viewSeq !== now.viewSeq ||
    before.echo !== now.echo ||
    before.isSettled !== now.isSettled ||
    before.hasQuorum !== now.hasQuorum ||
    before.base.epoch !== now.base.epoch ||
    before.held.length !== now.held.length
  );
}

function isGrowth(before: View, after: View): boolean {
  for (const [name, instance] of before.instances) if (after.instances.get(name) !== instance) return false;
  return true;
}

function peerStatus({ name, address, state, version, load, keys }: Hello, isSelf: boolean, ready: boolean, silentMs: number): PeerStatus {
  return { name, addr: address, isSelf, state, version, ready, load, keys, silentMs: Math.round(silentMs) };
}
