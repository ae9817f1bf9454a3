import type { IncomingHttpHeaders } from "node:http";
import type { Dispatcher } from "undici";
import { HttpError } from "./error.ts";
import type { HttpResponse } from "./response.ts";

export interface OneRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: readonly Uint8Array[];
  readonly maxBytes: number;
  readonly stream?: BodyStream | undefined;
}

/** Who takes the body of a successful answer as it comes. */
export interface BodyStream {
  receive(piece: Uint8Array): void | Promise<void>;
  /** Called once, before the first piece. */
  begun(): void;
}

/** One request and its answer. */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly #request: OneRequest;
  readonly #signal: AbortSignal;
  readonly #chunks: Uint8Array[] = [];
  #bytes = 0;
  #status = 0;
  #headers: IncomingHttpHeaders = {};
  #controller: Dispatcher.DispatchController | undefined;
  #streams = false;
  #resolve: (response: HttpResponse) => void = () => {};
  #reject: (error: unknown) => void = () => {};
  readonly #onAbort = () => this.#abort(this.#signal.reason);

  constructor(request: OneRequest, signal: AbortSignal) {
    this.#request = request;
    this.#signal = signal;
  }

  run(dispatcher: Dispatcher, keepAlive: boolean): Promise<HttpResponse> {
    const { method, url, headers, body } = this.#request;
    return new Promise((resolve, reject) => {
      if (this.#signal.aborted) return reject(this.#signal.reason);
      this.#resolve = resolve;
      this.#reject = reject;
      this.#signal.addEventListener("abort", this.#onAbort, { once: true });
      const length = body.reduce((sum, chunk) => sum + chunk.length, 0);
      // undici decides by the kind of body how to send it; a list of pieces goes out as it is where its length is declared.
      const payload = length === 0 ? null : body.length === 1 ? (body[0] ?? null) : (body as unknown as Uint8Array);
      const sent: Record<string, string> = Object.fromEntries(headers);
      if (length > 0 || method === "POST" || method === "PUT") sent["content-length"] = String(length);
      try {
        dispatcher.dispatch(
          {
            origin: url.origin,
            path: url.pathname + url.search,
            method,
            headers: sent,
            body: payload,
            ...(!keepAlive && { reset: true }),
          },
          this,
        );
      } catch (error) {
        this.#settle(() => reject(error));
      }
    });
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#signal.aborted) controller.abort(this.#signal.reason);
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    this.#status = status;
    this.#headers = headers;
    this.#streams = this.#request.stream !== undefined && status >= 200 && status < 300;
    if (this.#streams) this.#request.stream?.begun();
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#bytes += chunk.length;
    if (this.#streams) {
      this.#handOn(controller, chunk);
      return;
    }
    const { maxBytes } = this.#request;
    if (maxBytes > 0 && this.#bytes > maxBytes) this.#abort(new HttpError("too_large", `the answer is longer than ${maxBytes} bytes`));
    else this.#chunks.push(chunk);
  }

  #handOn(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    try {
      const taken = this.#request.stream?.receive(chunk);
      if (taken === undefined) return;
      controller.pause();
      taken.then(
        () => controller.resume(),
        (error: unknown) => this.#abort(error),
      );
    } catch (error) {
      this.#abort(error);
    }
  }

  onResponseEnd(): void {
    const response = { status: this.#status, headers: this.#headers, body: this.#chunks, bodyBytes: this.#bytes, url: this.#request.url };
    // undici takes up a connection again one turn after its answer; who asks earlier gets a new connection.
    queueMicrotask(() => setImmediate(() => this.#settle(() => this.#resolve(response))));
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    this.#settle(() => this.#reject(error));
  }

  /** Ends at once, even where undici still waits for a connection. */
  #abort(reason: unknown): void {
    this.#settle(() => this.#reject(reason));
    this.#controller?.abort(reason instanceof Error ? reason : new Error(String(reason)));
  }

  #settle(how: () => void): void {
    this.#signal.removeEventListener("abort", this.#onAbort);
    how();
  }
}
