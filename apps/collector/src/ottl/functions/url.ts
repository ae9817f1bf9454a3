import { StatementError, type Value, type ValueMap } from "../value.ts";

/** The parts of a URL under the names of the semantic conventions, read as Go reads it. Throws `StatementError`. */
export function parseUrl(text: string): ValueMap {
  if (text.startsWith("?")) return queryMap(text.slice(1));
  const url = goUrl(text);
  const map: ValueMap = new Map<string, Value>([
    ["url.original", url.text],
    ["url.domain", url.host],
    ["url.scheme", url.scheme],
    ["url.path", url.path],
  ]);
  if (url.port !== "") map.set("url.port", BigInt(url.port));
  if (url.fragment !== "") map.set("url.fragment", url.fragment);
  if (url.user !== undefined) {
    map.set("url.user_info", url.user.text);
    if (url.user.name !== "") map.set("url.username", url.user.name);
    if (url.user.password !== undefined) map.set("url.password", url.user.password);
  }
  if (url.query !== "") map.set("url.query", url.query);
  const dot = url.path.lastIndexOf(".");
  if (dot >= 0 && dot < url.path.length - 1) map.set("url.extension", url.path.slice(dot + 1));
  return map;
}

interface GoUrl {
  readonly text: string;
  readonly scheme: string;
  readonly user: { readonly text: string; readonly name: string; readonly password: string | undefined } | undefined;
  readonly host: string;
  readonly port: string;
  readonly path: string;
  readonly query: string;
  readonly fragment: string;
}

function goUrl(text: string): GoUrl {
  const fail = (reason: string): StatementError => new StatementError(`parse ${JSON.stringify(text)}: ${reason}`);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is refused
  if (/[\0-\x1f\x7f]/.test(text)) throw fail("net/url: invalid control character in URL");
  const hash = text.indexOf("#");
  const whole = hash < 0 ? text : text.slice(0, hash);
  const rawFragment = hash < 0 ? "" : text.slice(hash + 1);
  const schemeMatch = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(whole);
  if (schemeMatch === null && whole.startsWith(":")) throw fail("missing protocol scheme");
  const scheme = schemeMatch?.[1]?.toLowerCase() ?? "";
  let rest = whole.slice(schemeMatch?.[0].length ?? 0);
  const question = rest.indexOf("?");
  const query = question < 0 ? "" : rest.slice(question + 1);
  if (question >= 0) rest = rest.slice(0, question);
  if (scheme === "" && !rest.startsWith("/") && (rest.split("/")[0] ?? "").includes(":"))
    throw fail("first path segment in URL cannot contain colon");
  const isOpaque = scheme !== "" && !rest.startsWith("/");
  let authority = "";
  let rawPath = rest;
  if (rest.startsWith("//") && !(scheme === "" && rest.startsWith("///"))) {
    const slash = rest.indexOf("/", 2);
    authority = slash < 0 ? rest.slice(2) : rest.slice(2, slash);
    rawPath = slash < 0 ? "" : rest.slice(slash);
  }
  const at = authority.lastIndexOf("@");
  const user = at < 0 ? undefined : userOf(authority.slice(0, at), fail);
  const hostPort = authority.slice(at + 1);
  const bracket = /^\[([^\]]*)\](?::(\d*))?$/.exec(hostPort);
  if (hostPort.startsWith("[") && bracket === null) throw fail("missing ']' in host");
  const plain = /^([^:]*)(?::(.*))?$/s.exec(hostPort);
  if (bracket === null && plain === null)
    throw fail(`invalid port ${JSON.stringify(hostPort.slice(hostPort.lastIndexOf(":")))} after host`);
  const port = (bracket === null ? plain?.[2] : bracket[2]) ?? "";
  if (!/^\d*$/.test(port)) throw fail(`invalid port ${JSON.stringify(`:${port}`)} after host`);
  const rawHost = (bracket === null ? plain?.[1] : bracket[1]) ?? "";
  if (/[ "<>\\^`{|}]/.test(rawHost)) throw fail(`invalid character ${JSON.stringify(/[ "<>\\^`{|}]/.exec(rawHost)?.[0])} in host name`);
  const host = unescaped(rawHost, fail);
  const path = isOpaque ? "" : unescaped(rawPath, fail);
  const fragment = unescaped(rawFragment, fail);
  const original =
    (scheme === "" ? "" : `${scheme}:`) +
    (authority === "" && !rest.startsWith("//") ? "" : `//${user === undefined ? "" : `${user.text}@`}${hostPort}`) +
    (isOpaque ? rawPath : escapedPath(rawPath, path)) +
    (question < 0 || (query === "" && !whole.endsWith("?")) ? "" : `?${query}`) +
    (rawFragment === "" ? "" : `#${escapedFragment(rawFragment, fragment)}`);
  return { text: original, scheme, user, host, port, path, query, fragment };
}

function userOf(text: string, fail: (reason: string) => StatementError): GoUrl["user"] {
  if (!/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(text)) throw fail("net/url: invalid userinfo");
  const colon = text.indexOf(":");
  const name = unescaped(colon < 0 ? text : text.slice(0, colon), fail);
  if (colon < 0) return { text: escapedUser(name), name, password: undefined };
  const password = unescaped(text.slice(colon + 1), fail);
  return { text: `${escapedUser(name)}:${escapedUser(password)}`, name, password };
}

function unescaped(text: string, fail: (reason: string) => StatementError): string {
  if (!text.includes("%")) return text;
  const wrong = /%(?![0-9a-fA-F]{2}).{0,2}/s.exec(text);
  if (wrong !== null) throw fail(`invalid URL escape ${JSON.stringify(wrong[0])}`);
  const bytes = Buffer.from(text);
  const decoded: number[] = [];
  for (let i = 0; i < bytes.length; i++) {
    if (bytes[i] !== 0x25) decoded.push(bytes[i] as number);
    else {
      decoded.push(Number.parseInt(bytes.toString("latin1", i + 1, i + 3), 16));
      i += 2;
    }
  }
  return Buffer.from(decoded).toString("utf8");
}

function escapedUser(text: string): string {
  return escaped(text, /[A-Za-z0-9\-._~$&+,;=]/);
}

/** As it was written where that is a valid way to write the path, else as Go writes it. */
function escapedPath(raw: string, path: string): string {
  return /^(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/[\]]|%[0-9a-fA-F]{2})*$/.test(raw) ? raw : escaped(path, /[A-Za-z0-9\-._~$&+,/:;=@]/);
}

function escapedFragment(raw: string, fragment: string): string {
  return /^(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/?[\]]|%[0-9a-fA-F]{2})*$/.test(raw) ? raw : escaped(fragment, /[A-Za-z0-9\-._~!$&()*+,/:;=?@]/);
}

function escaped(text: string, kept: RegExp): string {
  let result = "";
  for (const byte of Buffer.from(text)) {
    const character = String.fromCharCode(byte);
    result += byte < 0x80 && kept.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return result;
}

function queryMap(query: string): ValueMap {
  const parameters = new Map<string, Value[]>();
  for (const pair of query.split("&")) {
    if (pair === "") continue;
    if (pair.includes(";")) throw new StatementError("invalid semicolon separator in query");
    const equals = pair.indexOf("=");
    const fail = (reason: string): StatementError => new StatementError(reason);
    const key = unescaped((equals < 0 ? pair : pair.slice(0, equals)).replaceAll("+", " "), fail);
    const each = equals < 0 ? "" : unescaped(pair.slice(equals + 1).replaceAll("+", " "), fail);
    parameters.set(key, [...(parameters.get(key) ?? []), each]);
  }
  return parameters.size === 0 ? new Map() : new Map([["query", parameters]]);
}
