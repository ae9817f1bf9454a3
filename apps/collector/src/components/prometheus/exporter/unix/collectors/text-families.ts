import { expositionProblem } from "../../../../../signals/prometheus/exposition-problem.ts";
import type { PageKind } from "../metric-page.ts";

/** The lines of one metric in a text of somebody else's. */
export interface TextFamily {
  readonly name: string;
  readonly kind: PageKind;
  readonly help: string | undefined;
  /** What stands before the value → the value. */
  readonly series: Map<string, string>;
}

interface Head {
  kind: PageKind;
  help: string | undefined;
}

const kinds: ReadonlySet<string> = new Set<PageKind>(["counter", "gauge", "untyped", "summary", "histogram"]);

/** The metrics of a text in Prometheus's format. Throws where it can't be scraped, or has samples with a time of their own. */
export function familiesOf(text: string): TextFamily[] {
  const problem = expositionProblem(text.endsWith("\n") || text === "" ? text : `${text}\n`);
  if (problem !== undefined) throw new Error(problem);
  const heads = new Map<string, Head>();
  const families = new Map<string, TextFamily>();
  for (const line of text.split("\n")) {
    if (line.startsWith("#")) readHead(line, heads);
    else if (line.trim() !== "") readSample(line.trim(), heads, families);
  }
  return [...families.values()];
}

function readHead(line: string, heads: Map<string, Head>): void {
  const [, what, name, rest = ""] = /^#[ \t]*(HELP|TYPE)[ \t]+(\S+)[ \t]?(.*)$/.exec(line) ?? [];
  if (what === undefined || name === undefined) return;
  const head = heads.get(name) ?? { kind: "untyped", help: undefined };
  if (what === "HELP") head.help = rest;
  else if (kinds.has(rest.trim())) head.kind = rest.trim() as PageKind;
  heads.set(name, head);
}

function readSample(line: string, heads: ReadonlyMap<string, Head>, families: Map<string, TextFamily>): void {
  const end = seriesEnd(line);
  const [value = "", time] = line.slice(end).trim().split(/\s+/);
  // It would stay at that time for ever, also when the file is gone.
  if (time !== undefined) throw new Error(`samples with a time of their own are not supported: ${line}`);
  const key = line.slice(0, end).trim();
  const metric = /^[^\s{]+/.exec(key)?.[0] ?? "";
  const name = ownerOf(metric, heads);
  const family = families.get(name) ?? { name, kind: heads.get(name)?.kind ?? "untyped", help: heads.get(name)?.help, series: new Map() };
  if (!family.series.has(key)) family.series.set(key, value);
  families.set(name, family);
}

/** Histograms and summaries have several series under names of their own. */
function ownerOf(metric: string, heads: ReadonlyMap<string, Head>): string {
  const base = metric.replace(/_(bucket|sum|count)$/, "");
  const kind = heads.get(base)?.kind;
  return kind === "histogram" || (kind === "summary" && !metric.endsWith("_bucket")) ? base : metric;
}

/** Where the labels end; braces may stand inside their values. */
function seriesEnd(line: string): number {
  const brace = line.search(/[{\s]/);
  if (brace < 0) return line.length;
  if (line[brace] !== "{" && !line.slice(brace).trimStart().startsWith("{")) return brace;
  let quoted = false;
  for (let i = line.indexOf("{"); i < line.length; i++) {
    if (line[i] === "\\") i++;
    else if (line[i] === '"') quoted = !quoted;
    else if (line[i] === "}" && !quoted) return i + 1;
  }
  return line.length;
}
