import type { HttpClient } from "../transport/http/client.ts";
import { HttpError } from "../transport/http/error.ts";
import type { HttpResponse } from "../transport/http/response.ts";
import { type Access, ApiError, apiErrorOf } from "./api-error.ts";
import { LineSplitter } from "./json-lines.ts";
import { collectionPath, type Kept, type Kind, type WireObject } from "./kind.ts";

/** Which objects of a kind: empty texts mean all. */
export interface Selection {
  readonly namespace: string;
  readonly labels: string;
  readonly fields: string;
}

export interface Page {
  readonly items: readonly WireObject[];
  readonly resourceVersion: string;
  /** Where the next page begins; undefined: this was the last. */
  readonly next: string | undefined;
}

export interface WatchEvent {
  readonly type: string;
  readonly object: WireObject & { readonly code?: number; readonly reason?: string; readonly message?: string };
}

type AnyKind = Pick<Kind<Kept>, "group" | "version" | "resource">;

const answerWithinMs = 30_000;
/** A page of 500 pods is some megabytes; one object is at most 1.5 MiB in etcd, more as JSON. */
const mostPageBytes = 256 * 1024 * 1024;
const mostEventBytes = 32 * 1024 * 1024;
const pageSize = 500;

/**
 * Speaks to one API server. Lists come in pages and from the store of record, so that a list of ten thousand pods is never in memory as one
 * text; watches are JSON lines. All methods reject with `ApiError` where the server refuses, and with `HttpError` where it can't be reached.
 */
export class ApiServer {
  readonly url: URL;
  /** The namespace that this process runs in, where that is known. */
  readonly ownNamespace: string | undefined;
  readonly #http: HttpClient;

  constructor(url: string, http: HttpClient, ownNamespace: string | undefined) {
    // Paths are appended: an API server behind a proxy may have a path of its own.
    this.url = new URL(url.endsWith("/") ? url : `${url}/`);
    this.#http = http;
    this.ownNamespace = ownNamespace;
  }

  async list(kind: AnyKind, { namespace, labels, fields }: Selection, next: string | undefined, signal: AbortSignal): Promise<Page> {
    const access = { verb: "list", group: kind.group, resource: kind.resource, namespace };
    const query = selectors(labels, fields, { limit: String(pageSize), ...(next !== undefined && { continue: next }) });
    const body = await this.#read("GET", collectionPath(kind, namespace), query, access, signal);
    const list = JSON.parse(body) as ListAnswer;
    return { items: list.items ?? [], resourceVersion: list.metadata?.resourceVersion ?? "", next: list.metadata?.continue || undefined };
  }

  /** Resolves when the server ends the watch, as it does after `forMs`. What `taken` returns after some events holds up the reading of more. */
  async watch(
    kind: AnyKind,
    { namespace, labels, fields }: Selection,
    from: { readonly resourceVersion: string; readonly forMs: number },
    hear: { take(event: WatchEvent): void; taken?(): Promise<void> | undefined },
    signal: AbortSignal,
  ): Promise<void> {
    const access = { verb: "watch", group: kind.group, resource: kind.resource, namespace };
    const query = selectors(labels, fields, {
      watch: "1",
      allowWatchBookmarks: "true",
      resourceVersion: from.resourceVersion,
      timeoutSeconds: String(Math.round(from.forMs / 1000)),
    });
    const lines = new LineSplitter(mostEventBytes, (line) => {
      const event = JSON.parse(line) as WatchEvent;
      if (event.type !== "ERROR") hear.take(event);
      else throw new ApiError(event.object.code ?? 500, event.object.reason ?? "", event.object.message ?? "the watch ended with an error");
    });
    const answer = await this.#request("GET", collectionPath(kind, namespace), query, signal, {
      receive(piece) {
        lines.push(piece);
        return hear.taken?.();
      },
    }).catch((error: unknown) => {
      // What an event said comes out of the client as the cause of a request that failed.
      throw error instanceof HttpError && error.cause instanceof ApiError ? error.cause : error;
    });
    if (answer.status !== 200) throw apiErrorOf(answer.status, textOf(answer), access);
  }

  /** One object as it is, or undefined where there is none of that name. */
  async get(kind: AnyKind, namespace: string, name: string, signal: AbortSignal): Promise<WireObject | undefined> {
    const access = { verb: "get", group: kind.group, resource: kind.resource, namespace };
    try {
      return JSON.parse(await this.#read("GET", objectPath(kind, namespace, name), new URLSearchParams(), access, signal)) as WireObject;
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return undefined;
      throw error;
    }
  }

  /** Makes an object, or with `replace` puts it in the place of one whose `resourceVersion` it carries. Status 409 means that another was first. */
  async put(kind: AnyKind, object: WireObject, how: { readonly verb: "create" | "update" }, signal: AbortSignal): Promise<WireObject> {
    const { namespace = "", name = "" } = object.metadata ?? {};
    const access = { verb: how.verb, group: kind.group, resource: kind.resource, namespace };
    const [method, path] =
      how.verb === "create" ? (["POST", collectionPath(kind, namespace)] as const) : (["PUT", objectPath(kind, namespace, name)] as const);
    return JSON.parse(await this.#read(method, path, new URLSearchParams(), access, signal, object)) as WireObject;
  }

  /** A stream of bytes, a log; resolves when it ends. What `receive` returns holds up the reading. */
  async stream(
    path: string,
    query: URLSearchParams,
    access: Access,
    receive: (piece: Uint8Array) => void | Promise<void>,
    signal: AbortSignal,
  ): Promise<void> {
    const answer = await this.#request("GET", path, query, signal, { receive, accept: "*/*" });
    if (answer.status !== 200) throw apiErrorOf(answer.status, textOf(answer), access);
  }

  close(): Promise<void> {
    return this.#http.close();
  }

  async #read(
    method: string,
    path: string,
    query: URLSearchParams,
    access: Access,
    signal: AbortSignal,
    object?: WireObject,
  ): Promise<string> {
    const answer = await this.#request(method, path, query, signal, object === undefined ? {} : { object });
    const text = textOf(answer);
    if (answer.status < 200 || answer.status > 299) throw apiErrorOf(answer.status, text, access);
    return text;
  }

  #request(
    method: string,
    path: string,
    query: URLSearchParams,
    signal: AbortSignal,
    more: { readonly receive?: (piece: Uint8Array) => void | Promise<void>; readonly accept?: string; readonly object?: WireObject },
  ): Promise<HttpResponse> {
    const url = new URL(path.slice(1), this.url);
    url.search = query.toString();
    const { receive, accept = "application/json", object } = more;
    return this.#http.request({
      method,
      url,
      headers: { accept, ...(object !== undefined && { "content-type": "application/json" }) },
      ...(object !== undefined && { body: [Buffer.from(JSON.stringify(object))] }),
      ...(receive !== undefined && { receive }),
      timeoutMs: answerWithinMs,
      maxResponseBytes: mostPageBytes,
      signal,
    });
  }
}

/** Whether an error says that work was given up on purpose. */
export function wasAborted(error: unknown): boolean {
  return error instanceof HttpError && error.kind === "aborted";
}

interface ListAnswer {
  readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string };
  readonly items?: readonly WireObject[];
}

function selectors(labels: string, fields: string, more: Readonly<Record<string, string>>): URLSearchParams {
  return new URLSearchParams({ ...more, ...(labels !== "" && { labelSelector: labels }), ...(fields !== "" && { fieldSelector: fields }) });
}

function objectPath(kind: AnyKind, namespace: string, name: string): string {
  return `${collectionPath(kind, namespace)}/${encodeURIComponent(name)}`;
}

function textOf(answer: HttpResponse): string {
  return Buffer.concat(answer.body).toString("utf8");
}
