import type { Cluster, WorkShare } from "../component/cluster.ts";
import { type LoopSettings, type LoopSurroundings, ScrapeLoop, type TargetStatus } from "./scrape-loop.ts";
import { type JobSettings, type Target, targetOf } from "./target.ts";
import { decodeTargetState, encodeTargetState } from "./target-state.ts";

export interface PoolSettings {
  readonly job: JobSettings;
  readonly loop: Omit<LoopSettings, "forcedError">;
  /** 0: no limit. */
  readonly targetLimit: number;
}

/** The targets of one component, each with its loop. */
export class ScrapePool {
  readonly #around: LoopSurroundings;
  #settings: PoolSettings;
  readonly #loops = new Map<string, ScrapeLoop>();
  /** All targets that there are, whoever scrapes them. */
  #targets: ReadonlyMap<string, Target> = new Map();
  #loopSettings: LoopSettings;
  readonly #share: WorkShare | undefined;
  /** Loops of targets that are gone, until their series are marked as ended. */
  readonly #leaving = new Map<string, { readonly loop: ScrapeLoop; cancel: () => void }>();
  #isStopped = false;

  /** `cluster`: the targets are shared with its other collectors, by the name of `id`. */
  constructor(settings: PoolSettings, around: LoopSurroundings, sharing?: { readonly cluster: Cluster; readonly id: string }) {
    this.#settings = settings;
    this.#loopSettings = { ...settings.loop, forcedError: undefined };
    this.#around = around;
    this.#share = sharing?.cluster.share({
      id: sharing.id,
      take: (key, state) => this.#take(key, state),
      pause: (key) => this.#pause(key),
      resume: (key) => this.#resume(key),
      leave: (key) => void this.#hand(key),
    });
  }

  get size(): number {
    return this.#loops.size;
  }

  /** Scrapes these targets from now on, and those that are no longer among them no more. */
  async sync(discovered: readonly Readonly<Record<string, string>>[], settings: PoolSettings): Promise<void> {
    const { metrics, log } = this.#around;
    const before = this.#settings;
    this.#settings = settings;
    const { jobName } = settings.job;
    const targets = new Map<string, Target>();
    for (const [i, labels] of discovered.entries()) {
      const target = targetOf(labels, settings.job);
      if (typeof target !== "string") {
        if (!targets.has(target.key)) targets.set(target.key, target);
        continue;
      }
      metrics.syncFailures.of(jobName).add(1);
      log.error("creating target failed", { target: i, error: target });
    }
    metrics.poolSyncs.of(jobName).add(1);
    metrics.poolTargets.of(jobName).set(targets.size);
    metrics.poolTargetLimit.of(jobName).set(settings.targetLimit);
    metrics.targets.set(targets.size);
    const isTooMany = settings.targetLimit > 0 && targets.size > settings.targetLimit;
    if (isTooMany) metrics.exceededTargetLimit.add(1);
    const loopSettings: LoopSettings = {
      ...settings.loop,
      forcedError: isTooMany ? `target_limit exceeded (number of targets: ${targets.size}, limit: ${settings.targetLimit})` : undefined,
    };
    this.#targets = targets;
    this.#loopSettings = loopSettings;
    const stopped: Promise<void>[] = [];
    for (const [key, loop] of this.#loops) if (!targets.has(key)) stopped.push(this.#leave(key, loop));
    const keepsCaches = sameLabelling(before, settings);
    for (const [key, target] of targets) {
      const loop = this.#loops.get(key) ?? (this.#share === undefined ? this.#comeBack(key) : undefined);
      if (loop === undefined) {
        if (this.#share !== undefined) continue;
        const made = new ScrapeLoop(target, loopSettings, this.#around);
        this.#loops.set(key, made);
        made.start();
      } else if (keepsCaches) loop.configure(target, loopSettings);
      else stopped.push(this.#replace(key, loop, target, loopSettings));
    }
    this.#share?.offer(targets.keys());
    await Promise.all(stopped);
  }

  /** Ends all scrapes. Series are not marked as ended: the process comes back, or another takes over. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#share?.close();
    for (const { loop, cancel } of this.#leaving.values()) {
      cancel();
      loop.release();
    }
    this.#leaving.clear();
    const loops = [...this.#loops.values()];
    this.#loops.clear();
    await Promise.all(loops.map((loop) => loop.stop()));
    for (const loop of loops) loop.release();
  }

  /** Ends all scrapes for good: their series are marked as ended now, those of targets that are leaving as well. */
  async end(): Promise<void> {
    this.#isStopped = true;
    this.#share?.close();
    const leaving = [...this.#leaving.values()];
    const loops = [...this.#loops.values(), ...leaving.map(({ loop }) => loop)];
    for (const { cancel } of leaving) cancel();
    this.#leaving.clear();
    this.#loops.clear();
    const endMs = Math.round(this.#around.clock.now());
    await Promise.all(
      loops.map(async (loop) => {
        this.#around.onShed(loop, undefined);
        await loop.stop();
        await loop.end(endMs, nothing);
        loop.release();
      }),
    );
  }

  targets(): { readonly target: Target; readonly status: TargetStatus }[] {
    return [...this.#loops.values()].map(({ target, status }) => ({ target, status }));
  }

  /** Begins to scrape a target that is this collector's from now on. */
  #take(key: string, encoded: Uint8Array | undefined): void {
    const target = this.#targets.get(key);
    if (target === undefined || this.#isStopped || this.#loops.has(key)) return;
    const state = encoded === undefined ? undefined : decodeTargetState(encoded);
    const leaving = this.#comeBackTo(key);
    const loop = leaving ?? new ScrapeLoop(target, this.#loopSettings, this.#around);
    this.#loops.set(key, loop);
    if (leaving !== undefined) leaving.configure(target, this.#loopSettings);
    else if (state !== undefined) loop.inherit(state);
    loop.start(state?.lastTurnMs ?? loop.lastTurnMs);
  }

  /** Stops before another goes on; undefined while a scrape is under way. */
  #pause(key: string): Uint8Array | undefined {
    const loop = this.#loops.get(key);
    const state = loop === undefined ? { lastTurnMs: undefined, series: [] } : loop.state();
    if (state === undefined) return undefined;
    void loop?.stop();
    return encodeTargetState(state);
  }

  #resume(key: string): void {
    const loop = this.#loops.get(key);
    loop?.start(loop.lastTurnMs);
  }

  /** Another goes on with the target, or nobody for now: its series are not marked as ended. */
  async #hand(key: string): Promise<void> {
    const loop = this.#loops.get(key);
    if (loop === undefined) return;
    this.#loops.delete(key);
    this.#around.onShed(loop, undefined);
    await loop.stop();
    loop.release();
  }

  /** Stops a loop whose target is gone. Its series end only later: the target may come back with the next discovery. */
  async #leave(key: string, loop: ScrapeLoop): Promise<void> {
    const { clock } = this.#around;
    this.#loops.delete(key);
    const leaving = { loop, cancel: () => {} };
    this.#leaving.set(key, leaving);
    this.#around.onShed(loop, undefined);
    await loop.stop();
    if (this.#leaving.get(key) !== leaving || this.#isStopped) return;
    const { intervalMs } = loop.target;
    // The markers carry the time of the scrape that was due next.
    const staleMs = Math.round(clock.now() + intervalMs);
    leaving.cancel = clock.after(intervalMs * 2.1, () => {
      this.#leaving.delete(key);
      // It came back, and another collector scrapes it now.
      if (this.#targets.has(key) && !this.#loops.has(key)) loop.release();
      else void loop.end(staleMs, this.#loops.get(key)?.alive() ?? nothing).finally(() => loop.release());
    });
  }

  /** The loop of a target that was gone for a moment, with all that it knows. */
  #comeBack(key: string): ScrapeLoop | undefined {
    const loop = this.#comeBackTo(key);
    if (loop === undefined) return undefined;
    this.#loops.set(key, loop);
    loop.start();
    return loop;
  }

  #comeBackTo(key: string): ScrapeLoop | undefined {
    const leaving = this.#leaving.get(key);
    leaving?.cancel();
    this.#leaving.delete(key);
    return leaving?.loop;
  }

  /** New settings give series other labels: the old ones end now. */
  async #replace(key: string, loop: ScrapeLoop, target: Target, settings: LoopSettings): Promise<void> {
    const made = new ScrapeLoop(target, settings, this.#around);
    this.#loops.set(key, made);
    await loop.stop();
    await loop.end(Math.round(this.#around.clock.now()), nothing);
    loop.release();
    if (this.#loops.get(key) === made && !this.#isStopped) made.start();
  }
}

const nothing: ReadonlySet<number> = new Set();

/** Whether a series that was exposed under old settings has the same labels under the new ones. */
function sameLabelling(before: PoolSettings, after: PoolSettings): boolean {
  return (
    before.loop.labelRules.honorLabels === after.loop.labelRules.honorLabels &&
    before.loop.labelRules.validation === after.loop.labelRules.validation &&
    before.loop.typeAndUnitLabels === after.loop.typeAndUnitLabels
  );
}
