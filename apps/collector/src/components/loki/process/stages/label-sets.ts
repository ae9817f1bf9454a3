import { list, many, map, required, string } from "../../../../component/arguments.ts";
import type { StreamLabels } from "../../../../signals/loki/stream-labels.ts";
import { defineStage, type Stage } from "../stage.ts";
import { invalidNames } from "./labels.ts";

/** A stage whose change depends on nothing but the labels: made once a label set, and remembered as long as that is used. */
function relabelling(change: (labels: StreamLabels) => StreamLabels): Stage {
  const known = new WeakMap<StreamLabels, StreamLabels>();
  const changed = (from: StreamLabels): StreamLabels => {
    let to = known.get(from);
    if (to === undefined) {
      to = change(from);
      known.set(from, to);
    }
    return to;
  };
  return {
    run(frame, { rows, count }) {
      const places = new Int32Array(frame.streams.length).fill(-1);
      for (let i = 0; i < count; i++) {
        const row = rows[i] as number;
        const from = frame.stream[row] as number;
        if (places[from] === -1) places[from] = frame.place(changed(frame.streams[from] as StreamLabels));
        frame.stream[row] = places[from] as number;
      }
    },
  };
}

const names = required(list(string), "The names of the labels.");

export const labelDrop = defineStage(
  many(
    "Takes labels away.",
    { arguments: { values: names } },
    { check: (args, report) => (args.values.length === 0 ? report("labeldrop stage config cannot be empty") : undefined) },
  ),
  (args) => {
    const dropped = new Set(args.values);
    return relabelling((labels) => labels.filter((name) => !dropped.has(name)));
  },
);

export const labelKeep = defineStage(
  many(
    "Takes all other labels away.",
    { arguments: { values: names } },
    { check: (args, report) => (args.values.length === 0 ? report("labelallow stage config cannot be empty") : undefined) },
  ),
  (args) => {
    const kept = new Set(args.values);
    return relabelling((labels) => labels.filter((name) => kept.has(name)));
  },
);

export const staticLabels = defineStage(
  many("Sets labels to fixed values.", {
    arguments: { values: required(map(string), "The labels; an empty value sets none.", { check: invalidNames }) },
  }),
  (args) => {
    const pairs = Object.entries(args.values).filter(([, value]) => value !== "");
    return relabelling((labels) => pairs.reduce((all, [name, value]) => all.with(name, value), labels));
  },
);
