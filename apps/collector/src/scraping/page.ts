import { STATUS_CODES } from "node:http";
import type { PageAnswer } from "../component/context.ts";
import { CompressionError } from "../transport/compression/error.ts";
import { decompress } from "../transport/compression.ts";
import type { HttpClient } from "../transport/http/client.ts";
import { HttpError } from "../transport/http/error.ts";
import type { Target } from "./target.ts";

export interface PageSettings {
  readonly client: HttpClient;
  /** In-process pages; undefined where the URL is not one of ours. */
  readonly fetchInProcess: (url: URL) => Promise<PageAnswer> | undefined;
  readonly accept: string;
  readonly acceptsGzip: boolean;
  /** A page of this many bytes or more, unpacked, fails the scrape; 0: no limit. */
  readonly bodySizeLimit: number;
  /** What the process can bear, whatever the user allows. */
  readonly memoryLimit: number;
}

/** What a target answered, unpacked. */
export interface Page {
  readonly contentType: string;
  readonly pieces: readonly Uint8Array[];
  readonly bytes: number;
}

/** A page could not be had. The message goes into the target's last error. */
export class PageError extends Error {
  readonly isTooLarge: boolean;
  constructor(message: string, isTooLarge = false) {
    super(message);
    this.name = "PageError";
    this.isTooLarge = isTooLarge;
  }
}

/** Asks a target for its page. Rejects with `PageError`. */
export async function fetchPage(target: Target, settings: PageSettings): Promise<Page> {
  const inProcess = settings.fetchInProcess(target.url);
  if (inProcess !== undefined) return inProcessPage(await inProcess, settings);
  const limit = settings.bodySizeLimit > 0 ? Math.min(settings.bodySizeLimit, settings.memoryLimit) : settings.memoryLimit;
  try {
    const response = await settings.client.request({
      method: "GET",
      url: target.url,
      headers: {
        accept: settings.accept,
        "accept-encoding": settings.acceptsGzip ? "gzip" : "identity",
        "x-prometheus-scrape-timeout-seconds": String(target.timeoutMs / 1000),
      },
      timeoutMs: target.timeoutMs,
      maxResponseBytes: limit,
    });
    checkStatus(response.status);
    const isPacked = response.headers["content-encoding"] === "gzip";
    const pieces = isPacked ? [await decompress("gzip", response.body, limit)] : response.body;
    const bytes = isPacked ? (pieces[0]?.length ?? 0) : response.bodyBytes;
    checkSize(bytes, settings);
    return { contentType: response.headers["content-type"] ?? "", pieces, bytes };
  } catch (error) {
    throw pageErrorOf(error, target, settings);
  }
}

function inProcessPage(answer: PageAnswer, settings: PageSettings): Page {
  checkStatus(answer.status);
  const body = typeof answer.body === "string" ? Buffer.from(answer.body) : answer.body;
  checkSize(body.length, settings);
  return { contentType: answer.contentType, pieces: [body], bytes: body.length };
}

function checkStatus(status: number): void {
  if (status !== 200) throw new PageError(`server returned HTTP status ${status} ${STATUS_CODES[status] ?? ""}`.trimEnd());
}

function checkSize(bytes: number, settings: PageSettings): void {
  if (settings.bodySizeLimit > 0 && bytes >= settings.bodySizeLimit) throw tooLarge(settings);
}

function tooLarge({ bodySizeLimit, memoryLimit }: PageSettings): PageError {
  const isOurs = bodySizeLimit === 0 || bodySizeLimit > memoryLimit;
  const why = isOurs ? `: the page is longer than ${memoryLimit} bytes, one page's share of the memory budget` : "";
  return new PageError(`body size limit exceeded${why}`, true);
}

function pageErrorOf(error: unknown, target: Target, settings: PageSettings): PageError {
  if (error instanceof PageError) return error;
  if (error instanceof HttpError && error.kind === "too_large") return tooLarge(settings);
  if (error instanceof CompressionError) return error.kind === "too_large" ? tooLarge(settings) : new PageError(error.message);
  const message = error instanceof Error ? error.message : String(error);
  const isTimeout = error instanceof HttpError && error.kind === "timeout";
  return new PageError(`Get "${withoutPassword(target.url)}": ${isTimeout ? "context deadline exceeded" : message}`);
}

export function withoutPassword(url: URL): string {
  if (url.password === "") return url.href;
  const shown = new URL(url);
  shown.password = "xxxxx";
  return shown.href;
}

/** One piece of memory in which pages are put together to be parsed, one at a time. */
export class PageMemory {
  /** Bytes of the largest page so far. */
  largestPage = 0;
  #bytes = Buffer.alloc(0);

  /** The page in one piece, with room for a parser behind it. Valid until the next call. */
  assemble(page: Page): Buffer {
    this.largestPage = Math.max(this.largestPage, page.bytes);
    const needed = page.bytes + PARSER_ROOM;
    if (needed > this.#bytes.length || (this.#bytes.length > KEPT_BYTES && needed < KEPT_BYTES))
      this.#bytes = Buffer.allocUnsafeSlow(Math.max(64 * 1024, Math.ceil(needed * 1.25)));
    let at = 0;
    for (const piece of page.pieces) {
      this.#bytes.set(piece, at);
      at += piece.length;
    }
    return this.#bytes;
  }
}

const PARSER_ROOM = 16;
/** Memory for a very large page is given back after it. */
const KEPT_BYTES = 16 * 1024 * 1024;
