import type { Clock } from "../component/clock.ts";
import { ApiError } from "./api-error.ts";
import type { ApiServer } from "./api-server.ts";
import type { WireObject } from "./kind.ts";
import { pause } from "./pause.ts";

export interface LeaseOptions {
  readonly server: ApiServer;
  readonly namespace: string;
  readonly name: string;
  /** Whoever holds it is known by this: one process only. */
  readonly identity: string;
  readonly clock: Clock;
  /** Numbers from 0 to 1. */
  readonly random: () => number;
  /** What the next holder should know; written with each renewal. */
  note(): string;
  /** The lease is ours; `note` is what the last holder left. */
  held(note: string | undefined): void;
  /** It is no longer ours, or may not be: what it stands for ends before this resolves. */
  lost(): Promise<void>;
  /** The API server can't be asked; undefined: it can again. */
  trouble(error: Error | undefined): void;
}

export const leaseAccess = { group: "coordination.k8s.io", resource: "leases", verbs: ["get", "create", "update"] } as const;

const kind = { group: "coordination.k8s.io", version: "v1", resource: "leases" } as const;
/** Others wait so long after the last renewal that they saw … */
const durationMs = 10_000;
/** … and the holder ends this much before. */
const giveUpAfterMs = 7_000;
const renewMs = 2_000;
const noteAnnotation = "invar.dev/note";

interface WireLease extends WireObject {
  readonly spec?: {
    readonly holderIdentity?: string;
    readonly leaseDurationSeconds?: number;
    readonly acquireTime?: string;
    readonly renewTime?: string;
    readonly leaseTransitions?: number;
  };
}

/**
 * Holds a Lease of Kubernetes, or waits for it. Of all that use the same name one holds it at a time: clocks of different machines are not
 * compared, each measures how long the lease has not changed.
 */
export class LeaseElection {
  readonly #options: LeaseOptions;
  readonly #ended = new AbortController();
  #working: Promise<void> | undefined;
  #isHeld = false;
  /** By the clock that never jumps: when the last renewal that worked was begun. */
  #renewedMs = 0;
  #seen = { version: "", sinceMs: 0 };

  constructor(options: LeaseOptions) {
    this.#options = options;
  }

  start(): void {
    this.#working ??= this.#work();
  }

  /** Ends; what was held goes to whoever asks next, at once. */
  async stop(): Promise<void> {
    this.#ended.abort();
    await this.#working;
    if (!this.#isHeld) return;
    this.#isHeld = false;
    await this.#options.lost();
    await this.#release();
  }

  async #work(): Promise<void> {
    const { clock, random, trouble } = this.#options;
    const { signal } = this.#ended;
    while (!signal.aborted) {
      try {
        await this.#turn();
        trouble(undefined);
      } catch (error) {
        if (signal.aborted) break;
        trouble(error instanceof Error ? error : new Error(String(error)));
      }
      if (this.#isHeld && clock.monotonic() - this.#renewedMs >= giveUpAfterMs) {
        this.#isHeld = false;
        await this.#options.lost();
      }
      await pause(clock, renewMs * (0.8 + 0.2 * random()), signal);
    }
  }

  async #turn(): Promise<void> {
    const { server, namespace, name, clock, identity } = this.#options;
    const begunMs = clock.monotonic();
    // An answer that comes after we have given up would be believed too late.
    const signal = AbortSignal.any([this.#ended.signal, AbortSignal.timeout(giveUpAfterMs - renewMs)]);
    const lease = (await server.get(kind, namespace, name, signal)) as WireLease | undefined;
    if (lease !== undefined && lease.spec?.holderIdentity !== identity && !this.#isFree(lease)) {
      if (this.#isHeld) {
        this.#isHeld = false;
        await this.#options.lost();
      }
      return;
    }
    const wasOurs = lease?.spec?.holderIdentity === identity;
    try {
      await server.put(kind, this.#written(lease, identity), { verb: lease === undefined ? "create" : "update" }, signal);
    } catch (error) {
      // Another was first.
      if (error instanceof ApiError && error.status === 409) return;
      throw error;
    }
    this.#renewedMs = begunMs;
    if (this.#isHeld) return;
    this.#isHeld = true;
    // Whoever comes back under the same name goes on from what it wrote itself.
    this.#options.held(lease?.metadata?.annotations?.[noteAnnotation] ?? (wasOurs ? "" : undefined));
  }

  /** Nobody holds it, or whoever does has not renewed it for as long as we have looked. */
  #isFree({ spec = {}, metadata = {} }: WireLease): boolean {
    const nowMs = this.#options.clock.monotonic();
    const version = metadata.resourceVersion ?? "";
    if (this.#seen.version !== version) this.#seen = { version, sinceMs: nowMs };
    if (!spec.holderIdentity) return true;
    return nowMs - this.#seen.sinceMs >= (spec.leaseDurationSeconds ?? durationMs / 1000) * 1000;
  }

  #written(lease: WireLease | undefined, holder: string): WireLease & { apiVersion: string; kind: string } {
    const { namespace, name, clock, note } = this.#options;
    const now = new Date(clock.now()).toISOString().replace("Z", "000Z");
    const { spec = {}, metadata = {} } = lease ?? {};
    const isNew = spec.holderIdentity !== holder;
    // Until it is ours the note is that of who held it before.
    const written = this.#isHeld ? note() : metadata.annotations?.[noteAnnotation];
    return {
      apiVersion: "coordination.k8s.io/v1",
      kind: "Lease",
      metadata: {
        ...metadata,
        namespace,
        name,
        annotations: { ...metadata.annotations, ...(written !== undefined && { [noteAnnotation]: written }) },
      },
      spec: {
        ...spec,
        holderIdentity: holder,
        leaseDurationSeconds: durationMs / 1000,
        renewTime: now,
        ...(isNew && { acquireTime: now, leaseTransitions: (spec.leaseTransitions ?? 0) + (lease === undefined ? 0 : 1) }),
      },
    };
  }

  async #release(): Promise<void> {
    const { server, namespace, name, identity, note } = this.#options;
    const signal = AbortSignal.timeout(renewMs);
    try {
      const lease = (await server.get(kind, namespace, name, signal)) as WireLease | undefined;
      if (lease?.spec?.holderIdentity !== identity) return;
      const written = this.#written(lease, "");
      const annotations = { ...written.metadata?.annotations, [noteAnnotation]: note() };
      await server.put(kind, { ...written, metadata: { ...written.metadata, annotations } } as WireObject, { verb: "update" }, signal);
    } catch {
      // It runs out by itself: the next holder waits a little longer.
    }
  }
}
