import type { TSchema } from "@sinclair/typebox";
import { collector } from "./collectors/collector.ts";
import { presets } from "./collectors/presets.ts";
import { destinations } from "./destinations/destinations.ts";
import { monitoring } from "./monitoring.ts";
import { wrapper } from "./wrapper.ts";

interface Row {
  readonly key: string;
  readonly type: string;
  readonly byDefault: string;
  readonly description: string;
}

/** The reference of all values, as Markdown. */
export function valuesReference(): string {
  const { collectors: _, collectorCommon: __, destinations: ___, ...features } = monitoring.properties;
  return [
    "# Values",
    "",
    "Written from the description of the values by `node ci/generate.ts`. Keys of *What to gather, where and whereto* stand below `upstream`",
    "in Big Bang's package and at the root elsewhere. A null means the default, at every depth.",
    "",
    ...Object.entries(features).flatMap(([key, schema]) => chapter(key, schema)),
    ...Object.entries(destinations).flatMap(([type, schema]) => chapter(`destinations.<name> of type ${type}`, schema)),
    ...chapter("collectors.<name> and collectorCommon.alloy", collector),
    "### Presets",
    "",
    ...Object.entries(presets).map(([name, settings]) => `- \`${name}\`: \`${JSON.stringify(settings)}\``),
    "",
    ...Object.entries(wrapper.properties).flatMap(([key, schema]) => chapter(`${key} (at the root)`, schema)),
  ].join("\n");
}

function chapter(title: string, schema: TSchema): string[] {
  const rows = isSection(schema) ? rowsOf(schema, "") : [rowOf(title, schema)];
  return [
    `## ${title}`,
    "",
    ...(isSection(schema) ? [describe(schema), ""] : []),
    "| Key | Type | Default | |",
    "|---|---|---|---|",
    ...rows.map(({ key, type, byDefault, description }) => `| ${key} | ${type} | ${byDefault} | ${description} |`),
    "",
  ];
}

function rowsOf(schema: TSchema, path: string): Row[] {
  return Object.entries(schema.properties as Record<string, TSchema>).flatMap(([name, property]) => {
    const key = path === "" ? name : `${path}.${name}`;
    return isSection(property) ? rowsOf(property, key) : [rowOf(key, property)];
  });
}

function rowOf(key: string, schema: TSchema): Row {
  return {
    key: `\`${key}\``,
    type: typeOf(schema),
    byDefault: schema.default === undefined ? "" : `\`${JSON.stringify(schema.default).replaceAll("|", "\\|")}\``,
    description: describe(schema),
  };
}

/** Whether a schema has keys of its own, and no default as a whole. */
function isSection(schema: TSchema): boolean {
  return schema.type === "object" && schema.default === undefined && Object.keys(schema.properties ?? {}).length > 0;
}

function typeOf({ type, enum: choices, items, anyOf, const: only }: TSchema): string {
  if (only !== undefined) return `\`${only}\``;
  if (choices !== undefined) return (choices as string[]).map((choice) => (choice === "" ? "empty" : `\`${choice}\``)).join(", ");
  if (anyOf !== undefined) return (anyOf as TSchema[]).map(typeOf).join(" or ");
  if (type === "array") return `list of ${typeOf((items ?? {}) as TSchema)}`;
  return type ?? "any";
}

function describe({ description = "" }: TSchema): string {
  return (description as string).replaceAll("|", "\\|").replaceAll("<", "&lt;");
}
