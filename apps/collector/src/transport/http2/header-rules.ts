import type { HeaderBlock } from "./hpack-decoder.ts";

/** What is wrong with a header list by RFC 9113, section 8; undefined: nothing. */
export function headerProblem({ pairs, isMalformed }: HeaderBlock, kind: "request" | "response" | "trailers"): string | undefined {
  if (isMalformed) return "a header has bytes that headers must not have";
  let isPseudoPart = true;
  let seen = 0;
  for (let i = 0; i < pairs.length; i += 2) {
    const name = pairs[i] ?? "";
    const rule = rules.get(name);
    if (rule === undefined) {
      if (name.charCodeAt(0) === colon) return `the unknown pseudo-header ${name}`;
      isPseudoPart = false;
    } else if (rule === forbidden) {
      return `the header ${name}, which belongs to HTTP/1`;
    } else if (rule === onlyTrailers) {
      if (pairs[i + 1] !== "trailers") return "a te other than trailers";
      isPseudoPart = false;
    } else {
      if (!isPseudoPart) return `the pseudo-header ${name} after others`;
      if ((seen & rule) !== 0) return `the pseudo-header ${name} twice`;
      seen |= rule;
    }
  }
  if (kind === "trailers") return seen === 0 ? undefined : "a pseudo-header in trailers";
  if (kind === "response") return seen === status ? undefined : "no :status, or a pseudo-header of requests";
  if ((seen & status) !== 0) return "a :status in a request";
  // CONNECT leaves out what others must have.
  if (pairs.includes("CONNECT") && headerValue(pairs, ":method") === "CONNECT")
    return seen === (method | authority) ? undefined : "a malformed CONNECT";
  if ((seen & (method | scheme | path)) !== (method | scheme | path)) return "no :method, :scheme or :path";
  return headerValue(pairs, ":path") === "" ? "an empty :path" : undefined;
}

export function headerValue(pairs: readonly string[], name: string): string | undefined {
  for (let i = 0; i < pairs.length; i += 2) if (pairs[i] === name) return pairs[i + 1];
  return undefined;
}

const colon = 0x3a;
const method = 1;
const scheme = 2;
const path = 4;
const authority = 8;
const status = 16;
const forbidden = 1024;
const onlyTrailers = 2048;

const rules: ReadonlyMap<string, number> = new Map([
  [":method", method],
  [":scheme", scheme],
  [":path", path],
  [":authority", authority],
  [":status", status],
  ["connection", forbidden],
  ["keep-alive", forbidden],
  ["proxy-connection", forbidden],
  ["transfer-encoding", forbidden],
  ["upgrade", forbidden],
  ["te", onlyTrailers],
]);
