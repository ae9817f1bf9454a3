import { readFileSync } from "node:fs";

type CpuProfile = {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
};

/** The functions in which a CPU profile spent most of its time themselves: `2.31 s encodeSamples encode.ts:120`. */
export function hottest(file: string, most = 12): string[] {
  return hottestOf(JSON.parse(readFileSync(file, "utf8")), most);
}

export function hottestOf({ nodes, samples, timeDeltas }: CpuProfile, most: number): string[] {
  const names = new Map(
    nodes.map(({ id, callFrame: { functionName, url, lineNumber } }) => {
      const place = url === "" ? "" : ` ${url.slice(url.lastIndexOf("/") + 1)}:${lineNumber + 1}`;
      return [id, `${functionName || "(anonymous)"}${place}`];
    }),
  );
  const microseconds = new Map<string, number>();
  samples.forEach((id, index) => {
    const name = names.get(id) ?? "(unknown)";
    if (name !== "(idle)") microseconds.set(name, (microseconds.get(name) ?? 0) + (timeDeltas[index] ?? 0));
  });
  return [...microseconds]
    .sort(([, a], [, b]) => b - a)
    .slice(0, most)
    .map(([name, time]) => `${(time / 1e6).toFixed(2)} s ${name}`);
}
