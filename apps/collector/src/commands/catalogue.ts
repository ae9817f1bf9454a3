import type { ArgumentShape, BlockSchema, Schema, TypeShape } from "../component/arguments.ts";
import { typeText } from "../component/convert.ts";
import { components } from "../components/registry.generated.ts";
import { version } from "../version.ts";
import { describeFlags, parseFlags } from "./flags.ts";
import { UsageError } from "./usage-error.ts";

const catalogueFlags = {} as const;

export const catalogueUsage = `Usage: invar catalogue

Writes the definition of every component as JSON: arguments, blocks, defaults, exports, own metrics and needs.
${describeFlags(catalogueFlags)}`;

/** Writes what the docs, the renderer's lint and the chart build on. */
export function catalogue(argv: readonly string[]): number {
  if (parseFlags(catalogueFlags, argv).args.length > 0) throw new UsageError("invar catalogue takes no arguments");
  process.stdout.write(`${JSON.stringify(catalogueOf(), null, 2)}\n`);
  return 0;
}

export function catalogueOf() {
  return {
    version,
    components: Object.values(components).map((load) => {
      const definition = load();
      return {
        name: definition.name,
        stability: definition.stability,
        summary: definition.summary,
        ...inside(definition, 0),
        exports: Object.entries(definition.exports).map(([name, { type, doc }]) => ({ name, type: typeOf(type), doc })),
        metrics: definition.metrics,
        needs: definition.needs,
      };
    }),
  };
}

/** A block nested in itself is written as often as anyone would nest it in a form; beyond, its name says enough. */
const deepest = 2;

function inside(schema: Schema, depth: number) {
  const blocks: [string, BlockSchema, boolean][] = [
    ...Object.entries(schema.blocks ?? {}).map(([name, block]) => [name, block, false] as [string, BlockSchema, boolean]),
    ...Object.entries(schema.ordered?.blocks ?? {}).map(([name, block]) => [name, block, true] as [string, BlockSchema, boolean]),
  ];
  return {
    arguments: Object.entries(schema.arguments ?? {}).map(([name, argument]) => argumentOf(name, argument)),
    blocks: blocks.map(([name, block, isOrdered]): object => ({
      name,
      doc: block.doc,
      occurs: block.occurs,
      ...(block.labelled === true && { labelled: true }),
      ...(isOrdered && { ordered: true }),
      ...(block.stability !== undefined && { stability: block.stability }),
      ...(depth > deepest && block.inside !== undefined
        ? { recursive: true }
        : inside(block.inside?.() ?? block, block.inside === undefined ? depth : depth + 1)),
    })),
  };
}

function argumentOf(name: string, { type, doc, required, default: value, deprecated, withoutEffect, stability }: ArgumentShape) {
  return {
    name,
    type: typeOf(type),
    ...(type.kind === "enum" && { values: type.values }),
    doc,
    required: required === true,
    ...(value !== undefined && {
      default: JSON.parse(JSON.stringify(value, (_, item: unknown) => (typeof item === "bigint" ? Number(item) : item))) as unknown,
    }),
    ...(deprecated !== undefined && { deprecated }),
    ...(withoutEffect !== undefined && { withoutEffect }),
    ...(stability !== undefined && { stability }),
  };
}

/** Durations and sizes keep their names here: a form offers different fields for them. */
function typeOf(type: TypeShape): string {
  return typeText(type);
}
