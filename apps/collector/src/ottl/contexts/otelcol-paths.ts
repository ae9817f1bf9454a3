import type { Metadata } from "../../signals/client-info.ts";
import type { Frame } from "../telemetry/frame.ts";
import { StatementError, type Value, type ValueMap } from "../value.ts";
import type { Access, Key } from "./access.ts";
import { readOnly } from "./fields.ts";
import { integerKey, textKey } from "./keys.ts";
import { type PathParts, withoutMore } from "./path-parts.ts";

/** Who sent the telemetry: `otelcol.client.…` and `otelcol.grpc.metadata`. All of it is read-only. */
export function otelcolPath(path: PathParts): Access | undefined {
  const full = path.names.join(".");
  const keys = path.keys[path.keys.length - 1] ?? [];
  const inner: PathParts = {
    ...path,
    keys: path.keys.map((each, i) => (i === path.keys.length - 1 && full !== "client.addr" ? [] : each)),
  };
  const denied = `the path otelcol.${full} is read-only and cannot be modified`;
  switch (full) {
    case "client.addr":
      return withoutMore(
        path,
        2,
        readOnly((frame) => frame.client?.address ?? null, denied),
      );
    case "client.metadata":
    case "grpc.metadata":
      return withoutMore(inner, 2, readOnly(metadata(keys), denied));
    case "client.auth.attributes":
      return withoutMore(inner, 3, readOnly(authentication(keys), denied));
    default:
      return undefined;
  }
}

function metadata(keys: readonly Key[]): (frame: Frame) => Value {
  const [first, second] = keys;
  if (first === undefined) return (frame) => (frame.client === undefined ? new Map() : mapOf(frame.client.metadata));
  return (frame) => {
    const name = textKey(frame, first);
    const values = frame.client?.metadata.all(name) ?? [];
    if (values.length === 0) return null;
    if (second === undefined) return values;
    if (keys.length > 2) throw new StatementError("cannot index into string slice more than once");
    const index = integerKey(frame, second);
    if (index < 0n || index >= values.length) throw new StatementError(`index ${index} out of bounds`);
    return values[Number(index)] ?? null;
  };
}

function mapOf(headers: Metadata): ValueMap {
  const map: ValueMap = new Map();
  for (const [name] of headers) if (!map.has(name)) map.set(name, headers.all(name));
  return map;
}

function authentication(keys: readonly Key[]): (frame: Frame) => Value {
  const [first] = keys;
  if (first === undefined) return (frame) => new Map(Object.entries(frame.client?.attributes ?? {}));
  return (frame) => {
    const name = textKey(frame, first);
    const value = frame.client?.attributes?.[name];
    if (value === undefined) return null;
    if (keys.length > 1) throw new StatementError(`attribute ${JSON.stringify(name)} value is not indexable: Str`);
    return value;
  };
}
