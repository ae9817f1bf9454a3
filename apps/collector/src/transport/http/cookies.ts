interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly domain: string;
  /** False: only the very host that set it. */
  readonly withSubdomains: boolean;
  readonly path: string;
  readonly secure: boolean;
  /** Undefined: as long as the process. */
  readonly expiresMs: number | undefined;
}

const maxCookies = 200;
const maxCookieBytes = 4096;

/** The cookies that servers set in one client's life, sent back as RFC 6265 says. Bounded: the oldest leave first. */
export class CookieJar {
  #cookies: Cookie[] = [];

  /** Keeps what `Set-Cookie` headers of an answer say. */
  take(url: URL, setCookies: readonly string[], nowMs: number): void {
    for (const text of setCookies) {
      const cookie = text.length > maxCookieBytes ? undefined : parseCookie(text, url, nowMs);
      if (cookie === undefined) continue;
      this.#cookies = this.#cookies.filter(
        (old) =>
          old.name !== cookie.name ||
          old.domain !== cookie.domain ||
          old.path !== cookie.path ||
          old.withSubdomains !== cookie.withSubdomains,
      );
      if (cookie.expiresMs === undefined || cookie.expiresMs > nowMs) this.#cookies.push(cookie);
    }
    if (this.#cookies.length > maxCookies) this.#cookies = this.#cookies.slice(-maxCookies);
  }

  /** The `Cookie` header for a request; undefined: none. */
  header(url: URL, nowMs: number): string | undefined {
    const fitting = this.#cookies.filter(
      (cookie) =>
        (cookie.expiresMs === undefined || cookie.expiresMs > nowMs) &&
        (url.hostname === cookie.domain || (cookie.withSubdomains && url.hostname.endsWith(`.${cookie.domain}`))) &&
        (!cookie.secure || url.protocol === "https:") &&
        pathFits(url.pathname, cookie.path),
    );
    if (fitting.length === 0) return undefined;
    // Longer paths come first.
    return fitting
      .sort((a, b) => b.path.length - a.path.length)
      .map(({ name, value }) => `${name}=${value}`)
      .join("; ");
  }
}

function parseCookie(text: string, url: URL, nowMs: number): Cookie | undefined {
  const [pair = "", ...attributes] = text.split(";");
  const equals = pair.indexOf("=");
  if (equals <= 0) return undefined;
  let domain = url.hostname;
  let withSubdomains = false;
  let path = url.pathname.slice(0, Math.max(url.pathname.lastIndexOf("/"), 1));
  let secure = false;
  let expiresMs: number | undefined;
  let maxAgeMs: number | undefined;
  for (const attribute of attributes) {
    const [key = "", ...rest] = attribute.split("=");
    const value = rest.join("=").trim();
    switch (key.trim().toLowerCase()) {
      case "domain": {
        const wanted = value.replace(/^\./, "").toLowerCase();
        if (wanted === "") break;
        // Nobody sets cookies for other sites, nor for a whole top-level domain.
        if (url.hostname !== wanted && !(url.hostname.endsWith(`.${wanted}`) && wanted.includes("."))) return undefined;
        domain = wanted;
        withSubdomains = true;
        break;
      }
      case "path":
        if (value.startsWith("/")) path = value;
        break;
      case "secure":
        secure = true;
        break;
      case "max-age":
        if (/^-?\d+$/.test(value)) maxAgeMs = nowMs + Number(value) * 1000;
        break;
      case "expires":
        expiresMs = Number.isNaN(Date.parse(value)) ? expiresMs : Date.parse(value);
        break;
    }
  }
  if (secure && url.protocol !== "https:") return undefined;
  const name = pair.slice(0, equals).trim();
  const value = pair.slice(equals + 1).trim();
  return { name, value, domain, withSubdomains, path, secure, expiresMs: maxAgeMs ?? expiresMs };
}

function pathFits(requested: string, path: string): boolean {
  return requested === path || (requested.startsWith(path) && (path.endsWith("/") || requested[path.length] === "/"));
}
