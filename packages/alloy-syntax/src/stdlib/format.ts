import { type GoValue, sprintf, Typed, UINT64 } from "@invar/go-compat";
import { describe } from "../convert.ts";
import { ArgumentError } from "../fault.ts";
import { Capsule, isFunction, Secret, type Value } from "../value.ts";
import { defineFunction, textArgument } from "./function.ts";

/** Go's `fmt.Sprintf`. A secret among the arguments makes the whole text secret; the incumbent would show it. */
export const format = defineFunction({
  name: "string.format",
  arity: 1,
  variadic: true,
  call(args) {
    const specification = textArgument(args, 0);
    let isSecret = false;
    const toGo = (value: Value, argument: number): GoValue => {
      if (Array.isArray(value)) return value.map((item) => toGo(item, argument));
      if (value instanceof Secret) {
        isSecret ||= value.isSecret;
        return value.reveal();
      }
      if (typeof value === "bigint") return value < 2n ** 63n ? value : new Typed(UINT64, value);
      if (value === null || typeof value !== "object") return value;
      if (value instanceof Capsule || isFunction(value)) {
        throw new ArgumentError("value.type", argument, `should be text, number, bool, array or object, got ${describe(value)}`);
      }
      return new Map(Object.entries(value).map(([key, field]) => [key, toGo(field, argument)]));
    };
    const operands = args.slice(1).map((arg, at) => toGo(arg, at + 1));
    const text = sprintf(specification, operands);
    return isSecret ? new Secret(text) : text;
  },
});
