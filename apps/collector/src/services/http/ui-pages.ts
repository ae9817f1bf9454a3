import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { PageAnswer } from "../../component/context.ts";
import { type Pages, text } from "./pages.ts";

const types: Readonly<Record<string, string>> = {
  "app.js": "text/javascript; charset=utf-8",
  "style.css": "text/css; charset=utf-8",
  "icon.svg": "image/svg+xml",
};

/** Nothing is loaded from elsewhere, nothing inline runs: a log line on a page stays text. */
const policy = "default-src 'self'; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'; base-uri 'self'; form-action 'none'";

/** The pages of the UI at `prefix`, from the folder that the build made; every path below that is no file is the page itself. */
export function addUiPages(pages: Pages, prefix: string, folder: string): void {
  const base = prefix.endsWith("/") ? prefix : `${prefix}/`;
  const cached = new Map<string, string>();
  const file = (name: string): string | undefined => {
    const known = cached.get(name);
    if (known !== undefined) return known;
    try {
      const content = readFileSync(join(folder, name), "utf8");
      cached.set(name, content);
      return content;
    } catch {
      return undefined;
    }
  };
  const answer = (path: string): PageAnswer => {
    const type = types[path];
    const content = file(type === undefined ? "index.html" : path);
    if (content === undefined) return text(503, "The pages are not built: npm start builds them.\n");
    const body = type === undefined ? content.replace('<base href="/" />', `<base href="${attribute(base)}" />`) : content;
    return {
      status: 200,
      contentType: type ?? "text/html; charset=utf-8",
      headers: { "Content-Security-Policy": policy, "Cache-Control": "no-cache" },
      body,
    };
  };
  pages.set(base, {
    kind: "page",
    methods: ["GET"],
    handle: ({ path }) => (isPage(path) ? answer(path) : text(404, "404 page not found\n")),
  });
}

/** Paths of the API and probes are never pages, even where they don't exist: a client would take a page for an answer. */
function isPage(path: string): boolean {
  return !/^(api|-|debug|metrics|v1)(\/|$)/.test(path);
}

function attribute(value: string): string {
  return value.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");
}
