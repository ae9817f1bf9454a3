import { globSync, readFileSync, statSync } from "node:fs";
import { extname, resolve } from "node:path";
import type { ComponentContext } from "../../../component/context.ts";
import type { Component } from "../../../component/definition.ts";
import { readTargetGroups } from "../../../discovery/target-groups.ts";
import type { Target } from "../../../discovery/targets.ts";

interface FileArguments {
  readonly files: readonly string[];
  readonly refresh_interval: number;
}

interface KnownFile {
  readonly identity: string;
  readonly targets: readonly Target[];
  /** Why its newest content could not be read; the targets are then those of the content before. */
  readonly problem: string | undefined;
}

/** Changes show within a second; whether anything changed costs one stat a file. */
const lookMs = 1_000;
/** A larger file is no list of targets. */
const mostBytes = 64 * 1024 * 1024;

export function discoverFiles(context: ComponentContext, args: FileArguments): Component<FileArguments> {
  const readErrors = context.metrics.counter("prometheus_sd_file_read_errors_total", { help: "Files that could not be read." }).of();
  const changedAt = context.metrics.gauge("prometheus_sd_file_mtime_seconds", {
    help: "When a file was last changed.",
    labels: ["filename"],
  });
  let current = args;
  let known = new Map<string, KnownFile>();
  let readAtMs = 0;
  let cancel = () => {};

  /** Reads what is new or changed; with `all`, everything. */
  const look = (all: boolean) => {
    const next = new Map<string, KnownFile>();
    for (const path of current.files.flatMap((pattern) => globSync(pattern)).sort()) {
      const name = resolve(path);
      const before = known.get(name);
      const file = read(name, all ? undefined : before, before?.targets ?? []);
      if (file === undefined) continue;
      if (file !== before) {
        if (file.problem !== undefined) readErrors.add(1);
        changedAt.of(name).set(Number(file.identity.split(" ")[1]) / 1000);
      }
      next.set(name, file);
    }
    for (const name of known.keys()) if (!next.has(name)) changedAt.remove(name);
    known = next;
    context.export({ targets: [...next.values()].flatMap(({ targets }) => targets) });
    const problems = [...next].flatMap(([name, { problem }]) => (problem === undefined ? [] : [`${name}: ${problem}`]));
    if (problems.length > 0) context.health("unhealthy", `what was read before stays: ${problems.join("; ")}`);
    else context.health("healthy", `read ${next.size} files`);
  };
  const loop = () => {
    const now = context.clock.monotonic();
    const isDue = now - readAtMs >= current.refresh_interval;
    if (isDue) readAtMs = now;
    look(isDue);
    cancel = context.clock.after(Math.min(lookMs, current.refresh_interval), loop);
  };
  context.export({ targets: [] });
  return {
    start: loop,
    update(next) {
      current = next;
      look(true);
    },
    stop: () => cancel(),
  };
}

/** The file as it is now: the known one where it did not change, undefined where it is gone. */
function read(name: string, known: KnownFile | undefined, before: readonly Target[]): KnownFile | undefined {
  const about = statSync(name, { throwIfNoEntry: false });
  if (about === undefined) return undefined;
  const identity = `${about.ino} ${about.mtimeMs} ${about.size}`;
  if (known?.identity === identity) return known;
  try {
    if (about.size > mostBytes) throw new Error(`${about.size} bytes are more than a list of targets may have`);
    const format = extname(name).toLowerCase() === ".json" ? "json" : "yaml";
    return { identity, targets: readTargetGroups(readFileSync(name, "utf8"), format, { __meta_filepath: name }), problem: undefined };
  } catch (error) {
    return { identity, targets: before, problem: error instanceof Error ? error.message : String(error) };
  }
}
