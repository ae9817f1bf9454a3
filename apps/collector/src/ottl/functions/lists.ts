import { byteLength, compareTexts } from "@invar/go-compat";
import { equal } from "../compare.ts";
import { checkSettable } from "../contexts/access.ts";
import { attributeType } from "../contexts/keys.ts";
import { asText } from "../text/json.ts";
import { copyOf, isList, isMap, Messages, StatementError, typeName, type Value, type ValueList } from "../value.ts";
import {
  constantString,
  constantStrings,
  define,
  type FunctionDefinition,
  integer,
  list,
  listTarget,
  map,
  optional,
  target,
  value,
  values,
} from "./function.ts";

/** Converters and editors of lists and maps. */
export const listFunctions: readonly FunctionDefinition[] = [
  define("append", { target, value: optional(value), values: optional(values) }, ({ target: to, value: one, values: several }) => {
    if (one === undefined && several === undefined)
      throw new StatementError("at least one of the optional arguments ('value' or 'values') must be provided");
    return (frame) => {
      const before = to.get(frame);
      const items: ValueList = before === null ? [] : isList(before) ? [...before] : [before];
      if (one !== undefined) items.push(one.get(frame));
      for (const each of several ?? []) items.push(each.get(frame));
      for (const each of items) checkSettable(each);
      to.set(frame, items);
      return null;
    };
  }),

  define(
    "delete_index",
    { target: listTarget, start_index: integer, end_index: optional(integer) },
    ({ target: to, start_index, end_index }) => {
      return (frame) => {
        const items = to.get(frame);
        const start = start_index.get(frame);
        const end = end_index === undefined ? start + 1n : end_index.get(frame);
        const size = BigInt(items.length);
        if (start === 0n && end === size) {
          to.set(frame, []);
          return null;
        }
        if (start < 0n || start >= size) throw new StatementError(`startIndex ${start} out of bounds for slice of length ${size}`);
        if (end < start) throw new StatementError(`endIndex ${end} cannot be less than startIndex ${start}`);
        if (end > size) throw new StatementError(`deletion range [${start}:${end}] out of bounds for slice of length ${size}`);
        to.set(frame, [...items.slice(0, Number(start)), ...items.slice(Number(end))]);
        return null;
      };
    },
  ),

  define(
    "Len",
    { target: value },
    ({ target: of }) =>
      (frame) =>
        BigInt(lengthOf(of.get(frame))),
  ),
  define("Keys", { target: map }, ({ target: of }) => (frame) => [...of.get(frame).keys()]),
  define(
    "Values",
    { target: map },
    ({ target: of }) =>
      (frame) =>
        [...of.get(frame).values()].map(copyOf),
  ),
  define("ContainsValue", { target: list, item: value }, ({ target: of, item }) => (frame) => {
    const items = of.get(frame);
    const wanted = item.get(frame);
    return items.some((each) => each === wanted || equal(each, wanted));
  }),

  define("Index", { target: value, value }, ({ target: of, value: item }) => (frame) => {
    const found = of.get(frame);
    const wanted = item.get(frame);
    if (typeof found === "string") {
      if (typeof wanted !== "string") throw new StatementError("invalid value type for Index function, value must be a string");
      const at = found.indexOf(wanted);
      return BigInt(at < 0 ? -1 : byteLength(found.slice(0, at)));
    }
    if (!isList(found)) throw new StatementError(`expected pcommon.Slice but got ${found === null ? "nil" : typeName(found)}`, true);
    return BigInt(found.findIndex((each) => each === wanted || equal(each, wanted)));
  }),

  define("Coalesce", { values }, ({ values: candidates }) => {
    if (candidates.length === 0) throw new StatementError("Coalesce requires at least one argument");
    return (frame) => {
      for (const candidate of candidates) {
        const found = candidate.get(frame);
        if (found !== null) return found;
      }
      return null;
    };
  }),

  define(
    "SliceToMap",
    { target: list, key_path: optional(constantStrings), value_path: optional(constantStrings) },
    ({ target: of, key_path: keyPath, value_path: valuePath }) =>
      (frame) => {
        const result = new Map<string, Value>();
        for (const [i, element] of of.get(frame).entries()) {
          if ((keyPath !== undefined || valuePath !== undefined) && !isMap(element))
            throw new StatementError(
              `slice elements must be maps when using \`key_path\` or \`value_path\`, but could not cast element of type \`${attributeType(element)}\` to a map`,
            );
          let key = String(i);
          if (keyPath !== undefined) {
            const found = extracted(element, keyPath, `could not extract key from element ${i}`);
            if (typeof found !== "string")
              throw new StatementError(
                `element ${i}: extracted key attribute is not of type string, got ${JSON.stringify(attributeType(found))}`,
              );
            key = found;
          }
          result.set(
            key,
            copyOf(valuePath === undefined ? element : extracted(element, valuePath, `could not extract value from element ${i}`)),
          );
        }
        return result;
      },
  ),

  define("Sort", { target: value, order: optional(constantString) }, ({ target: of, order = "asc" }) => {
    if (order !== "asc" && order !== "desc")
      throw new StatementError(`invalid arguments: ${order}. Order should be either "asc" or "desc"`);
    return (frame) => {
      const items = of.get(frame);
      if (!isList(items)) throw new StatementError(`sort with unsupported type: '${typeName(items)}'. Target is not a list`);
      return sorted(items, order === "asc" ? 1 : -1);
    };
  }),
];

function lengthOf(found: Value): number {
  if (typeof found === "string") return byteLength(found);
  if (isMap(found)) return found.size;
  if (isList(found) || found instanceof Uint8Array) return found.length;
  if (found instanceof Messages && found.isList) return found.contents.length;
  throw new StatementError(
    `Len: unsupported target type ${typeName(found)}. target arg must be of type string, []any, map[string]any, pcommon.Map, pcommon.Slice, pcommon.Value (of type String, Map, Slice) or a supported slice type from the plog, pmetric or ptrace packages`,
  );
}

function extracted(element: Value, path: readonly string[], what: string): Value {
  if (path.length === 0) throw new StatementError(`${what}: must provide at least one path item`);
  let current = element;
  for (const [i, name] of path.entries()) {
    const found = isMap(current) ? current.get(name) : undefined;
    if (found === undefined) throw new StatementError(`${what}: provided object does not contain the path [${path.slice(i).join(" ")}]`);
    current = found;
  }
  return current;
}

/** Numbers as numbers, all others that can be compared as text; lists of anything else stay as they are. */
function sorted(items: ValueList, direction: 1 | -1): ValueList {
  if (items.some((each) => typeof each === "object" && each !== null)) return items;
  const isText = items.some((each) => typeof each !== "bigint" && typeof each !== "number");
  const copy = [...items];
  if (isText) return copy.sort((a, b) => direction * compareTexts(asText(a), asText(b)));
  return copy.sort((a, b) => direction * ((a as number) < (b as number) ? -1 : (a as number) > (b as number) ? 1 : 0));
}
