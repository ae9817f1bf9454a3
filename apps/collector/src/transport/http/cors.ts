import type { IncomingHttpHeaders } from "node:http";

export interface CorsSettings {
  /** Exact, or with one `*` for any text; `*` alone is every origin. */
  readonly allowedOrigins: readonly string[];
  readonly allowedHeaders: readonly string[];
  readonly exposedHeaders: readonly string[];
  /** 0: the browser decides. */
  readonly maxAgeSeconds: number;
}

/** Says which headers let a page of another origin see answers. */
export class Cors {
  readonly #settings: CorsSettings;
  readonly #everyOrigin: boolean;
  readonly #origins: readonly ((origin: string) => boolean)[];
  readonly #headers: ReadonlySet<string>;

  constructor(settings: CorsSettings) {
    this.#settings = settings;
    this.#everyOrigin = settings.allowedOrigins.includes("*");
    this.#origins = settings.allowedOrigins.map(originRule);
    const named = settings.allowedHeaders.length > 0 ? settings.allowedHeaders : ["x-requested-with"];
    this.#headers = new Set([
      "accept",
      "accept-language",
      "content-language",
      "content-type",
      "origin",
      ...named.map((name) => name.toLowerCase()),
    ]);
  }

  /** For the answer to a request. */
  answerHeaders(request: IncomingHttpHeaders): Record<string, string> {
    const { origin } = request;
    if (origin === undefined || !this.#allows(origin)) return { vary: "Origin" };
    const { exposedHeaders } = this.#settings;
    return {
      vary: "Origin",
      ...this.#permission(origin),
      ...(exposedHeaders.length > 0 && { "access-control-expose-headers": exposedHeaders.join(", ") }),
    };
  }

  /** For the answer to a browser that asks first; undefined: it does not. */
  preflightHeaders(method: string | undefined, request: IncomingHttpHeaders): Record<string, string> | undefined {
    const wanted = request["access-control-request-method"];
    if (method !== "OPTIONS" || wanted === undefined) return undefined;
    const vary = "Origin, Access-Control-Request-Method, Access-Control-Request-Headers";
    const { origin } = request;
    const headers = request["access-control-request-headers"] ?? "";
    const names = headers
      .split(",")
      .map((name) => name.trim().toLowerCase())
      .filter((name) => name !== "");
    const allowed =
      origin !== undefined &&
      this.#allows(origin) &&
      simpleMethods.has(wanted.toUpperCase()) &&
      (this.#headers.has("*") || names.every((name) => this.#headers.has(name)));
    if (!allowed) return { vary };
    const { maxAgeSeconds } = this.#settings;
    return {
      vary,
      ...this.#permission(origin),
      "access-control-allow-methods": wanted.toUpperCase(),
      ...(names.length > 0 && { "access-control-allow-headers": headers }),
      ...(maxAgeSeconds !== 0 && { "access-control-max-age": String(Math.max(maxAgeSeconds, 0)) }),
    };
  }

  #allows(origin: string): boolean {
    return this.#everyOrigin || this.#origins.some((rule) => rule(origin.toLowerCase()));
  }

  #permission(origin: string): Record<string, string> {
    return { "access-control-allow-origin": this.#everyOrigin ? "*" : origin, "access-control-allow-credentials": "true" };
  }
}

const simpleMethods = new Set(["GET", "HEAD", "POST"]);

function originRule(pattern: string): (origin: string) => boolean {
  const text = pattern.toLowerCase();
  const star = text.indexOf("*");
  if (star < 0) return (origin) => origin === text;
  const [before, after] = [text.slice(0, star), text.slice(star + 1)];
  return (origin) => origin.length >= before.length + after.length && origin.startsWith(before) && origin.endsWith(after);
}
