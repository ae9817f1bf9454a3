import type { Collect } from "./collector.ts";
import { type HostFiles, NoData } from "./host-files.ts";
import { MetricPage } from "./metric-page.ts";

/** A collector that is made ready for the arguments. */
export interface PreparedCollector {
  readonly name: string;
  readonly collect: Collect;
}

/** What is said of a collector after it ran: what went wrong, or undefined. */
export type Note = (collector: string, problem: string | undefined) => void;

/** After so long others get their turn, in milliseconds. */
const turnMs = 2;

/** Runs collectors one after another; one that fails takes nothing from the others. */
export async function hostPage(collectors: readonly PreparedCollector[], host: HostFiles, note: Note): Promise<MetricPage> {
  const page = new MetricPage();
  const duration = page.gauge("node_scrape_collector_duration_seconds", "How long a collector took, in seconds.", "collector");
  const success = page.gauge("node_scrape_collector_success", "Whether a collector worked.", "collector");
  let turnEnds = performance.now() + turnMs;
  for (const { name, collect } of collectors) {
    const started = performance.now();
    const warnings: string[] = [];
    const failure = await failureOf(() => collect(host, page, (problem) => warnings.push(problem)));
    const ended = performance.now();
    duration.sample((ended - started) / 1000, name);
    success.sample(failure === undefined ? 1 : 0, name);
    if (failure !== undefined && !(failure instanceof NoData)) warnings.push(failure.message);
    note(name, warnings.length === 0 ? undefined : warnings.join("; "));
    if (ended < turnEnds) continue;
    await new Promise<void>((resolve) => setImmediate(resolve));
    turnEnds = performance.now() + turnMs;
  }
  return page;
}

async function failureOf(run: () => void | Promise<void>): Promise<Error | undefined> {
  try {
    await run();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
