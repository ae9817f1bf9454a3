import type { Frame } from "../telemetry/frame.ts";
import type { MessageView } from "../telemetry/message-view.ts";
import { type Id, Moment, Span, StatementError, typeName, type Value } from "../value.ts";

/** How a path is read and written. */
export interface Access {
  get(frame: Frame): Value;
  /** Throws `StatementError` for a value of another type. */
  set(frame: Frame, value: Value): void;
  /** Whether the value is this string, told from its bytes. */
  isText?(frame: Frame, expected: Uint8Array): boolean;
  /** Whether there is no value, told from its bytes. */
  isNil?(frame: Frame): boolean;
  /** A path of a whole map whose entries are attributes of this message. */
  attributes?(frame: Frame): MessageView;
  /** The key that the path has in the attributes that `attributesOf` gives. */
  readonly key?: Uint8Array;
  attributesOf?(frame: Frame): MessageView;
  /** Writing it changes what other items see as well. */
  readonly isShared?: boolean;
}

/** The value of a key in brackets: known, or computed for each item. */
export interface Key {
  readonly literal: string | bigint | undefined;
  readonly get: ((frame: Frame) => Value) | undefined;
}

export const SET_NIL = "setting a value to nil is not supported";

export function expectString(value: Value): string {
  if (typeof value === "string") return value;
  throw expected("string", value);
}

export function expectInteger(value: Value): bigint {
  if (typeof value === "bigint") return value;
  throw expected("int64", value);
}

export function expectDouble(value: Value): number {
  if (typeof value === "number") return value;
  throw expected("float64", value);
}

export function expectBoolean(value: Value): boolean {
  if (typeof value === "boolean") return value;
  throw expected("bool", value);
}

export function expectMoment(value: Value): Moment {
  if (value instanceof Moment) return value;
  throw expected("time.Time", value);
}

export function expectId(value: Value, kind: Id["kind"]): Id {
  if (typeof value === "object" && value !== null && "hex" in value && value.kind === kind) return value;
  throw expected(`pcommon.${kind}`, value);
}

export function expected(type: string, value: Value): StatementError {
  return new StatementError(value === null ? SET_NIL : `expects ${type} but got ${typeName(value)}`);
}

/** Values that an attribute can't hold. */
export function checkSettable(value: Value): void {
  if (
    value instanceof Moment ||
    value instanceof Span ||
    (typeof value === "object" && value !== null && ("hex" in value || "contents" in value))
  )
    throw new StatementError(`unsupported type ${typeName(value)} for set operation`);
}
