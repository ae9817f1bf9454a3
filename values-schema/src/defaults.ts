import type { TObject, TSchema } from "@sinclair/typebox";

/** The values that hold when a user sets nothing: what a schema's defaults say, level by level. */
export function defaultsOf(schema: TSchema): unknown {
  if ("default" in schema) return schema.default;
  if (schema.type !== "object") return undefined;
  const entries = Object.entries((schema as TObject).properties ?? {})
    .map(([key, property]) => [key, defaultsOf(property)] as const)
    .filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries);
}
