import { type Argument, defaulted, optional, string } from "../component/arguments.ts";
import { type ErrorMode, errorModes } from "./compile.ts";

const check = (text: string): string | undefined =>
  isErrorMode(text) ? undefined : `unknown error mode ${text}: write ${errorModes.join(", ")}`;

/** The argument `error_mode` of a component that works with statements; its case does not count. */
export const errorModeArgument = defaulted(
  string,
  "What becomes of errors on an item: ignore logs them and goes on, silent goes on, propagate refuses the whole batch.",
  "ignore",
  { check },
);

/** The same of one group, which may leave it to the component. */
export const groupErrorModeArgument: Argument<string> & { optional: true } = optional(string, "As the component's, for these statements.", {
  check: (text) => (text === "" ? undefined : check(text)),
});

/** The mode that an argument names. */
export function errorModeOf(text: string): ErrorMode {
  const lower = text.toLowerCase();
  return isErrorMode(lower) ? lower : "ignore";
}

function isErrorMode(text: string): text is ErrorMode {
  return (errorModes as readonly string[]).includes(text.toLowerCase());
}
