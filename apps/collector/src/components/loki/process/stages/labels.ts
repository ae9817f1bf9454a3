import { defaulted, many, map, oneOf, required, string } from "../../../../component/arguments.ts";
import type { StreamLabels } from "../../../../signals/loki/stream-labels.ts";
import type { Frame } from "../frame.ts";
import { changing, defineStage, isLabelName, textOf } from "../stage.ts";

export const labels = defineStage(
  many("Sets labels to extracted values.", {
    arguments: {
      values: required(map(string), "The names of labels, and of the values they get; an empty one is the label's own name.", {
        check: invalidNames,
      }),
      source_type: defaulted(
        oneOf("extracted", "structured_metadata"),
        "Where the values are: extracted, or in the structured metadata.",
        "extracted",
      ),
    },
  }),
  (args, { names }) => {
    const sources = Object.entries(args.values).map(([label, source]) => ({ label, source: source === "" ? label : source }));
    if (args.source_type === "structured_metadata")
      return changing((frame, row) => {
        const metadata = frame.metadata(row);
        for (const { label, source } of sources) {
          const value = metadata.find(([name]) => name === source)?.[1];
          if (value?.isWellFormed() === true) frame.setLabels(row, frame.labels(row).with(label, value));
        }
      });
    const setters = sources.map(({ label, source }) => new LabelSetter(label, names.reads(source)));
    return {
      run(frame, { rows, count }) {
        for (const setter of setters) {
          setter.begin();
          for (let i = 0; i < count; i++) setter.set(frame, rows[i] as number);
        }
      },
    };
  },
);

export function invalidNames(values: Readonly<Record<string, unknown>>): string | undefined {
  const wrong = Object.keys(values).find((name) => !isLabelName(name));
  return wrong === undefined ? undefined : `invalid label name: ${wrong}`;
}

/** More values of one label would be held only by those who use labels for what they are not. */
const MOST_REMEMBERED = 1000;

/** Sets one label to a value which often is the same for many lines. */
class LabelSetter {
  readonly #label: string;
  readonly #slot: number;
  readonly #changes = new WeakMap<StreamLabels, Map<string, StreamLabels>>();
  #lastFrom = -1;
  #lastValue: unknown;
  #lastTo = -1;

  constructor(label: string, slot: number) {
    this.#label = label;
    this.#slot = slot;
  }

  /** Forgets the places of the frame before. */
  begin(): void {
    this.#lastFrom = -1;
  }

  set(frame: Frame, row: number): void {
    const value = frame.extracted.get(row, this.#slot);
    if (value === undefined) return;
    const from = frame.stream[row] as number;
    if (from !== this.#lastFrom || value !== this.#lastValue) {
      const text = textOf(value);
      if (text === undefined || !text.isWellFormed()) return;
      this.#lastTo = frame.place(this.#changed(frame.streams[from] as StreamLabels, text));
      this.#lastFrom = from;
      this.#lastValue = value;
    }
    frame.stream[row] = this.#lastTo;
  }

  #changed(from: StreamLabels, value: string): StreamLabels {
    if (from.get(this.#label) === value) return from;
    let changes = this.#changes.get(from);
    if (changes === undefined || changes.size >= MOST_REMEMBERED) {
      changes = new Map();
      this.#changes.set(from, changes);
    }
    let to = changes.get(value);
    if (to === undefined) {
      to = from.with(this.#label, value);
      changes.set(to.get(this.#label) as string, to);
    }
    return to;
  }
}
