import type { IncomingHttpHeaders } from "node:http";

/** The answer to a request. */
export interface HttpResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** As it came over the wire, in pieces which the caller owns. */
  readonly body: readonly Uint8Array[];
  readonly bodyBytes: number;
  /** Where the answer came from in the end, after redirects. */
  readonly url: URL;
}
