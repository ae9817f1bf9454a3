import type { IncomingMessage, ServerResponse } from "node:http";
import type { PageAnswer, PageHandler } from "../../component/context.ts";

/** A page of the process itself: most answer at once, a few stream. */
export type Route =
  | { readonly kind: "page"; readonly methods: readonly string[]; readonly handle: PageHandler }
  | { readonly kind: "stream"; readonly methods: readonly string[]; readonly handle: StreamHandler };

/** Writes to the response until `signal` says that the client has gone. */
export type StreamHandler = (request: StreamRequest, response: ServerResponse, signal: AbortSignal) => void | Promise<void>;

export interface StreamRequest {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly message: IncomingMessage;
}

/** Pages by path; a path that ends in `/` serves everything below it. The longest that fits wins. */
export class Pages {
  readonly #routes = new Map<string, Route>();

  set(path: string, route: Route): void {
    this.#routes.set(path, route);
  }

  delete(path: string): void {
    this.#routes.delete(path);
  }

  /** The route for a path and what of the path lies below it. */
  find(path: string): { readonly route: Route; readonly below: string } | undefined {
    const exact = this.#routes.get(path);
    if (exact !== undefined) return { route: exact, below: "" };
    for (let end = path.lastIndexOf("/"); end >= 0; end = end === 0 ? -1 : path.lastIndexOf("/", end - 1)) {
      const route = this.#routes.get(path.slice(0, end + 1));
      if (route !== undefined) return { route, below: path.slice(end + 1) };
    }
    return undefined;
  }

  /** Answers a page without a socket; undefined where there is none. */
  async answer(method: string, url: URL): Promise<PageAnswer | undefined> {
    const found = this.find(decodePath(url.pathname));
    if (found === undefined || found.route.kind !== "page") return undefined;
    return found.route.handle({ method, path: found.below, query: url.searchParams });
  }
}

export function text(status: number, body: string): PageAnswer {
  return { status, contentType: "text/plain; charset=utf-8", body };
}

export function json(value: unknown): PageAnswer {
  return { status: 200, contentType: "application/json", body: JSON.stringify(value) };
}

export function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
