import type { Clock } from "../../component/clock.ts";

/** Decides for each new trace, by its id and the name of its first span, whether it is kept. */
export type Sampler = (traceId: Buffer, name: string) => boolean;

const TWO_32 = 2 ** 32;

/** Keeps this fraction of all traces: the same ones wherever else this is done by id. */
export function fractionSampler(fraction: number): Sampler {
  if (fraction >= 1) return () => true;
  if (!(fraction > 0)) return () => false;
  return (traceId) => (traceId.readUInt32BE(8) * TWO_32 + traceId.readUInt32BE(12)) / 2 ** 64 < fraction;
}

/** The same by Jaeger's part of the id. */
export function jaegerFractionSampler(fraction: number): Sampler {
  const bounded = Math.min(Math.max(fraction, 0), 1);
  return (traceId) => (traceId.readUInt32BE(0) & 0x7fffffff) * TWO_32 + traceId.readUInt32BE(4) <= bounded * 2 ** 63;
}

/** Keeps so many traces a second, and never fewer than one in a burst. */
export function rateSampler(perSecond: number, clock: Clock): Sampler {
  const most = Math.max(perSecond, 1);
  let credit = most;
  let lastMs = clock.monotonic();
  return () => {
    const now = clock.monotonic();
    credit = Math.min(credit + ((now - lastMs) / 1000) * perSecond, most);
    lastMs = now;
    if (credit < 1) return false;
    credit--;
    return true;
  };
}

export interface OperationStrategies {
  readonly defaultFraction: number;
  readonly lowerBoundPerSecond: number;
  readonly fractions: ReadonlyMap<string, number>;
}

/** A fraction for each operation, of which at least some traces are kept; past `maxOperations` all others share the default. */
export function operationSampler(strategies: OperationStrategies, maxOperations: number, clock: Clock): Sampler {
  const samplers = new Map<string, Sampler>();
  const byDefault = jaegerFractionSampler(strategies.defaultFraction);
  const guaranteed = (fraction: number): Sampler => {
    const sample = jaegerFractionSampler(fraction);
    const atLeast = rateSampler(strategies.lowerBoundPerSecond, clock);
    return (traceId, name) => {
      // The least is used up by those that are kept anyway.
      const isDue = atLeast(traceId, name);
      return sample(traceId, name) || isDue;
    };
  };
  for (const [operation, fraction] of strategies.fractions) samplers.set(operation, guaranteed(fraction));
  return (traceId, name) => {
    let sampler = samplers.get(name);
    if (sampler === undefined) {
      if (samplers.size >= maxOperations) return byDefault(traceId, name);
      sampler = guaranteed(strategies.defaultFraction);
      samplers.set(name, sampler);
    }
    return sampler(traceId, name);
  };
}
