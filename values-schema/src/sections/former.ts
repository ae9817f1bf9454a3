import { Type } from "@sinclair/typebox";
import { kubernetes } from "../words.ts";

/** Collectors by the names that they had before `collectors` held them. */
export const formerCollectors = ["alloy-logs", "alloy-metrics", "alloy-profiles", "alloy-receiver", "alloy-singleton"] as const;

const formerCollector = (name: string) =>
  Type.Unsafe<Record<string, unknown>>(
    Type.Object(
      {},
      {
        description: `A collector's former place, which Big Bang's umbrella still fills beside the new one. What is in \`collectors.${name}\` holds; there must be one where this is enabled.`,
        default: {},
        additionalProperties: true,
      },
    ),
  );

/** Keys of older values, and of parts that are not there: accepted, and there is nothing left to do for them. */
export const former = {
  ...(Object.fromEntries(formerCollectors.map((name) => [name, formerCollector(name)])) as Record<
    (typeof formerCollectors)[number],
    ReturnType<typeof formerCollector>
  >),
  alloy: kubernetes("Nothing is left to do here: Big Bang's umbrella labels the operator's own collector, and there is none."),
  "alloy-operator": kubernetes("Nothing is left to do here: there is no operator."),
};
