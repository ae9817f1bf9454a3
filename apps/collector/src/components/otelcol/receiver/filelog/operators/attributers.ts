import type { Entry } from "../entry.ts";
import { compileExpression, type Expression } from "../expr/expression.ts";
import { EntryError } from "./operator.ts";
import type { Settings } from "./settings.ts";

/** Gives an entry one attribute. Throws where its expression can't be evaluated. */
export type Attribute = (entry: Entry) => void;

/** Reads a map of texts, which may hold `EXPR(…)`. */
export function attributers(settings: Settings, name: "attributes" | "resource"): Attribute[] {
  return Object.entries(settings.object(name)).map(([key, value]) => {
    const text = exprText(String(value));
    if (typeof text === "string") {
      settings.wrong(`${name} ${key}: ${text}`);
      return () => {};
    }
    return (entry) => void entry[name].set(key, text.read(entry));
  });
}

/** A text whose parts in `EXPR( )` are replaced by what they evaluate to. Returns what is wrong with it as text. */
export function exprText(text: string): { readonly read: (entry: Entry) => string } | string {
  const parts: (string | Expression)[] = [];
  let at = 0;
  for (;;) {
    const start = text.indexOf("EXPR(", at);
    if (start < 0) break;
    const end = closing(text, start + 5);
    if (end < 0) return `${JSON.stringify(text)} has an EXPR( that does not end`;
    const compiled = compileExpression(text.slice(start + 5, end));
    if (typeof compiled === "string") return compiled;
    parts.push(text.slice(at, start), compiled);
    at = end + 1;
  }
  parts.push(text.slice(at));
  return {
    read: (entry) =>
      parts
        .map((part) => {
          if (typeof part === "string") return part;
          const value = part(entry);
          if (typeof value !== "string") throw new EntryError(`expr returned non-string type, expected string: ${String(value)}`);
          return value;
        })
        .join(""),
  };
}

function closing(text: string, from: number): number {
  let depth = 1;
  for (let i = from; i < text.length; i++) {
    if (text[i] === "(") depth++;
    if (text[i] === ")" && --depth === 0) return i;
  }
  return -1;
}
