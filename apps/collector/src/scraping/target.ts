import { GoError, parsePrometheusDurationMs } from "@invar/go-compat";
import { hash53 } from "../bytes/hash.ts";
import { type LabelList, sortedLabels } from "../signals/prometheus/label-encoding.ts";

/** What the targets of one job share. */
export interface JobSettings {
  readonly jobName: string;
  /** As Prometheus writes durations: `1m`. */
  readonly scrapeInterval: string;
  readonly scrapeTimeout: string;
  readonly metricsPath: string;
  readonly scheme: string;
  readonly params: Readonly<Record<string, readonly string[]>>;
  readonly scrapesNativeHistograms: boolean;
  readonly scrapesClassicHistograms: boolean;
  readonly convertsToNhcb: boolean;
}

/** What is scraped: one page of one address. */
export interface Target {
  /** Equal where the same page gets the same labels, whatever the target was discovered as and however often it is scraped. */
  readonly key: string;
  readonly url: URL;
  /** The labels that its series get: those that do not begin with `__`. */
  readonly labels: LabelList;
  /** The labels as it was discovered. */
  readonly discovered: Readonly<Record<string, string>>;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly scrapesNativeHistograms: boolean;
  readonly scrapesClassicHistograms: boolean;
  readonly convertsToNhcb: boolean;
}

const NHCB_LABEL = "__convert_classic_histograms_to_nhcb__";
const CLASSIC_LABEL = "__always_scrape_classic_histograms__";
const NATIVE_LABEL = "__scrape_native_histograms__";
const PARAM_PREFIX = "__param_";

/** The target that discovered labels describe, or why they describe none. */
export function targetOf(discovered: Readonly<Record<string, string>>, job: JobSettings): Target | string {
  const labels = new Map(Object.entries(discovered).filter(([, value]) => value !== ""));
  for (const [name, value] of jobLabels(job)) if (!labels.has(name) && value !== "") labels.set(name, value);
  const address = labels.get("__address__");
  if (address === undefined) return "no address";
  if (address.includes("/")) return `"${address}" is not a valid hostname`;
  const interval = durationOf(labels.get("__scrape_interval__") ?? "", "interval");
  if (typeof interval === "string") return interval;
  const timeout = durationOf(labels.get("__scrape_timeout__") ?? "", "timeout");
  if (typeof timeout === "string") return timeout;
  if (timeout > interval)
    return `scrape timeout cannot be greater than scrape interval ("${labels.get("__scrape_timeout__")}" > "${labels.get("__scrape_interval__")}")`;
  for (const [label, what] of flagNames) {
    const text = labels.get(label);
    if (text !== undefined && !booleans.has(text)) return `error parsing ${what}: strconv.ParseBool: parsing "${text}": invalid syntax`;
  }
  const ownUrl = urlOf(labels, job.params, address);
  if (ownUrl === undefined) return `"${labels.get("__scheme__")}://${address}${labels.get("__metrics_path__")}" is not a URL`;
  if (!labels.has("instance")) labels.set("instance", address);
  const malformed = [...labels].find(([name, value]) => !name.startsWith("__meta_") && !value.isWellFormed());
  if (malformed !== undefined) return `invalid label value for ${JSON.stringify(malformed[0])}: ${JSON.stringify(malformed[1])}`;
  const visible = sortedLabels([...labels].filter(([name]) => !name.startsWith("__")));
  return {
    key: JSON.stringify([visible, ownUrl.href]),
    url: ownUrl,
    labels: visible,
    discovered,
    intervalMs: interval,
    timeoutMs: timeout,
    scrapesNativeHistograms: booleans.get(labels.get(NATIVE_LABEL) ?? "") ?? job.scrapesNativeHistograms,
    scrapesClassicHistograms: booleans.get(labels.get(CLASSIC_LABEL) ?? "") ?? job.scrapesClassicHistograms,
    convertsToNhcb: booleans.get(labels.get(NHCB_LABEL) ?? "") ?? job.convertsToNhcb,
  };
}

/** How long from `nowMs` until the target's next turn: each target has its own moment within the interval, the same after a restart. */
export function scrapeOffsetMs(target: Target, nowMs: number, seed: number): number {
  const own = hash53(Buffer.from(target.key), 0, undefined, seed) % Math.max(Math.round(target.intervalMs), 1);
  const next = target.intervalMs - (nowMs % target.intervalMs) + own;
  return next > target.intervalMs ? next - target.intervalMs : next;
}

const flagNames = [
  [NHCB_LABEL, "convert classic histograms to nhcb"],
  [CLASSIC_LABEL, "always scrape classic histograms"],
  [NATIVE_LABEL, "scrape native histograms"],
] as const;

const booleans = new Map([
  ...["1", "t", "T", "true", "TRUE", "True"].map((text) => [text, true] as const),
  ...["0", "f", "F", "false", "FALSE", "False"].map((text) => [text, false] as const),
]);

export function jobLabels(job: JobSettings): [name: string, value: string][] {
  return [
    ["job", job.jobName],
    ["__scrape_interval__", job.scrapeInterval],
    ["__scrape_timeout__", job.scrapeTimeout],
    ["__metrics_path__", job.metricsPath],
    ["__scheme__", job.scheme],
    [NHCB_LABEL, String(job.convertsToNhcb)],
    [CLASSIC_LABEL, String(job.scrapesClassicHistograms)],
    [NATIVE_LABEL, String(job.scrapesNativeHistograms)],
    ...Object.entries(job.params).map(([name, values]): [string, string] => [PARAM_PREFIX + name, values[0] ?? ""]),
  ];
}

function durationOf(text: string, what: string): number | string {
  try {
    const ms = parsePrometheusDurationMs(text);
    return ms === 0 ? `scrape ${what} cannot be 0` : ms;
  } catch (error) {
    if (error instanceof GoError) return `error parsing scrape ${what}: ${error.message}`;
    throw error;
  }
}

function urlOf(labels: ReadonlyMap<string, string>, params: JobSettings["params"], address: string): URL | undefined {
  const path = labels.get("__metrics_path__") ?? "";
  const base = `${labels.get("__scheme__")}://${address}`;
  if (!URL.canParse(base)) return undefined;
  const url = new URL(base);
  url.pathname = encodeURI(path).replaceAll("?", "%3F").replaceAll("#", "%23");
  const values = new Map(Object.entries(params).map(([name, list]) => [name, [...list]]));
  for (const [name, value] of labels) {
    if (!name.startsWith(PARAM_PREFIX)) continue;
    const param = name.slice(PARAM_PREFIX.length);
    values.set(param, [value, ...(values.get(param)?.slice(1) ?? [])]);
  }
  for (const name of [...values.keys()].sort()) for (const value of values.get(name) ?? []) url.searchParams.append(name, value);
  return url;
}
