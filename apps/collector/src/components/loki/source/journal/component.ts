import { join } from "node:path";
import {
  bool,
  type Decoded,
  defaulted,
  duration,
  labels,
  list,
  maybe,
  optional,
  required,
  string,
} from "../../../../component/arguments.ts";
import { lokiReceiver, relabelRules } from "../../../../component/capsules.ts";
import type { ComponentContext } from "../../../../component/context.ts";
import { type Component, defineComponent } from "../../../../component/definition.ts";
import { readLegacyPositions } from "../../../../delivery/legacy-positions.ts";
import { type Positions, positionsIn } from "../../../../delivery/positions.ts";
import { WaitingSink } from "../../../../delivery/waiting-sink.ts";
import { noRules } from "../../../../relabel/rules.ts";
import { fanout } from "../../../../signals/fanout.ts";
import { CommittedCursor } from "./committed-cursor.ts";
import { JournalSet, parseCursor } from "./journal-set.ts";
import { parseMatches } from "./matches.ts";
import { JournalReader } from "./reader.ts";

const schema = {
  arguments: {
    forward_to: required(list(lokiReceiver), "Where lines go."),
    format_as_json: defaulted(bool, "Whether a line is the whole entry in JSON; otherwise it is its message.", false),
    labels: defaulted(labels, "Labels that every line gets.", {}),
    matches: defaulted(string, "Only entries with these fields, as `FIELD=VALUE` with spaces between.", "", {
      check: (text) => {
        const matches = parseMatches(text);
        return typeof matches === "string" ? matches : undefined;
      },
    }),
    max_age: defaulted(duration, "How far back reading begins where nothing was read before.", "7h"),
    path: defaulted(string, "The folder of the journal; /var/log/journal and /run/log/journal where it is empty.", ""),
    relabel_rules: optional(relabelRules, "Rules for the labels, from a component that relabels."),
  },
  blocks: {
    legacy_position: maybe("Goes on where another collector stopped; read where there is no position yet.", {
      arguments: {
        file: required(string, "Its positions file."),
        name: required(string, "The name of the job that read the journal there."),
      },
    }),
  },
} as const;

type Args = Decoded<typeof schema>;

const PARSING_ERRORS = "loki_source_journal_target_parsing_errors_total";
const LINES = "loki_source_journal_target_lines_total";
const DROPPED = "loki_source_journal_dropped_lines_total";
const CURSOR = "cursor";

/** Reads the journal of systemd. */
export const component = defineComponent({
  name: "loki.source.journal",
  stability: "generally-available",
  summary: "Reads the journal of systemd from its files, without systemd's library.",
  ...schema,
  exports: {},
  metrics: [
    { name: PARSING_ERRORS, kind: "counter", doc: "Entries, or fields of entries, that gave no line, by reason." },
    { name: LINES, kind: "counter", doc: "Lines handed on." },
    { name: DROPPED, kind: "counter", doc: "Lines that were refused for good, by reason." },
  ],
  needs: { storage: true, hostPaths: ["/var/log/journal", "/run/log/journal", "/etc/machine-id"] },
  create: (context, args) => createSource(context, args),
});

async function createSource(context: ComponentContext, args: Args): Promise<Component<Args>> {
  const { clock, log, metrics, dataPath } = context;
  let current = args;
  let next = fanout(args.forward_to);
  const positions = await openCursor(context, args);
  const errors = metrics.counter(PARSING_ERRORS, {
    help: "Total number of parsing errors while reading journal messages",
    labels: ["error"],
  });
  const lines = metrics.counter(LINES, { help: "Total number of successful journal lines read" }).of();
  const dropped = metrics.counter(DROPPED, { help: "Lines that were refused for good.", labels: ["reason"] });
  const cursor = new CommittedCursor((committed) => positions.set(CURSOR, committed));
  let sink = sinkOf();
  let journal = journalOf(args, positions.get(CURSOR));
  let reader = readerOf(args);

  function sinkOf(): WaitingSink {
    return new WaitingSink({ clock, log, dropped, next: () => next });
  }
  function journalOf({ path, max_age }: Args, known: string | undefined): JournalSet {
    return new JournalSet({
      path,
      position: known === undefined ? undefined : parseCursor(known),
      sinceMicros: (clock.now() - max_age) * 1000,
      log,
    });
  }
  function readerOf({ matches }: Args): JournalReader {
    const parsed = parseMatches(matches);
    if (typeof parsed === "string") throw new Error(parsed);
    return new JournalReader({
      journal,
      matches: parsed,
      sink,
      cursor,
      clock,
      log,
      settings: () => ({
        labels: current.labels,
        rules: current.relabel_rules ?? noRules,
        asJson: current.format_as_json,
        job: context.id,
      }),
      count: (count) => lines.add(count),
      problem: (reason) => errors.of(reason).add(1),
      health: (problem) => context.health(problem === undefined ? "healthy" : "unhealthy", problem ?? "journal tailer is running"),
    });
  }

  return {
    start: () => reader.start(),
    async update(newArgs) {
      const isSame = newArgs.path === current.path && newArgs.matches === current.matches && newArgs.max_age === current.max_age;
      current = newArgs;
      next = fanout(newArgs.forward_to);
      if (isSame) return;
      sink.stop();
      await reader.stop();
      sink = sinkOf();
      journal = journalOf(newArgs, reader.taken ?? positions.get(CURSOR));
      reader = readerOf(newArgs);
      reader.start();
    },
    async stop() {
      sink.stop();
      await reader.stop();
      await positions.close();
    },
    debugInfo: () => ({
      cursor: cursor.last ?? positions.get(CURSOR) ?? "",
      data_path: dataPath ?? "",
      files: journal.files.map(({ path, count, isArchived }) => ({ path, entries: count, archived: isArchived })),
    }),
  };
}

/** The position from before: ours, else that of an Alloy which kept its state in the same folder, else the one that `legacy_position` names. */
async function openCursor({ dataPath, id, log }: ComponentContext, { legacy_position }: Args): Promise<Positions<string>> {
  const store = await positionsIn<string>(dataPath, { log, read: (value) => (typeof value === "string" ? value : undefined) });
  if (store.get(CURSOR) !== undefined) return store;
  const sources = [
    ...(dataPath === undefined ? [] : [{ file: join(dataPath, "positions.yml"), key: `cursor-${id}` }]),
    ...(legacy_position === undefined ? [] : [{ file: legacy_position.file, key: `cursor-${legacy_position.name}` }]),
  ];
  for (const { file, key } of sources) {
    const found = (await readLegacyPositions(file, log))?.find(({ path }) => path === key)?.position;
    if (found === undefined || parseCursor(found) === undefined) continue;
    store.set(CURSOR, found);
    log.info("took over the position of another collector", { path: file });
    break;
  }
  return store;
}
