import { parseInteger } from "@invar/go-compat";
import type { Getter } from "../getter.ts";
import { orStatementError } from "../getter.ts";
import type { Frame } from "../telemetry/frame.ts";
import { printed } from "../text/printed.ts";
import { Id, isList, isMap, Messages, Moment, Span, StatementError, type Value } from "../value.ts";
import {
  booleanLike,
  bytesLike,
  define,
  doubleLike,
  type FunctionDefinition,
  integer,
  integerLike,
  string,
  stringLike,
  value,
} from "./function.ts";

/** Converters between types, and those that ask for one. */
export const typeFunctions: readonly FunctionDefinition[] = [
  define("Bool", { target: booleanLike }, ({ target }) => target.get),
  define("Double", { target: doubleLike }, ({ target }) => target.get),
  define("Int", { target: integerLike }, ({ target }) => target.get),
  define("String", { target: stringLike }, ({ target }) => target.get),
  define(
    "Hex",
    { target: bytesLike },
    ({ target }) =>
      (frame) =>
        Buffer.from(target.get(frame)).toString("hex"),
  ),
  define("ParseInt", { target: string, base: integer }, ({ target, base }) => (frame) => {
    const text = target.get(frame);
    if (text === "") throw new StatementError("invalid target value for ParseInt function, target cannot be empty");
    const radix = base.get(frame);
    if (radix < 0n) throw new StatementError(`invalid base value: ${radix} for ParseInt function, base cannot be negative`);
    return orStatementError(() => parseInteger(text, Number(radix)));
  }),
  define("IsBool", { target: value }, ({ target }) => is(target, (found) => typeof found === "boolean")),
  define("IsDouble", { target: value }, ({ target }) => is(target, (found) => typeof found === "number")),
  define("IsInt", { target: value }, ({ target }) => is(target, (found) => typeof found === "bigint")),
  define("IsString", { target: value }, ({ target }) => is(target, (found) => typeof found === "string")),
  define("IsMap", { target: value }, ({ target }) => is(target, isMap)),
  define("IsList", { target: value }, ({ target }) => is(target, (found) => isList(found) || (found instanceof Messages && found.isList))),
  define("IsEmpty", { target: value }, ({ target }) => is(target, isEmpty)),
  define("Log", { target: doubleLike }, ({ target }) => (frame) => {
    const number = target.get(frame);
    if (number === null) throw new StatementError("invalid input: <nil>");
    if (number <= 0) throw new StatementError(`invalid input: expected number greater than zero but got ${printed(number)}`);
    return Math.log(number);
  }),
];

function is(target: Getter, test: (value: Value) => boolean): (frame: Frame) => boolean {
  return (frame) => test(target.get(frame));
}

function isEmpty(found: Value): boolean {
  switch (typeof found) {
    case "string":
      return found === "";
    case "boolean":
      return !found;
    case "bigint":
      return found === 0n;
    case "number":
      return found === 0 && !Object.is(found, -0);
    default:
      if (found === null) return true;
      if (isMap(found)) return found.size === 0;
      if (isList(found) || found instanceof Uint8Array) return found.length === 0;
      if (found instanceof Id) return /^0*$/.test(found.hex);
      if (found instanceof Span) return found.nanos === 0n;
      // Neither a time that was set nor a part of the telemetry is the zero value of its type.
      return !(found instanceof Moment) && found.isList && found.contents.length === 0;
  }
}
