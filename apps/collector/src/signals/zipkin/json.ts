import { isUtf8 } from "node:buffer";
import { MalformedInput } from "../../bytes/malformed-input.ts";

/** A JSON object whose members are not known to be what they should. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Parses a list of objects; nulls in it are left out. `what` begins the error. */
export function parseSpans(what: string, body: Uint8Array): JsonObject[] {
  if (!isUtf8(body)) throw new MalformedInput(`${what}: the body is not UTF-8`);
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.length).toString("utf8"));
  } catch (error) {
    if (body.length === 0) throw new MalformedInput(`${what}: unexpected end of JSON input`);
    throw new MalformedInput(`${what}: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (parsed === null) return [];
  if (!Array.isArray(parsed)) throw new MalformedInput(`${what}: expected a list of spans, found ${kindOf(parsed)}`);
  return parsed.filter((each) => each !== null).map((each) => asObject(each, `${what}: a span`));
}

export function asObject(value: unknown, what: string): JsonObject {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as JsonObject;
  throw new MalformedInput(`${what} must be an object, found ${kindOf(value)}`);
}

/** A member that is an object; undefined where it is absent or null. */
export function objectOf(object: JsonObject, name: string): JsonObject | undefined {
  const value = object[name];
  return value === undefined || value === null ? undefined : asObject(value, name);
}

/** A member that is a list of objects; nulls in it are left out. */
export function objectsOf(object: JsonObject, name: string): JsonObject[] {
  const value = object[name];
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new MalformedInput(`${name} must be a list, found ${kindOf(value)}`);
  return value.filter((each) => each !== null).map((each) => asObject(each, `${name} must be objects: one of them`));
}

/** A member that is a text, empty where it is absent or null. */
export function textOf(object: JsonObject, name: string): string {
  const value = object[name];
  if (typeof value === "string") return value;
  if (value === undefined || value === null) return "";
  throw new MalformedInput(`${name} must be a string, found ${kindOf(value)}`);
}

/** A member that is a whole number within these bounds, 0 where it is absent or null. */
export function wholeOf(object: JsonObject, name: string, min: number, max: number): number {
  const value = object[name];
  if (value === undefined || value === null) return 0;
  if (typeof value === "number" && Number.isInteger(value) && value >= min && value <= max) return value;
  throw new MalformedInput(
    `${name} must be a whole number from ${min} to ${max}, found ${typeof value === "number" ? value : kindOf(value)}`,
  );
}

function kindOf(value: unknown): string {
  return value === null ? "null" : Array.isArray(value) ? "a list" : `a ${typeof value}`;
}
