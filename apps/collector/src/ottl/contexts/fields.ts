import { UTC } from "@invar/go-compat";
import { BYTES, STRING } from "../../signals/otlp/any-value.ts";
import { doubleOf, highHalf, integerOf, lowHalf, readValue, writeValue } from "../telemetry/any-value.ts";
import type { Frame } from "../telemetry/frame.ts";
import type { MessageView } from "../telemetry/message-view.ts";
import { copyOf, Id, type IdKind, Messages, Moment, StatementError, type Value } from "../value.ts";
import {
  type Access,
  checkSettable,
  expectDouble,
  expected,
  expectId,
  expectInteger,
  expectMoment,
  expectString,
  type Key,
} from "./access.ts";
import { expectMap, getIn, setIn, textKey } from "./keys.ts";

export type ViewOf = (frame: Frame) => MessageView;

export function textField(view: ViewOf, field: number): Access {
  return {
    get: (frame) => view(frame).text(field),
    set: (frame, value) => view(frame).setText(field, expectString(value)),
    isText: (frame, expectedText) => view(frame).isBytes(field, expectedText),
  };
}

/** A field whose number fits 32 bits; what is set is cut to them. */
export function numberField(view: ViewOf, field: number, isFixed = false): Access {
  return {
    get: (frame) => BigInt(view(frame).low(field) >>> 0),
    set: (frame, value) => {
      const number = Number(BigInt.asUintN(32, expectInteger(value)));
      if (isFixed) view(frame).setFixed32(field, number);
      else view(frame).setVarint(field, number | 0, 0);
    },
  };
}

/** An enum: signed, and a negative one takes ten bytes. */
export function enumField(view: ViewOf, field: number): Access {
  return {
    get: (frame) => BigInt(view(frame).low(field) | 0),
    set: (frame, value) => {
      const number = Number(BigInt.asIntN(32, expectInteger(value)));
      view(frame).setVarint(field, number, number < 0 ? -1 : 0);
    },
  };
}

export function unixNanoField(view: ViewOf, field: number): Access {
  return {
    get: (frame) => integerOf(view(frame).low(field), view(frame).high(field)),
    set: (frame, value) => setLong(view(frame), field, expectInteger(value)),
  };
}

export function timeField(view: ViewOf, field: number): Access {
  return {
    get: (frame) => new Moment(integerOf(view(frame).low(field), view(frame).high(field)), UTC),
    set: (frame, value) => setLong(view(frame), field, BigInt.asIntN(64, expectMoment(value).unixNanos)),
  };
}

export function setLong(view: MessageView, field: number, value: bigint, keepsZero = false): void {
  view.setFixed64(field, lowHalf(value), highHalf(value), keepsZero);
}

export function idField(view: ViewOf, field: number, kind: IdKind): Access {
  return {
    get: (frame) => new Id(kind, idHex(view(frame), field, kind)),
    set: (frame, value) => setId(view(frame), field, expectId(value, kind).hex),
  };
}

/** The same as text in hexadecimal digits. */
export function idTextField(view: ViewOf, field: number, kind: IdKind): Access {
  const digits = kind === "SpanID" ? 16 : 32;
  const what = kind === "SpanID" ? "span" : "trace";
  return {
    get: (frame) => idHex(view(frame), field, kind),
    set: (frame, value) => {
      const text = expectString(value);
      if (text.length >> 1 !== digits >> 1) throw new StatementError(`${what} ids must be ${digits} hex characters`);
      const wrong = /[^0-9a-fA-F]/.exec(text);
      if (wrong !== null)
        throw new StatementError(
          `encoding/hex: invalid byte: U+${(wrong[0].codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")} '${wrong[0]}'`,
        );
      if (text.length !== digits) throw new StatementError("encoding/hex: odd length hex string");
      setId(view(frame), field, text.toLowerCase());
    },
  };
}

function idHex(view: MessageView, field: number, kind: IdKind): string {
  const start = view.startOf(field);
  const end = view.endOf(field);
  if (start === end) return kind === "SpanID" ? NO_SPAN : NO_TRACE;
  const bytes = view.bytesOf(field);
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString("hex");
}

const NO_SPAN = "0".repeat(16);
const NO_TRACE = "0".repeat(32);

/** An id of zeros is none, which is written as nothing. */
function setId(view: MessageView, field: number, hex: string): void {
  view.setBytes(field, /^0*$/.test(hex) ? Buffer.alloc(0) : Buffer.from(hex, "hex"));
}

export function doubleField(view: ViewOf, field: number, keepsZero: boolean): Access {
  return {
    get: (frame) => doubleOf(view(frame).low(field), view(frame).high(field)),
    set: (frame, value) => setDouble(view(frame), field, expectDouble(value), keepsZero),
  };
}

const double = new Float64Array(1);
const halves = new Int32Array(double.buffer);

export function setDouble(view: MessageView, field: number, value: number, keepsZero: boolean): void {
  double[0] = value;
  view.setFixed64(field, halves[0] as number, halves[1] as number, keepsZero);
}

/** A repeated message that has no value of its own in the language. */
export function messagesField(view: ViewOf, field: number, type: string): Access {
  return {
    get: (frame) => messagesOf(view(frame), field, type),
    set: (frame, value) => setMessages(view(frame), field, type, value),
  };
}

export function messagesOf(view: MessageView, field: number, type: string): Messages {
  const contents: Uint8Array[] = [];
  view.forEach(field, (start, stop, reader) => contents.push(Uint8Array.prototype.slice.call(reader.bytes, start, stop)));
  return new Messages(type, contents);
}

export function setMessages(view: MessageView, field: number, type: string, value: Value): void {
  if (value !== null && !(value instanceof Messages && value.type === type)) throw expected(type, value);
  view.setWhole(field, (writer) => {
    if (value !== null) for (const content of value.contents) writer.copy(field, content);
  });
}

/** The whole map of attributes, or what lies under keys in it. */
export function attributesField(view: ViewOf, keys: readonly Key[]): Access {
  if (keys.length === 0)
    return {
      get: (frame) => view(frame).readMap(),
      set: (frame, value) => {
        const map = expectMap(value);
        for (const each of map.values()) checkSettable(each);
        view(frame).writeMap(map);
      },
      attributes: view,
    };
  const [first] = keys as [Key, ...Key[]];
  const known = typeof first.literal === "string" ? Buffer.from(first.literal) : undefined;
  const keyOf = (frame: Frame) => known ?? Buffer.from(withPrefix(() => textKey(frame, first), "cannot get map value"));
  const get = (frame: Frame): Value => {
    const message = view(frame);
    const i = message.find(keyOf(frame));
    if (i < 0) return null;
    const value = readValue(message.valueBytes(i), message.valueStart(i), message.valueEnd(i));
    return keys.length === 1 ? value : getIn(frame, value, keys, 1);
  };
  const set = (frame: Frame, value: Value): void => {
    const message = view(frame);
    const key = keyOf(frame);
    if (keys.length === 1) {
      checkSettable(value);
      message.putAttribute(key, (writer) => writeValue(writer, value));
      return;
    }
    const i = message.find(key);
    const before = i < 0 ? null : readValue(message.valueBytes(i), message.valueStart(i), message.valueEnd(i));
    const after = setIn(frame, before, keys, 1, value);
    message.putAttribute(key, (writer) => writeValue(writer, after));
  };
  if (known === undefined || keys.length > 1) return { get, set };
  return {
    get,
    set,
    key: known,
    attributesOf: view,
    isText: (frame, expectedText) => {
      const message = view(frame);
      const i = message.find(known);
      return i >= 0 && isStringValue(message.valueBytes(i), message.valueStart(i), message.valueEnd(i), expectedText);
    },
    isNil: (frame) => {
      const message = view(frame);
      const i = message.find(known);
      return i < 0 || isEmptyValue(message.valueBytes(i), message.valueStart(i), message.valueEnd(i));
    },
  };
}

/** Whether an AnyValue is exactly this string. */
function isStringValue(bytes: Uint8Array, start: number, end: number, text: Uint8Array): boolean {
  const size = text.length;
  if (bytes[start] === 0x0a && end - start < 0x82 && bytes[start + 1] === end - start - 2) {
    if (end - start !== size + 2) return false;
    for (let i = 0; i < size; i++) if (bytes[start + 2 + i] !== text[i]) return false;
    return true;
  }
  if (end - start <= size) return false;
  const value = readValue(bytes, start, end);
  return typeof value === "string" && value === Buffer.from(text).toString("utf8");
}

function isEmptyValue(bytes: Uint8Array, start: number, end: number): boolean {
  if (start === end) return true;
  const kind = (bytes[start] as number) >> 3;
  return (kind < STRING || kind > BYTES) && readValue(bytes, start, end) === null;
}

/** An AnyValue in a field of its own: the body of a log record. */
export function readAnyValue(view: MessageView, field: number): Value {
  const start = view.startOf(field);
  return readValue(view.bytesOf(field), start, view.endOf(field));
}

export function setValue(view: MessageView, field: number, value: Value): void {
  checkSettable(value);
  const copy = copyOf(value);
  view.setWhole(field, (writer) => {
    if (copy === null) return;
    const content = writer.begin(field, 64);
    writeValue(writer, copy);
    writer.finish(content);
  });
}

function withPrefix<T>(compute: () => T, prefix: string): T {
  try {
    return compute();
  } catch (error) {
    if (error instanceof StatementError) throw new StatementError(`${prefix}: ${error.message}`, error.isType);
    throw error;
  }
}

/** A path that can only be read. */
export function readOnly(get: (frame: Frame) => Value, message: string): Access {
  return {
    get,
    set: () => {
      throw new StatementError(message);
    },
  };
}
