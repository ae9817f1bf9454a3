import { compileRegexp, TimeLayout } from "@invar/go-compat";
import type { Entry, EntryMap } from "../entry.ts";
import { compileExpression } from "../expr/expression.ts";
import { fromJson } from "../json.ts";
import { EntryError, type Operator } from "./operator.ts";
import { groupsOf, namedGroups, parserStep, textValue } from "./parsers.ts";
import { recombine } from "./recombine.ts";
import type { Settings } from "./settings.ts";
import { goTimeNanos } from "./time.ts";

const crio = compileRegexp("^(?P<time>[^ Z]+) (?P<stream>stdout|stderr) (?P<logtag>[^ ]*) ?(?P<log>.*)$");
const containerd = compileRegexp("^(?P<time>[^ ^Z]+Z) (?P<stream>stdout|stderr) (?P<logtag>[^ ]*) ?(?P<log>.*)$");
const podLogPath = compileRegexp(
  "^.*(\\/|\\\\)(?P<namespace>[^_]+)_(?P<pod_name>[^_]+)_(?P<uid>[a-f0-9\\-]+)(\\/|\\\\)(?P<container_name>[^\\._]+)(\\/|\\\\)(?P<restart_count>\\d+)\\.log(\\.\\d{8}-\\d{6})?$",
);
const layouts = {
  docker: new TimeLayout("2006-01-02T15:04:05.999Z"),
  containerd: new TimeLayout("2006-01-02T15:04:05.999Z"),
  crio: new TimeLayout("2006-01-02T15:04:05.999999999Z07:00"),
} as const;
type Format = keyof typeof layouts;
const resourceNames: Readonly<Record<string, string>> = {
  container_name: "k8s.container.name",
  namespace: "k8s.namespace.name",
  pod_name: "k8s.pod.name",
  restart_count: "k8s.container.restart_count",
  uid: "k8s.pod.uid",
};
const PATH = "log.file.path";
const NANOS = 1_000_000_000n;
const MOST_PATHS = 10_000;

/** Reads what container runtimes write around each line, joins lines that they have cut, and finds the pod in the file's path. */
export function containerOperator(settings: Settings, now: () => number): Operator {
  const given = settings.text("format");
  if (given !== "" && !Object.hasOwn(layouts, given)) settings.wrong("`format` must be one of docker, crio, containerd");
  const paths = settings.bool("add_metadata_from_filepath", true) ? new PodPaths() : undefined;
  let format: Format = "docker";
  const parse = parserStep(
    settings,
    (value) => {
      const text = textValue(value, "container logs");
      if (given === "" && !text.startsWith("{")) {
        const { groups, found } = detected(text);
        format = found;
        return groups;
      }
      format = given === "" ? "docker" : (given as Format);
      if (format !== "docker") return groupsOf(format === "crio" ? crio : containerd, text);
      const parsed = fromJson(text, false);
      if (!(parsed instanceof Map)) throw new EntryError("docker container logs must be JSON objects");
      return parsed;
    },
    now,
  );
  const isLast = compileExpression("attributes.logtag == 'F'");
  if (typeof isLast === "string") throw new Error(isLast);
  const joining = recombine(
    {
      condition: isLast,
      tellsFirst: false,
      field: { root: "body", keys: [], text: "body" },
      joint: "",
      source: { root: "attributes", keys: [PATH], text: PATH },
      maxEntries: 0,
      maxUnmatched: 0,
      maxSources: 1000,
      maxBytes: settings.size("max_log_size", 1024 * 1024),
      keepsNewest: false,
      flushAfterMs: 5000,
    },
    now,
  );
  return {
    process(entry, emit) {
      parse(entry);
      finish(entry, format, paths);
      if (format === "docker") emit(entry);
      else joining.process(entry, emit);
    },
    flush: (nowMs, emit) => joining.flush?.(nowMs, emit),
    get isHolding() {
      return joining.isHolding === true;
    },
  };
}

function detected(text: string): { groups: EntryMap; found: Format } {
  for (const [found, pattern] of [
    ["crio", crio],
    ["containerd", containerd],
  ] as const) {
    const groups = namedGroups(pattern, text);
    if (groups !== undefined) return { groups, found };
  }
  throw new EntryError(`failed to detect a valid container log format: entry cannot be parsed as container logs: ${text.slice(0, 200)}`);
}

/** What the paths of pods' logs tell, of those that were met last. */
class PodPaths {
  readonly #known = new Map<string, readonly (readonly [string, string])[]>();

  of(path: string): readonly (readonly [string, string])[] {
    let told = this.#known.get(path);
    if (told !== undefined) return told;
    const groups = namedGroups(podLogPath, path);
    if (groups === undefined) throw new EntryError("failed to detect a valid log path");
    told = [...groups].flatMap(([name, value]) => {
      const attribute = resourceNames[name];
      return attribute === undefined ? [] : [[attribute, String(value)] as const];
    });
    if (this.#known.size >= MOST_PATHS) this.#known.clear();
    this.#known.set(path, told);
    return told;
  }
}

function finish(entry: Entry, format: Format, paths: PodPaths | undefined): void {
  const { attributes } = entry;
  const time = attributes.get("time");
  if (typeof time !== "string") throw new EntryError("failed to parse time: failed to get the time from the entry");
  const nanos = goTimeNanos(layouts[format], time);
  entry.seconds = Number(nanos / NANOS);
  entry.nanos = Number(nanos % NANOS);
  attributes.delete("time");
  const log = take(attributes, "log");
  if (log !== undefined) entry.body = log;
  const stream = take(attributes, "stream");
  if (stream !== undefined) attributes.set("log.iostream", stream);
  if (paths === undefined) return;
  const path = attributes.get(PATH);
  if (typeof path !== "string")
    throw new EntryError(
      `'add_metadata_from_filepath' is enabled, but the log record attribute '${PATH}' is missing. Perhaps enable the 'include_file_path' option?`,
    );
  for (const [name, value] of paths.of(path)) entry.resource.set(name, value);
}

function take(attributes: EntryMap, name: string) {
  const value = attributes.get(name);
  attributes.delete(name);
  return value;
}
