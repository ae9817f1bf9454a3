import { Session } from "node:inspector/promises";
import { type CallNode, pprof } from "./pprof.ts";

const cpuIntervalMicros = 1_000;
const heapIntervalBytes = 32 * 1024;

/** Where the process spends its CPU time over so long, in pprof's format. One at a time: undefined while another runs. */
export function cpuProfile(durationMs: number, signal: AbortSignal): Promise<Uint8Array | undefined> {
  return alone(async (session) => {
    await session.post("Profiler.enable");
    await session.post("Profiler.setSamplingInterval", { interval: cpuIntervalMicros });
    await session.post("Profiler.start");
    await waited(durationMs, signal);
    const { profile } = await session.post("Profiler.stop");
    const nanos = new Map<number, number>();
    for (const [index, id] of (profile.samples ?? []).entries())
      nanos.set(id, (nanos.get(id) ?? 0) + (profile.timeDeltas?.[index] ?? 0) * 1000);
    const byId = new Map(profile.nodes.map((node) => [node.id, node]));
    const build = (id: number): CallNode => {
      const node = byId.get(id);
      if (node === undefined) throw new Error(`the profile names a node ${id} that it does not hold`);
      const count = node.hitCount ?? 0;
      return { frame: node.callFrame, values: [count, Math.max(nanos.get(id) ?? 0, 0)], children: (node.children ?? []).map(build) };
    };
    const root = build(profile.nodes[0]?.id ?? 1);
    // Time without work is no cost of anything.
    const busy = { ...root, children: root.children.filter(({ frame }) => frame.functionName !== "(idle)") };
    return pprof(busy, {
      values: [
        ["samples", "count"],
        ["cpu", "nanoseconds"],
      ],
      period: cpuIntervalMicros * 1000,
      durationNanos: (profile.endTime - profile.startTime) * 1000,
    });
  });
}

/** What allocated the memory that is alive after sampling for so long, in pprof's format. */
export function heapProfile(durationMs: number, signal: AbortSignal): Promise<Uint8Array | undefined> {
  return alone(async (session) => {
    await session.post("HeapProfiler.enable");
    await session.post("HeapProfiler.startSampling", { samplingInterval: heapIntervalBytes });
    await waited(durationMs, signal);
    const { profile } = await session.post("HeapProfiler.stopSampling");
    type Head = typeof profile.head;
    const build = ({ callFrame, selfSize, children }: Head): CallNode => ({
      frame: callFrame,
      values: [selfSize],
      children: children.map(build),
    });
    return pprof(build(profile.head), { values: [["inuse_space", "bytes"]], period: heapIntervalBytes, durationNanos: durationMs * 1e6 });
  });
}

let isProfiling = false;

/** Profilers of one process disturb each other; the second is refused instead of both being wrong. */
async function alone(measure: (session: Session) => Promise<Uint8Array>): Promise<Uint8Array | undefined> {
  if (isProfiling) return undefined;
  isProfiling = true;
  const session = new Session();
  session.connect();
  try {
    return await measure(session);
  } finally {
    session.disconnect();
    isProfiling = false;
  }
}

function waited(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
