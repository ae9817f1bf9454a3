import { gzipSync } from "node:zlib";
import { Line, Location, Function as PprofFunction, Profile, Sample, StringTable, ValueType } from "pprof-format";

/** A call tree as V8's profilers give it: each node a frame below its parent, with what was measured right there. */
export interface CallNode {
  readonly frame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  readonly values: readonly number[];
  readonly children: readonly CallNode[];
}

export interface ProfileKind {
  /** Type and unit of each of a node's values: `["cpu", "nanoseconds"]`. */
  readonly values: readonly (readonly [type: string, unit: string])[];
  readonly period: number;
  readonly durationNanos: number;
}

/** The profile in pprof's format, gzipped, as `go tool pprof` and profiling backends read it. */
export function pprof(root: CallNode, kind: ProfileKind): Uint8Array {
  const strings = new StringTable();
  const types = kind.values.map(([type, unit]) => new ValueType({ type: strings.dedup(type), unit: strings.dedup(unit) }));
  const functions: PprofFunction[] = [];
  const locations: Location[] = [];
  const samples: Sample[] = [];
  const locationIds = new Map<string, number>();

  const locationOf = ({ functionName, url, lineNumber }: CallNode["frame"]): number => {
    const key = `${functionName}\0${url}\0${lineNumber}`;
    const known = locationIds.get(key);
    if (known !== undefined) return known;
    const id = locations.length + 1;
    const name = strings.dedup(functionName === "" ? "(anonymous)" : functionName);
    functions.push(new PprofFunction({ id, name, systemName: name, filename: strings.dedup(url), startLine: lineNumber + 1 }));
    locations.push(new Location({ id, line: [new Line({ functionId: id, line: lineNumber + 1 })] }));
    locationIds.set(key, id);
    return id;
  };

  // Stacks are written innermost first; the root itself is no frame.
  const pending: { node: CallNode; stack: readonly number[] }[] = root.children.map((node) => ({ node, stack: [] }));
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const stack = [locationOf(next.node.frame), ...next.stack];
    if (next.node.values.some((value) => value > 0)) samples.push(new Sample({ locationId: stack, value: [...next.node.values] }));
    for (const child of next.node.children) pending.push({ node: child, stack });
  }
  const profile = new Profile({
    sampleType: types,
    sample: samples,
    location: locations,
    function: functions,
    stringTable: strings,
    timeNanos: BigInt(Date.now()) * 1_000_000n,
    durationNanos: kind.durationNanos,
    ...(types[0] !== undefined && { periodType: types[0] }),
    period: kind.period,
  });
  return gzipSync(profile.encode());
}
