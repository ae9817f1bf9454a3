import { defaulted, float, many, required, string } from "../../../../component/arguments.ts";
import { defineStage, filtering } from "../stage.ts";

export const sampling = defineStage(
  many("Lets a random part of the lines through.", {
    arguments: {
      rate: required(float, "The part, from 0 to 1.", {
        check: (rate) =>
          rate >= 0 && rate <= 1
            ? undefined
            : `sampling stage failed to parse rate,Sampling Rate must be between 0.0 and 1.0, received ${rate.toFixed(6)}`,
      }),
      drop_counter_reason: defaulted(string, "The reason under which drops are counted.", "sampling_stage"),
    },
  }),
  (args, { random, counters }) => {
    const dropped = counters.dropped.of(args.drop_counter_reason);
    return filtering(() => {
      if (random() < args.rate) return true;
      dropped.add(1);
      return false;
    });
  },
);
