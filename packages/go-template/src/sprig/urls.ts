import { GoError, type GoFunction, type GoMap, type GoValue, rawOf } from "@invar/go-compat";
import { anyMap, fn, text } from "../function.ts";
import { kindNameOf } from "./defaults.ts";
import { EMPTY_URL, formatUrl, formatUser, type GoUrl, hostNameOf, parseUrl } from "./go-url.ts";

/** URLs as maps of their parts. */
export const URL_FUNCTIONS: Readonly<Record<string, GoFunction>> = {
  urlParse: fn([text], (url) => partsOf(parseOr(url, "unable to parse url"))),
  urlJoin: fn([anyMap], join),
};

function parseOr(url: string, complaint: string): GoUrl {
  try {
    return parseUrl(url);
  } catch (error) {
    if (error instanceof GoError) throw new GoError(`${complaint}: ${error.message}`);
    throw error;
  }
}

function partsOf(url: GoUrl): GoMap {
  return new Map<string, GoValue>([
    ["scheme", url.scheme],
    ["host", url.host],
    ["hostname", hostNameOf(url.host)],
    ["path", url.path],
    ["query", url.query],
    ["opaque", url.opaque],
    ["fragment", url.fragment],
    ["userinfo", url.user === undefined ? "" : formatUser(url.user)],
  ]);
}

function join(parts: GoMap | null): string {
  const part = (name: string): string => textPart(parts, name);
  const url = {
    scheme: part("scheme"),
    host: part("host"),
    path: part("path"),
    query: part("query"),
    opaque: part("opaque"),
    fragment: part("fragment"),
  };
  const userinfo = part("userinfo");
  const user = userinfo === "" ? undefined : parseOr(`proto://${userinfo}@host`, "unable to parse userinfo in dict").user;
  return formatUrl({ ...EMPTY_URL, ...url, user });
}

function textPart(parts: GoMap | null, name: string): string {
  const value = parts?.get(name);
  if (value === undefined) return "";
  if (value === null) throw new GoError("runtime error: invalid memory address or nil pointer dereference");
  const kind = kindNameOf(value);
  if (kind !== "string") throw new GoError(`unable to parse ${name} key, must be of type string, but ${kind} found`);
  return rawOf(value) as string;
}
