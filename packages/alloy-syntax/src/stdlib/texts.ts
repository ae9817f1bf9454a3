import { posix } from "node:path";
import { normalizeText } from "@invar/go-compat";
import { asArray, asString } from "../convert.ts";
import { defineFunction, inArgument, textArgument } from "./function.ts";
import { toLower, toUpper } from "./letter-case.ts";

export const join = defineFunction({
  name: "string.join",
  arity: 2,
  call(args) {
    const items = inArgument(0, [], () => asArray(args[0] ?? null));
    const texts = items.map((item, at) => inArgument(0, [at], () => asString(item)));
    return normalizeText(texts.join(textArgument(args, 1)));
  },
});

export const replace = defineFunction({
  name: "string.replace",
  arity: 3,
  call(args) {
    const text = textArgument(args, 0);
    const old = textArgument(args, 1);
    const replacement = textArgument(args, 2);
    const pieces = old === "" ? ["", ...text, ""] : text.split(old);
    return normalizeText(pieces.join(replacement));
  },
});

export const split = defineFunction({
  name: "string.split",
  arity: 2,
  call(args) {
    const text = textArgument(args, 0);
    const separator = textArgument(args, 1);
    return separator === "" ? Array.from(text) : text.split(separator);
  },
});

export const lower = defineFunction({ name: "string.to_lower", arity: 1, call: (args) => toLower(textArgument(args, 0)) });
export const upper = defineFunction({ name: "string.to_upper", arity: 1, call: (args) => toUpper(textArgument(args, 0)) });

/** Takes the characters of a set off both ends. */
export const trim = defineFunction({
  name: "string.trim",
  arity: 2,
  call(args) {
    const letters = Array.from(textArgument(args, 0));
    const cut = new Set(textArgument(args, 1));
    const start = letters.findIndex((letter) => !cut.has(letter));
    const end = letters.findLastIndex((letter) => !cut.has(letter));
    return start < 0 ? "" : letters.slice(start, end + 1).join("");
  },
});

export const trimPrefix = defineFunction({
  name: "string.trim_prefix",
  arity: 2,
  call(args) {
    const text = textArgument(args, 0);
    const prefix = textArgument(args, 1);
    return text.startsWith(prefix) ? text.slice(prefix.length) : text;
  },
});

export const trimSuffix = defineFunction({
  name: "string.trim_suffix",
  arity: 2,
  call(args) {
    const text = textArgument(args, 0);
    const suffix = textArgument(args, 1);
    return text.endsWith(suffix) ? text.slice(0, text.length - suffix.length) : text;
  },
});

/** Go's idea of space: Unicode's White_Space, which JavaScript's `trim` differs from in U+0085 and U+FEFF. */
export const trimSpace = defineFunction({
  name: "string.trim_space",
  arity: 1,
  call(args) {
    const letters = Array.from(textArgument(args, 0));
    const start = letters.findIndex((letter) => !SPACE.test(letter));
    const end = letters.findLastIndex((letter) => !SPACE.test(letter));
    return start < 0 ? "" : letters.slice(start, end + 1).join("");
  },
});

const SPACE = /^\p{White_Space}$/u;

/** Go's `filepath.Join`: empty elements do not count, the result is clean and has no slash at its end. */
export const pathJoin = defineFunction({
  name: "file.path_join",
  arity: 0,
  variadic: true,
  call(args) {
    const elements = args.map((_, at) => textArgument(args, at)).filter((element) => element !== "");
    if (elements.length === 0) return "";
    const path = posix.normalize(elements.join("/"));
    return path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path;
  },
});
