import { quote } from "@invar/go-compat";
import { asText } from "../text/json.ts";
import { StatementError, type ValueMap } from "../value.ts";

/** Delimiters of `ParseKeyValue` and `ToKeyValueString`. Throws `StatementError` where they can't be told apart. */
export function checkDelimiters(delimiter: string, pairDelimiter: string): void {
  if (delimiter === "") throw new StatementError("delimiter cannot be set to an empty string");
  if (pairDelimiter === "") throw new StatementError("pair delimiter cannot be set to an empty string");
  if (delimiter === pairDelimiter)
    throw new StatementError(`pair delimiter ${quote(pairDelimiter)} cannot be equal to delimiter ${quote(delimiter)}`);
}

/** `a=1 b="two words"` as a map; quotes hold pairs together and go. */
export function parseKeyValue(text: string, delimiter: string, pairDelimiter: string): ValueMap {
  if (text === "") throw new StatementError("cannot parse from empty target");
  const map: ValueMap = new Map();
  const faults: string[] = [];
  for (const pair of splitQuoted(text, pairDelimiter)) {
    const at = pair.indexOf(delimiter);
    if (at < 0) faults.push(`cannot split ${quote(pair)} into 2 items, got 1 item(s)`);
    else map.set(pair.slice(0, at).trim(), pair.slice(at + delimiter.length).trim());
  }
  if (faults.length > 0) throw new StatementError(`failed to split pairs into key-values: ${faults.join("; ")}`);
  return map;
}

function splitQuoted(text: string, delimiter: string): string[] {
  const parts: string[] = [];
  let current = "";
  let mark = "";
  let isEscaped = false;
  for (let i = 0; i < text.length; i++) {
    const character = text[i] as string;
    if (mark === "" && text.startsWith(delimiter, i)) {
      if (current !== "") parts.push(current);
      current = "";
      i += delimiter.length - 1;
      continue;
    }
    if (!isEscaped) {
      if (mark === "" && (character === '"' || character === "'")) {
        mark = character;
        continue;
      }
      if (character === mark) {
        mark = "";
        continue;
      }
      isEscaped = character === "\\";
    } else isEscaped = false;
    current += character;
  }
  if (mark !== "") throw new StatementError(`splitting source ${quote(text)} into pairs failed: never reached the end of a quoted value`);
  if (current !== "") parts.push(current);
  return parts;
}

/** A map as `a=1 b=2`; what holds a delimiter is put between quotes. */
export function toKeyValue(map: ValueMap, delimiter: string, pairDelimiter: string): string {
  const quoted = (text: string): string => {
    const escaped = text.replaceAll('"', '\\"');
    return escaped.includes(pairDelimiter) || escaped.includes(delimiter) ? `"${escaped}"` : escaped;
  };
  return [...map].map(([key, each]) => quoted(key) + delimiter + quoted(asText(each))).join(pairDelimiter);
}
