import { type BlockSchema, defaulted, type Report, required, type Schema, string } from "../../../../component/arguments.ts";
import { parseSelector, type Selector } from "../../../../signals/loki/selector.ts";
import { type Frame, Selection } from "../frame.ts";
import { filtering, type Stage, type StageConfig, type StageContext, type StageDefinition } from "../stage.ts";

interface MatchArguments {
  readonly selector: string;
  readonly action: string;
  readonly drop_counter_reason: string;
  readonly pipeline_name: string;
  readonly stages: readonly StageConfig[];
}

/** `stageBlocks` are those that may stand inside, this one among them. */
export function matchStage(stageBlocks: () => Readonly<Record<string, BlockSchema>>): StageDefinition {
  const inside = (): Schema => ({ arguments: matchArguments, ordered: { into: "stages", blocks: stageBlocks() } });
  return {
    block: {
      doc: "Runs the stages inside for lines that a selector matches, or drops these lines.",
      occurs: "many",
      inside,
      check: (args: MatchArguments, report: Report) => {
        if (args.action === "keep" && args.stages.length === 0)
          report("match stage requires at least one additional stage to be defined in '- stages'");
        if (args.action === "drop" && args.stages.length > 0) report("match stage configured to drop entries cannot contains stages");
      },
    },
    compile: (args: MatchArguments, context: StageContext) => compileMatch(args, context),
  };
}

const matchArguments = {
  selector: required(string, "The streams, and with line filters the lines, that match.", { check: selectorError }),
  action: defaulted(string, "What happens to lines that match: `keep` runs the stages inside, `drop` drops them.", "keep", {
    check: (action) => (action === "keep" || action === "drop" ? undefined : "match stage action should be 'keep' or 'drop'"),
  }),
  drop_counter_reason: defaulted(string, "The reason under which drops are counted.", "match_stage"),
  pipeline_name: defaulted(string, "A name for the stages inside.", "", { withoutEffect: "nothing is known by the name of a pipeline" }),
};

function selectorError(source: string): string | undefined {
  if (source === "") return "selector statement required for match stage";
  const selector = parseSelector(source);
  return "error" in selector ? `invalid selector syntax for match stage: ${selector.error}` : undefined;
}

function compileMatch(args: MatchArguments, context: StageContext): Stage {
  const selector = parseSelector(args.selector);
  if ("error" in selector) throw new Error(`invalid selector syntax for match stage: ${selector.error}`);
  if (args.action === "drop") {
    const dropped = context.counters.dropped.of(args.drop_counter_reason === "" ? "match_stage" : args.drop_counter_reason);
    return filtering((frame, row) => {
      if (!matches(selector, frame, row)) return true;
      dropped.add(1);
      return false;
    });
  }
  const inner = context.nested(args.stages);
  return {
    run(frame, selection) {
      const { matched, others } = divide(selector, frame, selection);
      if (matched.count === 0) return undefined;
      // Inside, the labels are extracted values once more.
      for (let i = 0; i < matched.count; i++) {
        const row = matched.rows[i] as number;
        frame.extracted.setLabels(row, frame.labels(row));
      }
      const done = inner.run(frame, matched);
      if (done === undefined) return merge(frame, selection, matched, others);
      return done.then(() => merge(frame, selection, matched, others));
    },
    flush: () => inner.flush?.(),
    close: () => inner.close?.(),
  };
}

function matches({ matchesLabels, matchesLine }: Selector, frame: Frame, row: number): boolean {
  return matchesLabels(frame.labels(row)) && (matchesLine === undefined || matchesLine(frame.line(row)));
}

function divide(selector: Selector, frame: Frame, { rows, count }: Selection): { matched: Selection; others: Selection } {
  const matched = new Selection(new Uint32Array(count), 0);
  const others = new Selection(new Uint32Array(count), 0);
  const byStream = new Int8Array(frame.streams.length).fill(-1);
  for (let i = 0; i < count; i++) {
    const row = rows[i] as number;
    const place = frame.stream[row] as number;
    if (byStream[place] === -1) byStream[place] = selector.matchesLabels(frame.labels(row)) ? 1 : 0;
    const isMatch = byStream[place] === 1 && (selector.matchesLine === undefined || selector.matchesLine(frame.line(row)));
    const into = isMatch ? matched : others;
    into.rows[into.count++] = row;
  }
  return { matched, others };
}

/** Both in the order in which their lines came. */
function merge(frame: Frame, into: Selection, a: Selection, b: Selection): void {
  const rows = new Uint32Array(a.count + b.count);
  let inA = 0;
  let inB = 0;
  for (let i = 0; i < rows.length; i++) {
    const takesA =
      inB >= b.count || (inA < a.count && (frame.order[a.rows[inA] as number] as number) <= (frame.order[b.rows[inB] as number] as number));
    rows[i] = (takesA ? a.rows[inA++] : b.rows[inB++]) as number;
  }
  into.rows = rows;
  into.count = rows.length;
}
