import { compileRegexp } from "@invar/go-compat";
import type { Collector } from "../collector.ts";
import { linesOf, pairsOf, wordsOf } from "../text-table.ts";

/** The kernel counts in hundredths of a second, whatever its own clock does. */
const ticksASecond = 100;
const modes = ["user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal"] as const;
/** Idle time goes back by rounding and when a processor is plugged in; less than this is noise. */
const jumpBackSeconds = 3;

interface Times {
  readonly modes: number[];
  readonly guests: number[];
}

/** Time of each processor by what it did. Keeps the last values: a counter never goes back. */
export function cpu(): Collector {
  const known = new Map<string, Times>();
  return {
    name: "cpu",
    isDefault: true,
    collect(host, page, { cpu: options }) {
      const seconds = page.counter("node_cpu_seconds_total", "Time of each processor by mode, in seconds.");
      const guests = options.guest
        ? page.counter("node_cpu_guest_seconds_total", "Time of each processor in virtual guests, in seconds.")
        : undefined;
      for (const line of linesOf(host.proc("stat"))) {
        const match = /^cpu(\d+) (.*)$/.exec(line);
        if (match === null) continue;
        const [, name = "", rest = ""] = match;
        const numbers = wordsOf(rest).map((word) => Number(word) / ticksASecond);
        const times = forward(known.get(name), {
          modes: numbers.slice(0, modes.length),
          guests: numbers.slice(modes.length, modes.length + 2),
        });
        known.set(name, times);
        for (const [index, mode] of modes.entries()) seconds.sample(times.modes[index] ?? 0, "cpu", name, "mode", mode);
        for (const [index, mode] of ["user", "nice"].entries()) guests?.sample(times.guests[index] ?? 0, "cpu", name, "mode", mode);
      }
      if (options.info || options.flags_include || options.bugs_include) processorInfo(host.proc("cpuinfo"), page, options);
    },
  };
}

function forward(before: Times | undefined, now: Times): Times {
  const idle = modes.indexOf("idle");
  // A processor that was switched off and on again begins anew.
  if (before === undefined || (before.modes[idle] ?? 0) - (now.modes[idle] ?? 0) >= jumpBackSeconds) return now;
  const later = (a: readonly number[], b: readonly number[]) => b.map((value, index) => Math.max(value, a[index] ?? 0));
  return { modes: later(before.modes, now.modes), guests: later(before.guests, now.guests) };
}

type Options = Parameters<Collector["collect"]>[2]["cpu"];

function processorInfo(text: string, page: Parameters<Collector["collect"]>[1], options: Options): void {
  const info = page.gauge("node_cpu_info", "What each processor is.");
  const flags = page.gauge("node_cpu_flag_info", "Features of the first processor.");
  const bugs = page.gauge("node_cpu_bug_info", "Known bugs of the first processor.");
  for (const [index, block] of text.split("\n\n").entries()) {
    const pairs = pairsOf(block);
    if (!pairs.has("processor")) continue;
    const of = (key: string) => pairs.get(key) ?? "";
    info.sample(
      1,
      "package",
      of("physical id"),
      "core",
      of("core id"),
      "cpu",
      of("processor"),
      "vendor",
      of("vendor_id"),
      "family",
      of("cpu family"),
      "model",
      of("model"),
      "model_name",
      of("model name"),
      "microcode",
      of("microcode"),
      "stepping",
      of("stepping"),
      "cachesize",
      of("cache size"),
    );
    if (index > 0) continue;
    for (const [metric, label, pattern, words] of [
      [flags, "flag", options.flags_include, of("flags")],
      [bugs, "bug", options.bugs_include, of("bugs")],
    ] as const) {
      if (!pattern) continue;
      const wanted = compileRegexp(pattern);
      for (const word of wordsOf(words)) if (word !== "" && wanted.test(word)) metric.sample(1, label, word);
    }
  }
}
