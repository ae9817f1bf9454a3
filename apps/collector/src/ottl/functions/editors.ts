import { byteLength, bytesFromText, sliceByBytes } from "@invar/go-compat";
import { ProtobufWriter } from "../../bytes/protobuf-writer.ts";
import { BYTES, STRING } from "../../signals/otlp/any-value.ts";
import type { Access } from "../contexts/access.ts";
import { readValue, writeValue } from "../telemetry/any-value.ts";
import type { Frame } from "../telemetry/frame.ts";
import type { MessageView } from "../telemetry/message-view.ts";
import { asText } from "../text/json.ts";
import { copyOf, isList, isMap, StatementError, type Value, type ValueMap } from "../value.ts";
import {
  constantBoolean,
  constantInteger,
  constantString,
  constantStrings,
  define,
  type FunctionDefinition,
  type MapTarget,
  map,
  mapTarget,
  optional,
  string,
  strings,
  target,
  value,
} from "./function.ts";
import { pattern } from "./pattern.ts";

/** Editors of maps and of single values, but for those that replace text. */
export const editors: readonly FunctionDefinition[] = [
  define("set", { target, value }, ({ target: to, value: from }) => {
    const direct = directSet(to, from.access, from.literal?.value);
    if (direct !== undefined) return direct;
    const { get } = from;
    return (frame) => {
      const found = get(frame);
      // No field holds nil: what is not there leaves the target as it is.
      if (found !== null) to.set(frame, found);
      return null;
    };
  }),

  define("delete_key", { target: mapTarget, key: string }, ({ target: to, key }) => {
    const { attributes } = to;
    const known = key.literal === undefined ? undefined : Buffer.from(key.literal.value);
    if (attributes !== undefined)
      return (frame) => {
        const view = attributes(frame);
        const name = known ?? Buffer.from(key.get(frame));
        // Of a key that was sent twice the first one goes.
        const i = view.find(name);
        if (i >= 0) view.removeAttribute(i);
        return null;
      };
    return (frame) => changed(to, frame, (entries) => entries.delete(key.get(frame)));
  }),

  define("delete_matching_keys", { target: mapTarget, pattern: string }, ({ target: to, pattern: text }) => {
    const matcher = pattern("delete_matching_keys", text);
    return (frame) => {
      const regexp = matcher(frame);
      return withoutKeys(to, frame, (key) => regexp.test(key));
    };
  }),

  define("keep_matching_keys", { target: mapTarget, pattern: string }, ({ target: to, pattern: text }) => {
    const matcher = pattern("keep_matching_keys", text);
    return (frame) => {
      const regexp = matcher(frame);
      return withoutKeys(to, frame, (key) => !regexp.test(key));
    };
  }),

  define("keep_keys", { target: mapTarget, keys: strings }, ({ target: to, keys }) => {
    const known = keys.every((key) => key.literal !== undefined) ? new Set(keys.map((key) => key.literal?.value)) : undefined;
    return (frame) => {
      const kept = known ?? new Set(keys.map((key) => key.get(frame)));
      return withoutKeys(to, frame, (key) => !kept.has(key));
    };
  }),

  define(
    "limit",
    { target: mapTarget, limit: constantInteger, priority_keys: constantStrings },
    ({ target: to, limit, priority_keys: priority }) => {
      if (limit < 0n) throw new StatementError(`invalid limit for limit function, ${limit} cannot be negative`);
      if (limit < priority.length)
        throw new StatementError(
          `invalid limit for limit function, ${limit} cannot be less than number of priority attributes ${priority.length}`,
        );
      const most = Number(limit);
      const first = new Set(priority);
      return (frame) => {
        const entries = to.get(frame);
        if (entries.size <= most) return null;
        let count = 0;
        for (const key of priority) if (entries.has(key)) count++;
        return withoutKeys(to, frame, (key) => !first.has(key) && count++ >= most);
      };
    },
  ),

  define("merge_maps", { target: mapTarget, source: map, strategy: constantString }, ({ target: to, source, strategy }) => {
    if (strategy !== "insert" && strategy !== "update" && strategy !== "upsert")
      throw new StatementError(`invalid value for strategy, ${strategy}, must be 'insert', 'update' or 'upsert'`);
    return (frame) => {
      const { attributes } = to;
      const view = attributes?.(frame);
      if (view === undefined)
        return changed(to, frame, (entries) => {
          for (const [key, each] of source.get(frame)) if (merges(strategy, entries.has(key))) entries.set(key, copyOf(each));
        });
      for (const [key, each] of source.get(frame)) {
        const bytes = Buffer.from(key);
        if (merges(strategy, view.find(bytes) >= 0)) view.putAttribute(bytes, (writer) => writeValue(writer, each));
      }
      return null;
    };
  }),

  define(
    "flatten",
    { target: mapTarget, prefix: optional(constantString), depth: optional(constantInteger), resolve_conflicts: optional(constantBoolean) },
    ({ target: to, prefix = "", depth = 2n ** 63n - 1n, resolve_conflicts: resolves = false }) => {
      if (depth < 1n) throw new StatementError(`invalid depth '${depth}' for flatten function, must be greater than 0`);
      return (frame) => {
        const flat = new Flattened(Number(depth), resolves);
        flat.addMap(to.get(frame), prefix, 0);
        to.set(frame, flat.result);
        return null;
      };
    },
  ),

  define(
    "truncate_all",
    { target: mapTarget, limit: constantInteger, utf8_safe: optional(constantBoolean), truncation_marker: optional(constantString) },
    ({ target: to, limit, utf8_safe: isSafe = true, truncation_marker: marker = "" }) => {
      if (limit < 0n) throw new StatementError(`invalid limit for truncate_all function, ${limit} cannot be negative`);
      const most = Number(limit);
      const markerSize = byteLength(marker);
      if (markerSize > most)
        throw new StatementError(
          `invalid truncation marker for truncate_all function, length of marker ${markerSize} cannot be greater than limit ${limit}`,
        );
      return (frame) =>
        withTexts(to, frame, (text, size) => (size <= most ? text : truncated(text, most - markerSize, isSafe) + marker), most);
    },
  ),

  define("stringify_all", { target: mapTarget }, ({ target: to }) => (frame) => {
    const view = to.attributes?.(frame);
    if (view === undefined)
      return changed(to, frame, (entries) => {
        for (const [key, each] of entries) if (typeof each !== "string") entries.set(key, asText(each));
      });
    const count = view.countAttributes();
    for (let i = 0; i < count; i++) {
      if (!view.hasAttribute(i)) continue;
      const found = readValue(view.valueBytes(i), view.valueStart(i), view.valueEnd(i));
      if (typeof found !== "string") view.putAttribute(Buffer.from(view.keyText(i)), (writer) => writeValue(writer, asText(found)));
    }
    return null;
  }),
];

/** Sets an attribute out of bytes: a literal that is encoded once, or another attribute's value. */
function directSet(to: Access, from: Access | undefined, literal: Value | undefined): ((frame: Frame) => Value) | undefined {
  const { key, attributesOf } = to;
  if (key === undefined || attributesOf === undefined) return undefined;
  if (typeof literal === "string" || typeof literal === "boolean" || typeof literal === "bigint" || typeof literal === "number") {
    const encoder = new ProtobufWriter(64);
    writeValue(encoder, literal);
    const encoded = encoder.toBytes();
    const write = (writer: ProtobufWriter): void => writer.raw(encoded);
    return (frame) => {
      attributesOf(frame).putAttribute(key, write);
      return null;
    };
  }
  const { key: fromKey, attributesOf: fromView } = from ?? {};
  if (fromKey === undefined || fromView === undefined) return undefined;
  return (frame) => {
    const source = fromView(frame);
    const i = source.find(fromKey);
    if (i < 0) return null;
    const start = source.valueStart(i);
    const end = source.valueEnd(i);
    // A kind that we don't know, or none, is nil.
    if (start === end || !isKnownValue(source, i)) return null;
    attributesOf(frame).putAttribute(key, (writer) => writer.raw(source.valueBytes(i), start, end));
    return null;
  };
}

function isKnownValue(view: MessageView, i: number): boolean {
  const field = (view.valueBytes(i)[view.valueStart(i)] as number) >> 3;
  return field >= STRING && field <= BYTES;
}

function merges(strategy: "insert" | "update" | "upsert", exists: boolean): boolean {
  return strategy === "upsert" || exists === (strategy === "update");
}

/** Changes a map that is no attributes: reads it, lets `change` work on it, and writes it back. */
export function changed(to: MapTarget, frame: Frame, change: (entries: ValueMap) => void): Value {
  const entries = to.get(frame);
  change(entries);
  to.set(frame, entries);
  return null;
}

/** Leaves out what has a key that `isLeftOut` says yes to. */
function withoutKeys(to: MapTarget, frame: Frame, isLeftOut: (key: string) => boolean): Value {
  const view = to.attributes?.(frame);
  if (view === undefined)
    return changed(to, frame, (entries) => {
      for (const key of [...entries.keys()]) if (isLeftOut(key)) entries.delete(key);
    });
  const count = view.countAttributes();
  for (let i = 0; i < count; i++) if (view.hasAttribute(i) && isLeftOut(view.keyText(i))) view.removeAttribute(i);
  return null;
}

/** Replaces every string value by what `replace` makes of it and its size in bytes; shorter ones than `from` bytes are not looked at. */
export function withTexts(to: MapTarget, frame: Frame, replace: (text: string, size: number) => string, from = -1): Value {
  const view = to.attributes?.(frame);
  if (view === undefined)
    return changed(to, frame, (entries) => {
      for (const [key, each] of entries) if (typeof each === "string") entries.set(key, replace(each, byteLength(each)));
    });
  const count = view.countAttributes();
  for (let i = 0; i < count; i++) {
    if (!view.hasAttribute(i) || view.valueEnd(i) - view.valueStart(i) <= from) continue;
    if (view.valueBytes(i)[view.valueStart(i)] !== 0x0a) continue;
    const text = readValue(view.valueBytes(i), view.valueStart(i), view.valueEnd(i));
    if (typeof text !== "string") continue;
    const after = replace(text, byteLength(text));
    if (after !== text) view.putAttribute(Buffer.from(view.keyText(i)), (writer) => writeValue(writer, after));
  }
  return null;
}

/** The first bytes of a text; where that would cut a character, fewer. */
function truncated(text: string, size: number, isSafe: boolean): string {
  if (!isSafe) return sliceByBytes(text, 0, size);
  const bytes = bytesFromText(text);
  let end = size;
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return sliceByBytes(text, 0, end);
}

class Flattened {
  readonly result: ValueMap = new Map();
  readonly #used = new Map<string, number>();
  readonly #maxDepth: number;
  readonly #resolves: boolean;

  constructor(maxDepth: number, resolves: boolean) {
    this.#maxDepth = maxDepth;
    this.#resolves = resolves;
  }

  addMap(entries: ValueMap, prefix: string, depth: number): void {
    const start = prefix === "" ? "" : `${prefix}.`;
    for (const [key, each] of entries) this.#addValue(key, each, depth, start);
  }

  #addValue(key: string, each: Value, depth: number, prefix: string): void {
    const name = prefix + key;
    if (isMap(each) && depth < this.#maxDepth) this.addMap(each, name, depth + 1);
    else if (isList(each) && depth < this.#maxDepth) {
      for (const [i, item] of each.entries()) {
        if (isMap(item) && depth + 1 < this.#maxDepth) this.addMap(item, `${name}.${i}`, depth + 2);
        else if (isList(item) && depth + 1 < this.#maxDepth)
          // The incumbent joins what lies in a list of lists without a dot.
          for (const [j, inner] of item.entries()) this.#addValue(String(j), inner, depth + 3, `${name}.${i}`);
        else if (this.#resolves) this.#put(name, item);
        else this.result.set(`${name}.${i}`, copyOf(item));
      }
    } else if (this.#resolves) this.#put(name, each);
    else this.result.set(name, copyOf(each));
  }

  #put(key: string, each: Value): void {
    if (!this.result.has(key)) {
      this.#used.set(key, 0);
      this.result.set(key, copyOf(each));
      return;
    }
    const count = this.#used.get(key) ?? 0;
    this.#used.set(key, count + 1);
    this.result.set(`${key}.${count}`, copyOf(each));
  }
}
