import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

type Fields = Record<string, unknown>;
type StoredObject = Fields & {
  metadata: Fields & { name: string; namespace?: string; resourceVersion?: string; labels?: Record<string, string> };
};
interface Happened {
  readonly version: number;
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  readonly path: string;
  readonly object: StoredObject;
}
interface Watcher {
  readonly path: string;
  readonly selects: (object: StoredObject) => boolean;
  readonly response: ServerResponse;
}

/**
 * For tests: what an API server does with lists and watches, over HTTP, without one. Objects are kept by the path of their collection
 * (`/api/v1/namespaces/x/pods`); a path without a namespace lists all. It can fail in every way that matters.
 */
export class ApiServerRig {
  readonly #server = createServer((request, response) => void this.#answer(request, response));
  readonly #objects = new Map<string, StoredObject>();
  #history: Happened[] = [];
  readonly #watchers = new Set<Watcher>();
  #version = 100;
  #forgotten = 0;
  #port = 0;
  /** Requests as `GET /path?query`, in the order in which they came. */
  readonly requests: string[] = [];
  readonly authorizations: (string | undefined)[] = [];
  /** `list pods`: refused with 403, as a role would. */
  readonly forbidden = new Set<string>();
  /** Answers paths of their own kind, logs for one. */
  readonly pages = new Map<string, (request: IncomingMessage, response: ServerResponse) => void>();
  /** Objects a page, whatever is asked for. */
  pageSize = 500;

  async start(): Promise<this> {
    this.#server.listen(this.#port, "127.0.0.1");
    await once(this.#server, "listening");
    this.#port = (this.#server.address() as AddressInfo).port;
    return this;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Ends without a word, as after kill -9; `start` brings it back on the same port with its objects. */
  async crash(): Promise<void> {
    this.#watchers.clear();
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  async stop(): Promise<void> {
    if (this.#server.listening) await this.crash();
  }

  /** Ends all watches in good order. */
  endWatches(): void {
    for (const watcher of this.#watchers) watcher.response.end();
    this.#watchers.clear();
  }

  /** Breaks off all watches. */
  breakWatches(): void {
    for (const watcher of this.#watchers) watcher.response.destroy();
    this.#watchers.clear();
  }

  /** Forgets what happened up to now: who wants to go on from an older state is told that it is gone. */
  compact(): void {
    this.#history = [];
    this.#forgotten = this.#version;
  }

  get watches(): number {
    return this.#watchers.size;
  }

  put(collection: string, object: Fields & { metadata: Fields & { name: string } }): void {
    const key = `${collection}/${object.metadata.name}`;
    const version = ++this.#version;
    const namespace = /\/namespaces\/([^/]+)\//.exec(collection)?.[1];
    const metadata = {
      uid: `uid-of-${object.metadata.name}`,
      ...(namespace !== undefined && { namespace }),
      ...object.metadata,
      resourceVersion: String(version),
    };
    const stored = { ...object, metadata } as StoredObject;
    const type = this.#objects.has(key) ? "MODIFIED" : "ADDED";
    this.#objects.set(key, stored);
    this.#tell({ version, type, path: collection, object: stored });
  }

  remove(collection: string, name: string): void {
    const stored = this.#objects.get(`${collection}/${name}`);
    if (stored === undefined) throw new Error(`there is no ${name} in ${collection}`);
    this.#objects.delete(`${collection}/${name}`);
    const version = ++this.#version;
    const object = { ...stored, metadata: { ...stored.metadata, resourceVersion: String(version) } };
    this.#tell({ version, type: "DELETED", path: collection, object });
  }

  bookmark(): void {
    for (const { response } of this.#watchers)
      response.write(`${JSON.stringify({ type: "BOOKMARK", object: { metadata: { resourceVersion: String(this.#version) } } })}\n`);
  }

  get(collection: string, name: string): StoredObject | undefined {
    return this.#objects.get(`${collection}/${name}`);
  }

  #tell(happened: Happened): void {
    this.#history.push(happened);
    for (const watcher of this.#watchers)
      if (isIn(happened.path, watcher.path) && watcher.selects(happened.object)) watcher.response.write(eventLine(happened));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", "http://rig");
    this.requests.push(`${request.method} ${url.pathname}${url.search}`);
    this.authorizations.push(request.headers.authorization);
    const page = this.pages.get(url.pathname);
    if (page !== undefined) return page(request, response);
    const [root, ...rest] = url.pathname
      .replace(/\/namespaces\/[^/]+\//, "/")
      .split("/")
      .slice(1);
    const [resource = "", name] = rest.slice(root === "api" ? 1 : 2);
    const verb = name !== undefined ? "get" : url.searchParams.has("watch") ? "watch" : "list";
    if (this.forbidden.has(`${verb} ${resource}`))
      return send(response, 403, { kind: "Status", reason: "Forbidden", message: `${resource} is forbidden: User "rig" cannot ${verb}` });
    if (request.method !== "GET") return await this.#write(request, url.pathname, response);
    const object = this.#objects.get(url.pathname);
    if (object !== undefined) return send(response, 200, object);
    if (url.searchParams.has("watch")) return this.#watch(url, response);
    if (name !== undefined) return send(response, 404, { kind: "Status", reason: "NotFound", message: `${url.pathname} not found` });
    this.#list(url, response);
  }

  async #write(request: IncomingMessage, path: string, response: ServerResponse): Promise<void> {
    const body = JSON.parse(Buffer.concat(await request.toArray()).toString()) as StoredObject;
    const collection = request.method === "POST" ? path : path.slice(0, path.lastIndexOf("/"));
    const there = this.#objects.get(`${collection}/${body.metadata.name}`);
    const isFirst = request.method === "POST" ? there === undefined : there?.metadata.resourceVersion === body.metadata.resourceVersion;
    if (!isFirst) return send(response, 409, { kind: "Status", reason: "Conflict", message: "the object has been modified" });
    this.put(collection, body);
    send(response, 200, this.#objects.get(`${collection}/${body.metadata.name}`));
  }

  #list(url: URL, response: ServerResponse): void {
    const selects = selectorOf(url);
    const all = [...this.#objects].filter(([key, object]) => isIn(key.slice(0, key.lastIndexOf("/")), url.pathname) && selects(object));
    const from = Number(url.searchParams.get("continue") ?? 0);
    const to = from + this.pageSize;
    const metadata = { resourceVersion: String(this.#version), ...(to < all.length && { continue: String(to) }) };
    send(response, 200, { metadata, items: all.slice(from, to).map(([, object]) => object) });
  }

  #watch(url: URL, response: ServerResponse): void {
    const from = Number(url.searchParams.get("resourceVersion"));
    const watcher = { path: url.pathname, selects: selectorOf(url), response };
    response.writeHead(200, { "content-type": "application/json" });
    response.flushHeaders();
    if (from < this.#forgotten) {
      response.end(`${JSON.stringify({ type: "ERROR", object: { code: 410, reason: "Expired", message: "too old resource version" } })}\n`);
      return;
    }
    for (const happened of this.#history)
      if (happened.version > from && isIn(happened.path, watcher.path) && watcher.selects(happened.object))
        response.write(eventLine(happened));
    this.#watchers.add(watcher);
    response.on("close", () => this.#watchers.delete(watcher));
  }
}

function eventLine({ type, object }: Happened): string {
  return `${JSON.stringify({ type, object })}\n`;
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

/** Whether a collection lies in a path that may leave out the namespace. */
function isIn(collection: string, path: string): boolean {
  return collection === path || collection.replace(/\/namespaces\/[^/]+\//, "/") === path;
}

function selectorOf(url: URL): (object: StoredObject) => boolean {
  // At commas which are not inside of parentheses.
  const requirements = (name: string) => (url.searchParams.get(name) ?? "").split(/,(?![^(]*\))/).filter((text) => text.trim() !== "");
  const labels = requirements("labelSelector").map(requirementOf);
  const fields = requirements("fieldSelector").map((text) => text.split("="));
  return (object) =>
    labels.every((holds) => holds(object.metadata.labels ?? {})) &&
    fields.every(([path = "", value]) => String(path.split(".").reduce<unknown>(inside, object) ?? "") === value);
}

function requirementOf(text: string): (labels: Readonly<Record<string, string>>) => boolean {
  const [, key = "", operator = "", values = ""] = /^\s*(!?\s*[^\s=!]+)\s*(==|=|!=|in|notin)?\s*(.*)$/.exec(text) ?? [];
  const among = values
    .replace(/^\(|\)\s*$/g, "")
    .split(",")
    .map((value) => value.trim());
  if (key.startsWith("!")) return (labels) => labels[key.slice(1).trim()] === undefined;
  if (operator === "") return (labels) => labels[key] !== undefined;
  const isIn = (labels: Readonly<Record<string, string>>) => among.includes(labels[key] ?? "") && labels[key] !== undefined;
  return operator === "!=" || operator === "notin" ? (labels) => !isIn(labels) : isIn;
}

function inside(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Fields)[name] : undefined;
}
