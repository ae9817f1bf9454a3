import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { MalformedInput } from "../../bytes/malformed-input.ts";
import { decodePushRequest } from "../../signals/loki/push-decode.ts";
import { internLabels } from "../../signals/loki/stream-labels.ts";
import { exportResponse } from "../../signals/otlp/export-response.ts";
import { walk } from "../../signals/otlp/walk.ts";
import { CompressionError } from "../../transport/compression/error.ts";
import { decompress, type Encoding, isEncoding } from "../../transport/compression.ts";
import { json, type Pages } from "../http/pages.ts";
import { type PreviewSignal, PreviewStore } from "./store.ts";
import { readWriteRequest } from "./write-request.ts";

/** Larger requests are refused; the quick-start pipelines send far smaller ones. */
const mostBytes = 8 * 1024 * 1024;

/**
 * A small backend in this process that plays Tempo, Prometheus and Loki on one loopback port, over the real protocols, and shows what
 * came. For a first look, not for keeping: its bounds are fixed.
 */
export class PreviewBackend {
  readonly store = new PreviewStore(() => Date.now());
  #server: Server | undefined;

  get port(): number {
    return (this.#server?.address() as AddressInfo | null)?.port ?? 0;
  }

  async listen(): Promise<void> {
    const server = createServer(
      { maxHeaderSize: 16 * 1024, requestTimeout: 30_000 },
      (request, response) => void this.#answer(request, response),
    );
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(0, "127.0.0.1", resolve);
    });
    this.#server = server;
  }

  async close(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const take = this.#takers[request.url ?? ""];
    if (request.method !== "POST" || take === undefined) {
      response.writeHead(404).end();
      return;
    }
    try {
      const body = await bodyOf(request);
      if (body === undefined) response.writeHead(413, { Connection: "close" }).end("the request is too large for a preview\n");
      else take(body, response);
    } catch (error) {
      if (!(error instanceof MalformedInput) && !(error instanceof CompressionError)) throw error;
      response.writeHead(400).end(`${error.message}\n`);
    }
  }

  readonly #takers: Readonly<Record<string, (body: Uint8Array, response: ServerResponse) => void>> = {
    "/v1/traces": (body, response) => this.#otlp("traces", body, response),
    "/v1/metrics": (body, response) => this.#otlp("metrics", body, response),
    "/v1/logs": (body, response) => this.#otlp("logs", body, response),
    "/api/v1/write": (body, response) => {
      readWriteRequest(body, this.store);
      response.writeHead(204).end();
    },
    "/loki/api/v1/push": (body, response) => {
      const texts = new Map<object, string>();
      const batch = decodePushRequest(body, {
        createdMs: Date.now(),
        labels: (text) => {
          const labels = internLabels([["labels", text]]);
          texts.set(labels, text);
          return labels;
        },
      });
      for (let row = 0; row < batch.rows; row++) {
        const stream = batch.streams[batch.stream[row] ?? 0];
        this.store.addLine({
          timeMs: (batch.seconds[row] ?? 0) * 1000 + Math.floor((batch.nanos[row] ?? 0) / 1e6),
          labels: stream === undefined ? "" : (texts.get(stream) ?? ""),
          line: Buffer.from(
            batch.text.buffer,
            batch.text.byteOffset + (batch.start[row] ?? 0),
            (batch.end[row] ?? 0) - (batch.start[row] ?? 0),
          ).toString(),
        });
      }
      batch.release();
      response.writeHead(204).end();
    },
  };

  #otlp(signal: PreviewSignal, body: Uint8Array, response: ServerResponse): void {
    this.store.addOtlp(signal, body, walk(signal, body).items);
    response.writeHead(200, { "Content-Type": "application/x-protobuf" }).end(exportResponse());
  }
}

/** `/api/v1/preview/…`: what the backend holds, for the pages. */
export function addPreviewPages(pages: Pages, store: PreviewStore): void {
  const limit = (query: URLSearchParams) => Math.min(Math.max(Number(query.get("limit") ?? "50") || 50, 1), 500);
  const match = (query: URLSearchParams) => query.get("match") ?? "";
  const methods = ["GET"];
  pages.set("/api/v1/preview/summary", { kind: "page", methods, handle: () => json(store.totals) });
  pages.set("/api/v1/preview/traces", { kind: "page", methods, handle: ({ query }) => json(store.otlp("traces", limit(query))) });
  pages.set("/api/v1/preview/metrics", { kind: "page", methods, handle: ({ query }) => json(store.series(match(query), limit(query))) });
  pages.set("/api/v1/preview/logs", { kind: "page", methods, handle: ({ query }) => json(store.lines(match(query), limit(query))) });
}

/** The body, uncompressed; undefined where it is too large. */
async function bodyOf(request: IncomingMessage): Promise<Uint8Array | undefined> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of request as AsyncIterable<Uint8Array>) {
    bytes += piece.length;
    if (bytes > mostBytes) return undefined;
    pieces.push(piece);
  }
  const encoding = request.headers["content-encoding"] ?? (isSnappyByNature(request) ? "snappy" : "identity");
  if (encoding === "identity") return Buffer.concat(pieces);
  if (!isEncoding(encoding)) throw new MalformedInput(`unknown encoding ${encoding}`);
  return decompress(encoding as Encoding, pieces, mostBytes);
}

/** Loki's clients send snappy without saying so. */
function isSnappyByNature(request: IncomingMessage): boolean {
  return request.url === "/loki/api/v1/push" && request.headers["content-type"] === "application/x-protobuf";
}
