import { asSecret } from "../convert.ts";
import { defineFunction, inArgument } from "./function.ts";

/** The one way to make plain text of a secret. */
export const nonsensitive = defineFunction({
  name: "convert.nonsensitive",
  arity: 1,
  call: (args) => inArgument(0, [], () => asSecret(args[0] ?? null)).reveal(),
});
