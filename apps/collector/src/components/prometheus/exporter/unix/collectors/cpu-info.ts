import { compileRegexp } from "@invar/go-compat";
import type { UnixArguments } from "../arguments.ts";
import type { HostFiles } from "../host-files.ts";
import type { MetricPage } from "../metric-page.ts";
import { numberOf, pairsOf, wordsOf } from "../text-table.ts";

const infoLabels = ["package", "core", "cpu", "vendor", "family", "model", "model_name", "microcode", "stepping", "cachesize"] as const;

/** What the processors are: their kind, speed, features and bugs. */
export function processors(host: HostFiles, page: MetricPage, options: UnixArguments["cpu"], withFrequency: boolean): void {
  if (!options.info && !options.flags_include && !options.bugs_include) return;
  const blocks = host
    .proc("cpuinfo")
    .split("\n\n")
    .map(pairsOf)
    .filter((pairs) => pairs.has("processor"));
  const info = page.gauge("node_cpu_info", "What each processor is.", ...infoLabels);
  const frequency = page.gauge("node_cpu_frequency_hertz", "Speed of each processor, in hertz.", "package", "core", "cpu");
  for (const pairs of blocks) {
    const of = (key: string) => pairs.get(key) ?? "";
    const place = [of("physical id"), of("core id"), of("processor")] as const;
    const vendor = pairs.get("vendor_id") ?? of("vendor");
    info.sample(1, ...place, vendor, of("cpu family"), of("model"), of("model name"), of("microcode"), of("stepping"), of("cache size"));
    if (withFrequency) frequency.sample(numberOf(pairs.get("cpu MHz") ?? "0") * 1e6, ...place);
  }
  const [first] = blocks;
  if (first === undefined) return;
  const flags = page.gauge("node_cpu_flag_info", "Features of the first processor.", "flag");
  for (const flag of kept(first.get("flags") ?? first.get("Features"), options.flags_include)) flags.sample(1, flag);
  const bugs = page.gauge("node_cpu_bug_info", "Known bugs of the first processor.", "bug");
  for (const bug of kept(first.get("bugs"), options.bugs_include)) bugs.sample(1, bug);
}

function kept(words: string | undefined, pattern: string | undefined): string[] {
  if (!pattern) return [];
  const wanted = compileRegexp(pattern);
  return wordsOf(words ?? "").filter((word) => wanted.test(word));
}
