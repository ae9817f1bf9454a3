// The header `tracestate` of W3C Trace Context: `vendor=value,other=value`.

const KEY = /^(?:[a-z][_0-9a-z\-*/]{0,255}|[a-z0-9][_0-9a-z\-*/]{0,240}@[a-z][_0-9a-z\-*/]{0,13})$/;
const VALUE = /^[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/;
const MAX_MEMBERS = 32;

/** The value of a key: "" where it is absent, nil where the header is malformed. */
export function traceStateGet(header: string, key: string): string | null {
  const members = parse(header);
  return members === undefined ? null : (members.find(([name]) => name === key)?.[1] ?? "");
}

/** The header with a member set, which moves to the front; undefined where header, key or value are malformed. */
export function traceStateInsert(header: string, key: string, value: string): string | undefined {
  const members = parse(header);
  if (members === undefined || !KEY.test(key) || !VALUE.test(value)) return undefined;
  const others = members.filter(([name]) => name !== key);
  return [[key, value] as const, ...others.slice(0, MAX_MEMBERS - 1)].map(([name, text]) => `${name}=${text}`).join(",");
}

function parse(header: string): (readonly [string, string])[] | undefined {
  const members: (readonly [string, string])[] = [];
  const seen = new Set<string>();
  for (const part of header.split(",")) {
    const member = part.replace(/^[ \t]+|[ \t]+$/g, "");
    if (member === "") continue;
    const equals = member.indexOf("=");
    const key = member.slice(0, equals);
    const value = member.slice(equals + 1);
    if (equals < 0 || !KEY.test(key) || !VALUE.test(value) || seen.has(key) || members.length === MAX_MEMBERS) return undefined;
    seen.add(key);
    members.push([key, value]);
  }
  return members;
}
