import { MalformedInput } from "../../bytes/malformed-input.ts";
import { quotedAt, unquote } from "./quoted-text.ts";

const SPACE = /(?:\s|#[^\n]*(?:\n|$))*/y;
const NAME = /[a-zA-Z_][a-zA-Z0-9_]*/y;
const METRIC_NAME = /[a-zA-Z_:][a-zA-Z0-9_:]*/y;

/**
 * Reads the labels of a stream as clients write them: `{a="b", c='d'}`, with PromQL's quotes, comments and optional metric name. Throws
 * `MalformedInput`.
 */
export function parseLabelText(text: string): [string, string][] {
  const pairs: [string, string][] = [];
  let at = skip(text, 0, SPACE);
  const metric = match(text, at, METRIC_NAME);
  if (metric !== undefined) {
    pairs.push(["__name__", metric]);
    at = skip(text, at + metric.length, SPACE);
  }
  if (at === text.length && metric !== undefined) return pairs;
  at = skip(text, expect(text, at, "{"), SPACE);
  while (text[at] !== "}") {
    const quotedName = quotedAt(text, at);
    const name = quotedName === undefined ? match(text, at, NAME) : unquote(quotedName);
    if (name === undefined) throw refusal(text, at, 'a label name or "}"');
    at = skip(text, at + (quotedName ?? name).length, SPACE);
    if (quotedName !== undefined && text[at] !== "=") pairs.push(["__name__", name]);
    else {
      at = skip(text, expect(text, at, "="), SPACE);
      const quotedValue = quotedAt(text, at);
      const value = quotedValue === undefined ? undefined : unquote(quotedValue);
      if (quotedValue === undefined || value === undefined) throw refusal(text, at, "a value in quotes");
      pairs.push([name, value]);
      at = skip(text, at + quotedValue.length, SPACE);
    }
    if (text[at] === ",") at = skip(text, at + 1, SPACE);
    else if (text[at] !== "}") throw refusal(text, at, '"," or "}"');
  }
  at = skip(text, at + 1, SPACE);
  if (at < text.length) throw refusal(text, at, "nothing more");
  return pairs;
}

function expect(text: string, at: number, mark: string): number {
  if (text[at] !== mark) throw refusal(text, at, `"${mark}"`);
  return at + 1;
}

function match(text: string, at: number, pattern: RegExp): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

function skip(text: string, at: number, pattern: RegExp): number {
  return at + (match(text, at, pattern)?.length ?? 0);
}

function refusal(text: string, at: number, wanted: string): MalformedInput {
  const found = at < text.length ? JSON.stringify(text.slice(at, at + 20)) : "the end";
  return new MalformedInput(`labels ${JSON.stringify(text.slice(0, 200))}: expected ${wanted} at character ${at + 1}, found ${found}`);
}
