import { hash } from "node:crypto";
import { compileRegexp, GoError, parseFloat64, parseInteger, type Regexp } from "@invar/go-compat";
import { highOf, lowOf, signedOf } from "../../../../bytes/int64.ts";
import { ProtobufWriter } from "../../../../bytes/protobuf-writer.ts";
import type { ClientInfo } from "../../../../signals/client-info.ts";
import { AnyValueReader, BOOL, DOUBLE, INT, STRING, writeDouble, writeInt, writeString } from "../../../../signals/otlp/any-value.ts";
import type { AttributeEditor } from "../../../../signals/otlp/attribute-editor.ts";
import { configuredValue } from "../../../../signals/otlp/configured-value.ts";
import { type ActionArguments, actionKind } from "./action-arguments.ts";

/** Actions made ready to be applied to one item after the other. */
export interface Actions {
  /** Must be called before the items of a batch: some values are the sender's. */
  begin(client: ClientInfo | undefined): void;
  apply(attributes: AttributeEditor): void;
}

type Action = (attributes: AttributeEditor) => void;

/** Where a value comes from: bytes known for the whole batch, or an attribute of the item. */
interface Source {
  content: Uint8Array | undefined;
  readonly attribute: Uint8Array | undefined;
}

/** Takes actions that have passed `checkActions`. */
export function compileActions(actions: readonly ActionArguments[]): Actions {
  const fromContext: { readonly source: Source; readonly key: string }[] = [];
  const compiled = actions.map((action) =>
    compileAction(action, (source) => {
      if (action.from_context !== "") fromContext.push({ source, key: action.from_context });
    }),
  );
  return {
    begin(client) {
      for (const { source, key } of fromContext) {
        const text = contextValue(client, key);
        source.content = text === undefined ? undefined : configuredValue(text);
      }
    },
    apply(attributes) {
      for (const action of compiled) action(attributes);
    },
  };
}

function compileAction(action: ActionArguments, made: (source: Source) => void): Action {
  const key = Buffer.from(action.key);
  const kind = actionKind(action.action);
  const pattern = action.pattern === "" ? undefined : compileRegexp(action.pattern);
  switch (kind) {
    case "insert":
    case "update":
    case "upsert": {
      const source: Source = {
        content: action.value === undefined || action.value === null ? undefined : configuredValue(action.value),
        attribute: action.from_attribute === "" ? undefined : Buffer.from(action.from_attribute),
      };
      made(source);
      return (attributes) => {
        const to = attributes.find(key);
        if (kind === "insert" ? to >= 0 : kind === "update" && to < 0) return;
        if (source.content !== undefined) {
          if (to < 0) attributes.add(key, source.content);
          else attributes.set(to, source.content);
        } else if (source.attribute !== undefined) {
          const from = attributes.find(source.attribute);
          if (from >= 0) attributes.copyValue(from, to, key);
        }
      };
    }
    case "delete":
      return (attributes) => {
        const found = attributes.find(key);
        if (found >= 0) attributes.remove(found);
        if (pattern !== undefined)
          forEachMatching(attributes, pattern, (i) => {
            attributes.remove(i);
          });
      };
    case "hash":
      return (attributes) => {
        const found = attributes.find(key);
        if (found >= 0) hashValue(attributes, found);
        if (pattern !== undefined)
          forEachMatching(attributes, pattern, (i) => {
            hashValue(attributes, i);
          });
      };
    case "extract":
      return extractor(key, pattern as Regexp);
    case "convert":
      return converter(key, action.converted_type as "int" | "double" | "string");
    case undefined:
      throw new Error(`an action was expected, ${action.action} came`);
    default:
      return kind satisfies never;
  }
}

/** What the sender is known by under this name; several values are joined. */
function contextValue(client: ClientInfo | undefined, key: string): string | undefined {
  if (key === "client.address") return client?.address ?? "";
  if (key.startsWith("auth.")) return client?.attributes?.[key.slice("auth.".length)];
  const name = key.startsWith("metadata.") ? key.slice("metadata.".length) : key;
  const values = client?.metadata.all(name) ?? [];
  return values.length === 0 ? undefined : values.join(";");
}

function forEachMatching(attributes: AttributeEditor, pattern: Regexp, act: (i: number) => void): void {
  const { count } = attributes;
  for (let i = 0; i < count; i++) if (attributes.has(i) && pattern.test(attributes.keyText(i))) act(i);
}

const reader = new AnyValueReader();
const scratch = new ProtobufWriter(256);

function setString(attributes: AttributeEditor, i: number, text: string): void {
  scratch.clear();
  writeString(scratch, text);
  attributes.set(i, scratch.bytes, 0, scratch.length);
}

/** SHA-256 of the bytes of a string, or of a number or boolean in little-endian order; of others the empty text. */
function hashValue(attributes: AttributeEditor, i: number): void {
  const value = attributes.value(i, reader);
  switch (value.kind) {
    case STRING:
      setString(attributes, i, hash("sha256", value.bytes.subarray(value.start, value.end), "hex"));
      return;
    case BOOL:
      setString(attributes, i, hash("sha256", Uint8Array.of(value.bool() ? 1 : 0), "hex"));
      return;
    case INT:
    case DOUBLE: {
      const word = Buffer.alloc(8);
      word.writeInt32LE(value.low, 0);
      word.writeInt32LE(value.high, 4);
      setString(attributes, i, hash("sha256", word, "hex"));
      return;
    }
    default:
      setString(attributes, i, "");
  }
}

/** Only strings are searched; a group that took no part gives the empty text. */
function extractor(key: Uint8Array, pattern: Regexp): Action {
  const targets = pattern.groupNames.slice(1).map((name) => Buffer.from(name));
  return (attributes) => {
    const found = attributes.find(key);
    if (found < 0) return;
    const value = attributes.value(found, reader);
    if (value.kind !== STRING) return;
    const match = pattern.exec(value.string());
    if (match === undefined) return;
    for (let i = 0; i < targets.length; i++) {
      scratch.clear();
      writeString(scratch, match.groups[i + 1] ?? "");
      attributes.put(targets[i] as Uint8Array, scratch.bytes, 0, scratch.length);
    }
  };
}

/** What can't be converted stays as it is. */
function converter(key: Uint8Array, type: "int" | "double" | "string"): Action {
  return (attributes) => {
    const found = attributes.find(key);
    if (found < 0) return;
    const value = attributes.value(found, reader);
    if (type === "string") {
      if (value.kind !== STRING) setString(attributes, found, value.text());
      return;
    }
    scratch.clear();
    if (type === "int" ? writeAsInt(value) : writeAsDouble(value)) attributes.set(found, scratch.bytes, 0, scratch.length);
  };
}

function writeAsInt(value: AnyValueReader): boolean {
  switch (value.kind) {
    case DOUBLE: {
      const whole = Math.trunc(value.double());
      // Beyond 64 bits the incumbent's processor gives the smallest integer.
      if (!(Math.abs(whole) < 2 ** 63)) writeInt(scratch, 0, -2147483648);
      else writeInt(scratch, lowOf(whole), highOf(whole));
      return true;
    }
    case BOOL:
      writeInt(scratch, value.bool() ? 1 : 0, 0);
      return true;
    case STRING: {
      const parsed = without(() => parseInteger(value.string()));
      if (parsed === undefined) return false;
      writeInt(scratch, Number(BigInt.asIntN(32, parsed)), Number(BigInt.asIntN(32, parsed >> 32n)));
      return true;
    }
    default:
      return false;
  }
}

function writeAsDouble(value: AnyValueReader): boolean {
  switch (value.kind) {
    case INT:
      writeDouble(scratch, signedOf(value.low, value.high));
      return true;
    case BOOL:
      writeDouble(scratch, value.bool() ? 1 : 0);
      return true;
    case STRING: {
      const parsed = without(() => parseFloat64(value.string()));
      if (parsed === undefined) return false;
      writeDouble(scratch, parsed);
      return true;
    }
    default:
      return false;
  }
}

/** The result, or undefined where the text was not what the function reads. */
function without<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch (error) {
    if (error instanceof GoError) return undefined;
    throw error;
  }
}
