import type { ComponentRoutes, PageAnswer, PageHandler } from "../../component/context.ts";
import { type Pages, text } from "./pages.ts";

const prefix = "/api/v0/component/";

/** Pages that components own, under `/api/v0/component/{id}/`, and the way to read them without a socket. */
export class ComponentPages {
  readonly #handlers = new Map<string, PageHandler>();
  readonly #pages: Pages;
  readonly #memoryAddress: string;

  constructor(pages: Pages, memoryAddress: string) {
    this.#pages = pages;
    this.#memoryAddress = memoryAddress;
    pages.set(prefix, {
      kind: "page",
      methods: ["GET", "POST"],
      handle: (request) => {
        for (const [id, handler] of this.#handlers)
          if (request.path.startsWith(`${id}/`)) return handler({ ...request, path: request.path.slice(id.length + 1) });
        return text(404, "404 page not found\n");
      },
    });
  }

  routesOf(globalId: string): ComponentRoutes {
    return {
      address: this.#memoryAddress,
      path: `${prefix}${globalId}/`,
      handle: (handler) => {
        if (handler === undefined) this.#handlers.delete(globalId);
        else this.#handlers.set(globalId, handler);
      },
    };
  }

  /** Reads a page of this process; undefined where the URL leads elsewhere. */
  fetch(url: URL): Promise<PageAnswer> | undefined {
    if (url.host !== this.#memoryAddress) return undefined;
    return this.#pages.answer("GET", url).then((answer) => answer ?? text(404, "404 page not found\n"));
  }
}
