import type { IncomingHttpHeaders } from "node:http";

export interface Redirect {
  readonly url: URL;
  readonly method: string;
  readonly keepsBody: boolean;
  /** The same host or one below it, and not from TLS to none: credentials may follow. */
  readonly sameSite: boolean;
}

/** Where an answer sends the client; undefined: nowhere. */
export function redirected(
  response: { readonly status: number; readonly headers: IncomingHttpHeaders },
  method: string,
  from: URL,
): Redirect | undefined {
  const { location } = response.headers;
  if (location === undefined || !URL.canParse(location, from)) return undefined;
  const url = new URL(location, from);
  if (url.protocol !== "http:" && url.protocol !== "https:") return undefined;
  const sameSite =
    (url.hostname === from.hostname || url.hostname.endsWith(`.${from.hostname}`)) &&
    !(from.protocol === "https:" && url.protocol === "http:");
  switch (response.status) {
    case 301:
    case 302:
    case 303:
      return { url, method: method === "HEAD" ? "HEAD" : "GET", keepsBody: false, sameSite };
    case 307:
    case 308:
      return { url, method, keepsBody: true, sameSite };
    default:
      return undefined;
  }
}
