import type { TSchema } from "@sinclair/typebox";
import { destinations } from "./destinations/destinations.ts";
import { monitoring } from "./monitoring.ts";
import { wrapper } from "./wrapper.ts";

type Written = Record<string, unknown>;

/**
 * The schema of the chart's values: k8s-monitoring's keys, below `upstream` or at the root, and those of Big Bang's package. Below the
 * root nothing unknown is let in; at the root the templates check the names, as other charts' keys may stand there. A null is allowed
 * everywhere and means the default.
 */
export function valuesSchema(): Written {
  const own = nullable(monitoring) as { properties: Written };
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "Values of the chart",
    type: "object",
    $defs: { monitoring: own, ...Object.fromEntries(Object.entries(destinations).map(([name, schema]) => [name, nullable(schema)])) },
    properties: {
      ...(nullable(wrapper) as { properties: Written }).properties,
      ...Object.fromEntries(Object.keys(own.properties).map((key) => [key, { $ref: `#/$defs/monitoring/properties/${key}` }])),
      upstream: { $ref: "#/$defs/monitoring" },
    },
  };
}

/** The same schema, which takes null as well: at every place, and without a key that must be there. */
function nullable(schema: TSchema): Written {
  const {
    required: _,
    type,
    properties,
    items,
    additionalProperties,
    anyOf,
    enum: choices,
    default: byDefault,
    ...rest
  } = schema as Written;
  return {
    ...rest,
    ...(type === undefined ? {} : { type: [type, "null"] }),
    ...(choices === undefined ? {} : { enum: [...(choices as unknown[]), null] }),
    ...(anyOf === undefined ? {} : { anyOf: [...(anyOf as TSchema[]).map(nullable), { type: "null" }] }),
    ...(properties === undefined ? {} : { properties: mapValues(properties as Record<string, TSchema>, nullable) }),
    ...(items === undefined ? {} : { items: nullable(items as TSchema) }),
    ...(additionalProperties === undefined
      ? {}
      : {
          additionalProperties: typeof additionalProperties === "object" ? nullable(additionalProperties as TSchema) : additionalProperties,
        }),
    ...(byDefault === undefined || typeof byDefault === "object" ? {} : { default: byDefault }),
  };
}

function mapValues<From, To>(table: Readonly<Record<string, From>>, form: (value: From) => To): Record<string, To> {
  return Object.fromEntries(Object.entries(table).map(([key, value]) => [key, form(value)]));
}
