/** A replacement text cut into what is copied and what a group gives. */
export type Replacement = readonly (string | number)[];

const NAME = /^\{?([\p{L}\p{Nd}_]+)/u;
const NUMBER = /^(?:0|[1-9][0-9]{0,8})$/;

/** Reads Go's `$1`, `${1}`, `$name`, `${name}`, `$$`. A group that does not exist gives nothing. */
export function parseReplacement(template: string, groupNames: readonly string[]): Replacement {
  const parts: (string | number)[] = [];
  let literal = "";
  let at = 0;
  for (;;) {
    const dollar = template.indexOf("$", at);
    if (dollar < 0) break;
    literal += template.slice(at, dollar);
    at = dollar + 1;
    if (template[at] === "$") {
      literal += "$";
      at++;
      continue;
    }
    const found = NAME.exec(template.slice(at));
    const isBraced = template[at] === "{";
    const end = found === null ? at : at + found[0].length;
    if (found === null || (isBraced && template[end] !== "}")) {
      literal += "$";
      continue;
    }
    at = isBraced ? end + 1 : end;
    const group = groupOf(found[1] as string, groupNames);
    if (group === undefined) continue;
    if (literal !== "") parts.push(literal);
    literal = "";
    parts.push(group);
  }
  literal += template.slice(at);
  if (literal !== "") parts.push(literal);
  return parts;
}

export function applyReplacement(parts: Replacement, groups: readonly (string | undefined)[]): string {
  let text = "";
  for (let at = 0; at < parts.length; at++) {
    const part = parts[at] as string | number;
    text += typeof part === "string" ? part : (groups[part] ?? "");
  }
  return text;
}

function groupOf(name: string, groupNames: readonly string[]): number | undefined {
  if (NUMBER.test(name)) return Number(name) < groupNames.length ? Number(name) : undefined;
  const named = groupNames.indexOf(name);
  return named < 0 ? undefined : named;
}
