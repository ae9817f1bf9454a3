import { isIPv4, isIPv6 } from "node:net";
import { bytesFromText, GoError, quote, textFromBytes } from "@invar/go-compat";

/** A URL in Go's parts. Text is decoded except in query and opaque. */
export interface GoUrl {
  readonly scheme: string;
  readonly opaque: string;
  readonly user: UserInfo | undefined;
  readonly host: string;
  readonly path: string;
  readonly rawPath: string;
  readonly omitsHost: boolean;
  readonly forcesQuery: boolean;
  readonly query: string;
  readonly fragment: string;
  readonly rawFragment: string;
}

export interface UserInfo {
  readonly name: string;
  readonly password: string | undefined;
}

export const EMPTY_URL: GoUrl = {
  scheme: "",
  opaque: "",
  user: undefined,
  host: "",
  path: "",
  rawPath: "",
  omitsHost: false,
  forcesQuery: false,
  query: "",
  fragment: "",
  rawFragment: "",
};

/** Go's `url.Parse`. Throws `GoError` with Go's text. */
export function parseUrl(text: string): GoUrl {
  const hash = text.indexOf("#");
  const main = hash < 0 ? text : text.slice(0, hash);
  const url = wrapErrors(main, () => parseWithoutFragment(main));
  const rawFragment = hash < 0 ? "" : text.slice(hash + 1);
  if (rawFragment === "") return url;
  return wrapErrors(text, () => {
    const fragment = unescapePart(rawFragment, "fragment");
    return { ...url, fragment, rawFragment: escapePart(fragment, "fragment") === rawFragment ? "" : rawFragment };
  });
}

/** Go's `URL.String`. */
export function formatUrl(url: GoUrl): string {
  let text = url.scheme === "" ? "" : `${url.scheme}:`;
  if (url.opaque !== "") text += url.opaque;
  else {
    const hasAuthority = url.scheme !== "" || url.host !== "" || url.user !== undefined;
    const omits = url.omitsHost && url.host === "" && url.user === undefined;
    if (hasAuthority && !omits) {
      if (url.host !== "" || url.path !== "" || url.user !== undefined) text += "//";
      if (url.user !== undefined) text += `${formatUser(url.user)}@`;
      text += escapePart(url.host, "host");
    }
    const path = escapedPath(url);
    if (path !== "" && !path.startsWith("/") && url.host !== "") text += "/";
    // A first segment with a colon would be taken for a scheme.
    if (text === "" && (path.split("/")[0] as string).includes(":")) text += "./";
    text += path;
  }
  if (url.forcesQuery || url.query !== "") text += `?${url.query}`;
  if (url.fragment !== "") text += `#${escapedFragment(url)}`;
  return text;
}

export function formatUser({ name, password }: UserInfo): string {
  const escaped = escapePart(name, "user");
  return password === undefined ? escaped : `${escaped}:${escapePart(password, "user")}`;
}

/** The host without port and brackets. */
export function hostNameOf(host: string): string {
  const colon = host.lastIndexOf(":");
  const name = colon >= 0 && isOptionalPort(host.slice(colon)) ? host.slice(0, colon) : host;
  return name.startsWith("[") && name.endsWith("]") ? name.slice(1, -1) : name;
}

type Part = "path" | "fragment" | "user" | "host" | "zone";

function wrapErrors<Result>(text: string, parse: () => Result): Result {
  try {
    return parse();
  } catch (error) {
    if (error instanceof GoError) throw new GoError(`parse ${quote(text)}: ${error.message}`);
    throw error;
  }
}

function parseWithoutFragment(text: string): GoUrl {
  if (hasControlCharacter(text)) throw new GoError("net/url: invalid control character in URL");
  if (text === "*") return { ...EMPTY_URL, path: "*" };
  const found = splitScheme(text);
  const { scheme } = found;
  let { rest } = found;
  const mark = rest.indexOf("?");
  const forcesQuery = mark >= 0 && mark === rest.length - 1;
  const query = mark < 0 ? "" : rest.slice(mark + 1);
  if (mark >= 0) rest = rest.slice(0, mark);
  const base: GoUrl = { ...EMPTY_URL, scheme, forcesQuery, query };
  if (!rest.startsWith("/")) {
    if (scheme !== "") return { ...base, opaque: rest };
    if ((rest.split("/")[0] as string).includes(":")) throw new GoError("first path segment in URL cannot contain colon");
  }
  let authority: Pick<GoUrl, "user" | "host"> = { user: undefined, host: "" };
  let omitsHost = false;
  if ((scheme !== "" || !rest.startsWith("///")) && rest.startsWith("//")) {
    const slash = rest.indexOf("/", 2);
    authority = parseAuthority(scheme, slash < 0 ? rest.slice(2) : rest.slice(2, slash));
    rest = slash < 0 ? "" : rest.slice(slash);
  } else omitsHost = scheme !== "" && rest.startsWith("/");
  const path = unescapePart(rest, "path");
  return { ...base, ...authority, omitsHost, path, rawPath: escapePart(path, "path") === rest ? "" : rest };
}

function splitScheme(text: string): { scheme: string; rest: string } {
  const found = /^([a-zA-Z][a-zA-Z0-9+.-]*):/.exec(text);
  if (found !== null) return { scheme: (found[1] as string).toLowerCase(), rest: text.slice(found[0].length) };
  if (text.startsWith(":")) throw new GoError("missing protocol scheme");
  return { scheme: "", rest: text };
}

function parseAuthority(scheme: string, authority: string): Pick<GoUrl, "user" | "host"> {
  const at = authority.lastIndexOf("@");
  const host = parseHost(scheme, authority.slice(at + 1));
  if (at < 0) return { user: undefined, host };
  const user = authority.slice(0, at);
  if (!/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(user)) throw new GoError("net/url: invalid userinfo");
  const colon = user.indexOf(":");
  const name = unescapePart(colon < 0 ? user : user.slice(0, colon), "user");
  return { user: { name, password: colon < 0 ? undefined : unescapePart(user.slice(colon + 1), "user") }, host };
}

function parseHost(scheme: string, host: string): string {
  const open = host.lastIndexOf("[");
  if (open > 0) throw new GoError("invalid IP-literal");
  if (open === 0) return parseBracketed(host);
  const first = host.indexOf(":");
  if (first >= 0) {
    // Lists of hosts with ports are known from databases, not from the web.
    const port = host.slice(scheme === "http" || scheme === "https" ? first : host.lastIndexOf(":"));
    if (!isOptionalPort(port)) throw new GoError(`invalid port ${quote(port)} after host`);
  }
  return unescapePart(host, "host");
}

function parseBracketed(host: string): string {
  const close = host.lastIndexOf("]");
  if (close < 0) throw new GoError("missing ']' in host");
  const port = host.slice(close + 1);
  if (!isOptionalPort(port)) throw new GoError(`invalid port ${quote(port)} after host`);
  const inside = host.slice(1, close);
  const zone = inside.indexOf("%25");
  const name =
    zone < 0 ? unescapePart(inside, "host") : unescapePart(inside.slice(0, zone), "host") + unescapePart(inside.slice(zone), "zone");
  if (isIPv4(name)) throw new GoError("invalid IP-literal");
  if (!isIPv6(name)) throw new GoError(`invalid host: ParseAddr(${quote(name)}): unable to parse IP`);
  return `[${name}]${port}`;
}

function isOptionalPort(port: string): boolean {
  return port === "" || /^:[0-9]*$/.test(port);
}

function hasControlCharacter(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit < 0x20 || unit === 0x7f) return true;
  }
  return false;
}

function escapedPath(url: GoUrl): string {
  if (url.rawPath !== "" && isValidEncoding(url.rawPath, "path")) return url.rawPath;
  return url.path === "*" ? "*" : escapePart(url.path, "path");
}

function escapedFragment(url: GoUrl): string {
  if (url.rawFragment !== "" && isValidEncoding(url.rawFragment, "fragment")) return url.rawFragment;
  return escapePart(url.fragment, "fragment");
}

function isValidEncoding(text: string, part: Part): boolean {
  return Array.from(bytesFromText(text)).every((byte) => /[!$&'()*+,;=:@[\]%]/.test(String.fromCharCode(byte)) || !mustEscape(byte, part));
}

function mustEscape(byte: number, part: Part): boolean {
  const character = String.fromCharCode(byte);
  if (/[A-Za-z0-9\-_.~]/.test(character)) return false;
  switch (part) {
    case "host":
    case "zone":
      return !/[!$&'()*+,;=:[\]<>"]/.test(character);
    case "path":
      return !/[$&+,/:;=@]/.test(character);
    case "user":
      return !/[$&+,;=]/.test(character);
    case "fragment":
      return !/[$&+,/:;=?@!()*]/.test(character);
    default:
      return part satisfies never;
  }
}

function escapePart(text: string, part: Part): string {
  let escaped = "";
  for (const byte of bytesFromText(text)) {
    escaped += mustEscape(byte, part) ? `%${byte.toString(16).toUpperCase().padStart(2, "0")}` : String.fromCharCode(byte);
  }
  return escaped;
}

function unescapePart(text: string, part: Part): string {
  const source = bytesFromText(text);
  const bytes: number[] = [];
  for (let at = 0; at < source.length; at++) {
    const byte = source[at] as number;
    if (byte !== 0x25) {
      if ((part === "host" || part === "zone") && byte < 0x80 && mustEscape(byte, part)) {
        throw new GoError(`invalid character ${quote(String.fromCharCode(byte))} in host name`);
      }
      bytes.push(byte);
      continue;
    }
    const escaped = textFromBytes(source.subarray(at, at + 3));
    if (!/^%[0-9a-fA-F]{2}$/.test(escaped)) throw new GoError(`invalid URL escape ${quote(escaped)}`);
    const value = Number.parseInt(escaped.slice(1), 16);
    const isRefused =
      (part === "host" && value < 0x80 && escaped !== "%25") ||
      (part === "zone" && escaped !== "%25" && value !== 0x20 && mustEscape(value, "host"));
    if (isRefused) throw new GoError(`invalid URL escape ${quote(escaped)}`);
    bytes.push(value);
    at += 2;
  }
  return textFromBytes(Uint8Array.from(bytes));
}
