import type { Frame } from "../telemetry/frame.ts";
import { copyOf, isList, isMap, StatementError, typeName, type Value, type ValueMap } from "../value.ts";
import { checkSettable, type Key } from "./access.ts";

/** A list is not made longer than this by an index that lies beyond its end. */
const MAX_PADDING = 100_000;

/** What is found in a map or list under keys; nil where a map does not have the key. */
export function getIn(frame: Frame, value: Value, keys: readonly Key[], from = 0): Value {
  let current = value;
  for (let i = from; i < keys.length; i++) {
    const key = keys[i] as Key;
    if (isMap(current)) {
      const found = current.get(textKey(frame, key));
      if (found === undefined) return null;
      current = found;
    } else if (isList(current)) {
      const index = integerKey(frame, key);
      if (index < 0n || index >= current.length) throw new StatementError(`index ${index} out of bounds`);
      current = current[Number(index)] ?? null;
    } else throw notIndexable(current);
  }
  return current;
}

/** The value with what lies under the keys replaced; maps and lists on the way are changed, or made where there is nothing. */
export function setIn(frame: Frame, current: Value, keys: readonly Key[], from: number, value: Value): Value {
  const key = keys[from];
  if (key === undefined) {
    checkSettable(value);
    return copyOf(value);
  }
  if (isMap(current)) {
    const name = textKey(frame, key);
    current.set(name, setIn(frame, current.get(name) ?? null, keys, from + 1, value));
    return current;
  }
  if (isList(current)) {
    const index = integerKey(frame, key);
    if (index < 0n || index >= current.length) throw new StatementError(`index ${index} out of bounds`);
    current[Number(index)] = setIn(frame, current[Number(index)] ?? null, keys, from + 1, value);
    return current;
  }
  if (current !== null) throw notIndexable(current);
  const found = key.literal ?? key.get?.(frame) ?? null;
  if (typeof found === "string") return new Map([[found, setIn(frame, null, keys, from + 1, value)]]);
  if (typeof found !== "bigint") throw new StatementError("neither a string nor an int index was given, this is an error in the OTTL");
  if (found < 0n || found > MAX_PADDING) throw new StatementError(`index ${found} out of bounds`);
  const list: Value[] = new Array<Value>(Number(found)).fill(null);
  list.push(setIn(frame, null, keys, from + 1, value));
  return list;
}

export function textKey(frame: Frame, key: Key): string {
  if (typeof key.literal === "string") return key.literal;
  const value = computed(frame, key, "unable to resolve a string index in map");
  if (typeof value === "string") return value;
  throw new StatementError(
    `unable to resolve a string index in map: could not resolve key for map/slice, expecting 'string' but got '${typeName(value)}'`,
  );
}

export function integerKey(frame: Frame, key: Key): bigint {
  if (typeof key.literal === "bigint") return key.literal;
  const value = computed(frame, key, "unable to resolve an integer index in slice");
  if (typeof value === "bigint") return value;
  throw new StatementError(
    `unable to resolve an integer index in slice: could not resolve key for map/slice, expecting 'int64' but got '${typeName(value)}'`,
  );
}

function computed(frame: Frame, key: Key, what: string): Value {
  if (key.get === undefined) throw new StatementError(`${what}: invalid key type`);
  return key.get(frame);
}

function notIndexable(value: Value): StatementError {
  return new StatementError(`type ${attributeType(value)} does not support string indexing`);
}

/** The type of an attribute's value by its short name. */
export function attributeType(value: Value): string {
  switch (typeof value) {
    case "string":
      return "Str";
    case "boolean":
      return "Bool";
    case "bigint":
      return "Int";
    case "number":
      return "Double";
    default:
      return value === null ? "Empty" : isMap(value) ? "Map" : isList(value) ? "Slice" : "Bytes";
  }
}

/** What a map path is set to; nil is an empty map. */
export function expectMap(value: Value): ValueMap {
  if (value === null) return new Map();
  if (isMap(value)) return value;
  throw new StatementError(`unsupported type provided for setting a pcommon.Map: ${typeName(value)}`);
}
