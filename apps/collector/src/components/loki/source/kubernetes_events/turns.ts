import { hash32 } from "../../../../bytes/hash.ts";
import type { SharedWork } from "../../../../component/cluster.ts";
import type { ComponentContext } from "../../../../component/context.ts";
import { ApiError } from "../../../../kubernetes/api-error.ts";
import type { ApiServer } from "../../../../kubernetes/api-server.ts";
import { LeaseElection } from "../../../../kubernetes/lease.ts";

/** What is shared: the watches of namespaces, and how far each has come. */
export interface Watches {
  readonly keys: readonly string[];
  open(key: string, seen: number | undefined): void;
  /** Resolves when nothing is read any more. */
  close(key: string): Promise<void>;
  /** Up to where events are safe. */
  position(key: string): number | undefined;
  /** Whether events were taken up that are not safe yet. */
  isUnderWay(key: string): boolean;
}

/** Decides when this collector has its turn. */
export interface Turns {
  start(): void;
  stop(): Promise<void>;
}

/** What is under way when a watch moves may take so long to become safe; else the next one reads it again. */
const patienceMs = 3_000;

/**
 * Where collectors work together: one of them watches all. In a pod that may hold a Lease the API server itself sees to it, otherwise those that
 * agree on the members of the cluster.
 */
export function turnsOf(context: ComponentContext, server: ApiServer, watches: Watches): Turns | undefined {
  const { cluster } = context.peers;
  if (cluster === undefined) return undefined;
  const byMembers = () => memberTurns(context, watches);
  const { ownNamespace } = server;
  if (ownNamespace === undefined) return byMembers();
  let turns: Turns;
  let isEnded = false;
  const election = new LeaseElection({
    server,
    namespace: ownNamespace,
    name: `invar-events-${hash32(Buffer.from(`${cluster.name}\0${context.globalId}`))
      .toString(16)
      .padStart(8, "0")}`,
    identity: cluster.node,
    clock: context.clock,
    random: Math.random,
    note: () => JSON.stringify(Object.fromEntries(watches.keys.map((key) => [key, watches.position(key) ?? 0]))),
    held(note) {
      context.log.info("watching events for all collectors of the cluster");
      const positions = readNote(note);
      for (const key of watches.keys) watches.open(key, positions.get(key));
    },
    lost: () => closeAll(context, watches),
    trouble(error) {
      const isForbidden = error instanceof ApiError && error.status === 403;
      if (error !== undefined) context.log.warn("the Lease for events can't be had", { err: error.message });
      if (!isForbidden || isEnded || turns !== leased) return;
      context.log.warn("the members of the cluster decide who watches events");
      turns = byMembers();
      turns.start();
      void election.stop();
    },
  });
  const leased: Turns = { start: () => election.start(), stop: () => election.stop() };
  turns = leased;
  return {
    start: () => turns.start(),
    stop() {
      isEnded = true;
      return turns.stop();
    },
  };
}

/** By the cluster's own members: each namespace belongs to one. */
function memberTurns(context: ComponentContext, watches: Watches): Turns {
  const { cluster } = context.peers;
  const pausing = new Map<string, { readonly sinceMs: number; isClosed: boolean }>();
  const begin = (key: string) => {
    const pause = { sinceMs: context.clock.monotonic(), isClosed: false };
    pausing.set(key, pause);
    void watches.close(key).then(() => {
      pause.isClosed = true;
    });
    return pause;
  };
  const encoded = (key: string) => Buffer.from(JSON.stringify(watches.position(key) ?? 0));
  const work: SharedWork = {
    id: context.globalId,
    take(key, state) {
      const seen = state === undefined ? undefined : Number(Buffer.from(state).toString());
      watches.open(key, Number.isSafeInteger(seen) ? seen : undefined);
    },
    pause(key) {
      const { isClosed, sinceMs } = pausing.get(key) ?? begin(key);
      if (!isClosed || (watches.isUnderWay(key) && context.clock.monotonic() - sinceMs < patienceMs)) return undefined;
      return encoded(key);
    },
    resume(key) {
      pausing.delete(key);
      watches.open(key, undefined);
    },
    leave(key) {
      if (!pausing.delete(key)) void watches.close(key);
    },
    copy: encoded,
  };
  const share = cluster?.share(work);
  return {
    start: () => share?.offer(watches.keys),
    async stop() {
      share?.close();
      await Promise.all(watches.keys.map((key) => watches.close(key)));
    },
  };
}

async function closeAll({ clock }: ComponentContext, watches: Watches): Promise<void> {
  await Promise.all(watches.keys.map((key) => watches.close(key)));
  // What becomes safe now need not be read again by the next.
  for (let waitedMs = 0; waitedMs < patienceMs && watches.keys.some((key) => watches.isUnderWay(key)); waitedMs += 50)
    await new Promise<void>((resolve) => void clock.after(50, resolve));
}

function readNote(note: string | undefined): ReadonlyMap<string, number> {
  try {
    const value: unknown = JSON.parse(note ?? "{}");
    if (typeof value !== "object" || value === null) return new Map();
    return new Map(Object.entries(value).filter((entry): entry is [string, number] => Number.isSafeInteger(entry[1])));
  } catch {
    // Somebody else wrote it: then as if nobody had.
    return new Map();
  }
}
