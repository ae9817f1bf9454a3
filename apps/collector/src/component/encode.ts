import { type JsonValue, Secret, toJsonValue, type Value } from "@invar/alloy-syntax";
import { formatDuration } from "@invar/go-compat";
import type { Schema, TypeShape } from "./arguments.ts";
import { typeText } from "./convert.ts";

/** A statement of a block as the web API writes it. */
export type JsonStatement =
  | { readonly name: string; readonly type: "attr"; readonly value: JsonValue }
  | { readonly name: string; readonly type: "block"; readonly label?: string; readonly body: readonly JsonStatement[] };

/** Decoded arguments in the shape of the web API, defaults included, secrets hidden. */
export function encodeArguments(schema: Schema, args: Readonly<Record<string, unknown>>): JsonStatement[] {
  const statements: JsonStatement[] = [];
  for (const [name, argument] of Object.entries(schema.arguments ?? {})) {
    const value = args[name];
    if (value !== undefined) statements.push({ name, type: "attr", value: encodeValue(argument.type, value) });
  }
  for (const [name, block] of Object.entries(schema.blocks ?? {})) {
    const value = args[name];
    const inside = block.inside?.() ?? block;
    const instances = Array.isArray(value) ? value : value === undefined ? [] : [value];
    for (const instance of instances) statements.push(encodeBlock(name, inside, instance as Readonly<Record<string, unknown>>));
  }
  const { ordered } = schema;
  if (ordered !== undefined)
    for (const entry of (args[ordered.into] ?? []) as readonly {
      readonly block: string;
      readonly args: Readonly<Record<string, unknown>>;
    }[]) {
      const block = ordered.blocks[entry.block];
      if (block !== undefined) statements.push(encodeBlock(entry.block, block.inside?.() ?? block, entry.args));
    }
  return statements;
}

/** Exports in the shape of the web API. */
export function encodeExports(
  types: Readonly<Record<string, { readonly type: TypeShape }>>,
  exports: Readonly<Record<string, Value>>,
): JsonStatement[] {
  return Object.entries(exports).map(([name, value]) => ({
    name,
    type: "attr",
    value: types[name]?.type.kind === "secret" ? toJsonValue(new Secret("")) : encodeLoose(value),
  }));
}

/** What a component tells of itself, which is plain JSON, in the shape of the web API: objects become blocks, lists of objects repeated ones. */
export function encodeDebugInfo(info: unknown): JsonStatement[] {
  if (typeof info !== "object" || info === null) return [];
  const statements: JsonStatement[] = [];
  for (const [name, value] of Object.entries(info)) {
    const items = Array.isArray(value) ? value : [value];
    if (items.length > 0 && items.every((item) => typeof item === "object" && item !== null && !Array.isArray(item)))
      for (const item of items) statements.push({ name, type: "block", body: encodeDebugInfo(item) });
    else if (value !== undefined) statements.push({ name, type: "attr", value: encodeLoose(value) });
  }
  return statements;
}

function encodeBlock(name: string, schema: Schema, args: Readonly<Record<string, unknown>>): JsonStatement {
  const body = encodeArguments(schema, args);
  return typeof args.label === "string" ? { name, type: "block", label: args.label, body } : { name, type: "block", body };
}

/** The way back from what `create` gets to what the user wrote. */
function encodeValue(type: TypeShape, value: unknown): JsonValue {
  if (value === null) return toJsonValue(null);
  switch (type.kind) {
    case "duration":
      return toJsonValue(formatDuration(BigInt(Math.round((value as number) * 1e6))));
    case "list":
      return { type: "array", value: (value as readonly unknown[]).map((item) => encodeValue(type.of, item)) };
    case "map":
      return {
        type: "object",
        value: Object.entries(value as Readonly<Record<string, unknown>>).map(([key, item]) => ({
          key,
          value: encodeValue(type.of, item),
        })),
      };
    case "capsule":
      return { type: "capsule", value: typeText(type) };
    default:
      return encodeLoose(value);
  }
}

function encodeLoose(value: unknown): JsonValue {
  if (value === undefined) return toJsonValue(null);
  if (typeof value === "object" && value !== null && !(value instanceof Secret)) {
    if (Array.isArray(value)) return { type: "array", value: value.map(encodeLoose) };
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype === null || prototype === Object.prototype)
      return { type: "object", value: Object.entries(value).map(([key, item]) => ({ key, value: encodeLoose(item) })) };
  }
  return toJsonValue(value as Value);
}
