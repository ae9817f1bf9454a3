import type { Case, Goal } from "./cases.ts";
import type { Result } from "./measure.ts";

/** The medians of one program's runs of one case. */
export type Summary = {
  readonly case: string;
  readonly program: string;
  readonly runs: number;
  readonly cpuPerMillion: number | undefined;
  readonly idlePercent: number | undefined;
  readonly peakMiB: number;
  readonly endMiB: number;
  readonly growthMiB: number | undefined;
  readonly readyMs: number;
  readonly seconds: number;
  readonly refused: number;
  readonly duplicates: number;
  readonly missing: number;
  readonly missed: readonly string[];
  readonly errors: readonly string[];
};

export function summarize(item: Case, results: readonly Result[]): Summary {
  const of = (
    key:
      | "cpuPerMillion"
      | "idlePercent"
      | "peakMiB"
      | "endMiB"
      | "growthMiB"
      | "readyMs"
      | "seconds"
      | "refused"
      | "duplicates"
      | "missing",
  ) => median(results.flatMap((result) => (result[key] === undefined ? [] : [result[key]])));
  const summary = {
    case: item.name,
    program: results[0]?.program ?? "",
    runs: results.length,
    cpuPerMillion: of("cpuPerMillion"),
    idlePercent: of("idlePercent"),
    peakMiB: of("peakMiB") ?? Number.NaN,
    endMiB: of("endMiB") ?? Number.NaN,
    growthMiB: of("growthMiB"),
    readyMs: of("readyMs") ?? Number.NaN,
    seconds: of("seconds") ?? Number.NaN,
    refused: of("refused") ?? 0,
    duplicates: of("duplicates") ?? 0,
    missing: of("missing") ?? 0,
    errors: results.flatMap(({ error }) => (error === undefined ? [] : [error])),
  };
  return { ...summary, missed: missedGoals(item.goal, summary) };
}

export function median(values: readonly number[]): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low, high] = [sorted[sorted.length % 2 === 1 ? middle : middle - 1], sorted[middle]];
  return low === undefined || high === undefined ? undefined : (low + high) / 2;
}

function missedGoals(goal: Goal, summary: Omit<Summary, "missed">): string[] {
  const over = (name: string, value: number | undefined, limit: number | undefined, unit: string) =>
    limit !== undefined && value !== undefined && value > limit ? [`${name} ${value.toFixed(2)} > ${limit} ${unit}`] : [];
  return [
    ...over("CPU", summary.cpuPerMillion, goal.cpuPerMillion, "s/M"),
    ...over("peak", summary.peakMiB, goal.peakMiB, "MiB"),
    ...over("idle memory", summary.endMiB, goal.idleMiB, "MiB"),
    ...over("idle CPU", summary.idlePercent, goal.idlePercent, "%"),
    ...over("missing", summary.missing, 0, "items"),
    ...(summary.seconds < (goal.heldSeconds ?? 0) ? [`senders were done after ${summary.seconds.toFixed(1)} s: nobody was held up`] : []),
  ];
}

/** The figures of one case, a line a program, and the ratio of each peer's CPU and memory to ours. */
export function render(item: Case, summaries: readonly Summary[]): string {
  const ours = summaries[0];
  const lines = summaries.map((summary) => {
    const number = (value: number | undefined, digits: number, unit: string) =>
      value === undefined ? [] : [`${value.toFixed(digits)} ${unit}`];
    const figures = [
      ...number(summary.cpuPerMillion, 2, "CPU-s/M"),
      ...number(summary.idlePercent, 2, "% of a core"),
      ...number(summary.peakMiB, 0, "MiB peak"),
      ...number(summary.endMiB, 0, "MiB at the end"),
      ...number(summary.growthMiB, 0, "MiB grown since the second scrape"),
      ...number(summary.readyMs, 0, "ms to ready"),
      ...number(summary.seconds, 1, "s"),
      ...(summary.refused > 0 ? [`${summary.refused} refusals`] : []),
      ...(summary.duplicates > 0 ? [`${summary.duplicates} doubled`] : []),
      ...(summary.missing > 0 ? [`${summary.missing} missing`] : []),
    ];
    const verdict =
      summary === ours
        ? summary.errors.length > 0
          ? "  FAILED"
          : summary.missed.length > 0
            ? `  MISSED: ${summary.missed.join(", ")}`
            : "  ok"
        : ratio(summary, ours);
    const errors = summary.errors.map((error) => `\n    ${error.replaceAll("\n", "\n    ")}`).join("");
    return `  ${summary.program.padEnd(8)} ${figures.join("; ")}${verdict}${errors}`;
  });
  return [`${item.name}: ${item.title}`, ...lines].join("\n");
}

function ratio(peer: Summary, ours: Summary | undefined): string {
  const times = (a: number | undefined, b: number | undefined) =>
    a === undefined || b === undefined || b === 0 ? undefined : (a / b).toFixed(1);
  const [cpu, memory] = [
    times(peer.cpuPerMillion ?? peer.idlePercent, ours?.cpuPerMillion ?? ours?.idlePercent),
    times(peer.peakMiB, ours?.peakMiB),
  ];
  return `  (${[cpu && `CPU x${cpu}`, memory && `memory x${memory}`].filter(Boolean).join(", ")} of ours)`;
}
