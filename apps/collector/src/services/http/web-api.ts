import type { ServerResponse } from "node:http";
import type { DebugWatch, GraphView } from "../../component/graph-view.ts";
import { json, type Pages, type StreamRequest, text } from "./pages.ts";

/** Chunks of a stream end so: the incumbent's pages split at it. */
const delimiter = "|;|";
/** Lines that one watcher gets at most each second; the rest is counted and told. */
const mostLinesASecond = 1_000;
/** What may wait for a slow watcher. */
const mostBufferedBytes = 1 << 20;

/** The pages under `prefix` (`/api/v0/web/`), in the incumbent's shapes. */
export function addWebApi(pages: Pages, prefix: string, view: GraphView, debug: DebugWatch, peers: () => unknown): void {
  const get = ["GET"];
  const list = (moduleId: string) => {
    const components = view.list(moduleId);
    return components === undefined ? text(500, `module not found: ${moduleId}\n`) : json(components);
  };
  pages.set(`${prefix}components`, { kind: "page", methods: get, handle: () => list("") });
  pages.set(`${prefix}modules/`, {
    kind: "page",
    methods: get,
    handle: ({ path }) => (path.endsWith("/components") ? list(path.slice(0, -"/components".length)) : text(404, "404 page not found\n")),
  });
  pages.set(`${prefix}components/`, {
    kind: "page",
    methods: get,
    handle: ({ path }) => {
      const detail = view.detail(path);
      return detail === undefined ? text(404, "404 page not found\n") : json(detail);
    },
  });
  pages.set(`${prefix}peers`, { kind: "page", methods: get, handle: () => json(peers()) });
  pages.set(`${prefix}debug/`, {
    kind: "stream",
    methods: get,
    handle: (request, response, signal) => streamDebug(debug, request, response, signal),
  });
  for (const path of [`${prefix}graph`, `${prefix}graph/`])
    pages.set(path, { kind: "stream", methods: get, handle: (request, response, signal) => streamGraph(debug, request, response, signal) });
}

/** What one component publishes, as it comes: sampled, capped, and never more than the watcher takes. */
function streamDebug(debug: DebugWatch, request: StreamRequest, response: ServerResponse, signal: AbortSignal): void {
  const share = Number(request.query.get("sampleProb") ?? "1");
  if (!(share >= 0 && share <= 1)) {
    refuse(response, 400, "Invalid sample probability");
    return;
  }
  if (!debug.enabled) {
    refuse(response, 500, "live debugging is off; write livedebugging { enabled = true }");
    return;
  }
  response.writeHead(200, { "Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-store" });
  response.flushHeaders();
  let second = 0;
  let lines = 0;
  let left = 0;
  const stop = debug.watch(request.path, (_id, { describe }) => {
    const now = Math.floor(Date.now() / 1000);
    if (now !== second) {
      if (left > 0) response.write(`(${left} more were not shown: the rate is capped)${delimiter}`);
      second = now;
      lines = 0;
      left = 0;
    }
    if (share < 1 && Math.random() >= share) return;
    if (++lines > mostLinesASecond || response.writableLength > mostBufferedBytes) left++;
    else response.write(describe() + delimiter);
  });
  signal.addEventListener("abort", stop);
}

/** How much each component of a module lets through, added up over a window of 1 to 60 seconds. */
function streamGraph(debug: DebugWatch, request: StreamRequest, response: ServerResponse, signal: AbortSignal): void {
  const window = Number(request.query.get("window") ?? "5");
  if (!Number.isInteger(window) || window < 1 || window > 60) {
    refuse(response, 400, "Invalid window: must be an integer between 1 and 60");
    return;
  }
  if (!debug.enabled) {
    refuse(response, 500, "live debugging is off; write livedebugging { enabled = true }");
    return;
  }
  response.writeHead(200, { "Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-store" });
  response.flushHeaders();
  const counts = new Map<string, { componentID: string; count: number; type: string }>();
  const stop = debug.watch("", (componentID, { kind, count }) => {
    const key = `${componentID} ${kind}`;
    const known = counts.get(key);
    if (known === undefined) counts.set(key, { componentID, count, type: kind });
    else known.count += count;
  });
  const timer = setInterval(() => {
    const rates = [...counts.values()].map((entry) => ({ ...entry, rate: entry.count / window }));
    counts.clear();
    if (response.writableLength < mostBufferedBytes) response.write(JSON.stringify(rates) + delimiter);
  }, window * 1000);
  signal.addEventListener("abort", () => {
    clearInterval(timer);
    stop();
  });
}

function refuse(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, { "Content-Type": "text/plain; charset=utf-8" }).end(`${message}\n`);
}
