import { type Static, Type } from "@sinclair/typebox";
import { custom } from "./custom.ts";
import { loki } from "./loki.ts";
import { lokiStdout } from "./loki-stdout.ts";
import { nop } from "./nop.ts";
import { otlp } from "./otlp.ts";
import { prometheus } from "./prometheus.ts";

/** Each type of destination, by what its values say in `type`. */
export const destinations = { custom, loki, "loki-stdout": lokiStdout, nop, otlp, prometheus } as const;

export type Destination = Static<(typeof destinations)[keyof typeof destinations]>;

/** A destination of any type; the type chooses which keys there are, so that an unknown key is named by its path. */
export const anyDestination = Type.Unsafe<Destination>({
  type: "object",
  properties: { type: { type: "string" } },
  allOf: Object.keys(destinations).map((type) => ({
    if: { properties: { type: { const: type } }, required: ["type"] },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
    then: { $ref: `#/$defs/${type}` },
  })),
});
