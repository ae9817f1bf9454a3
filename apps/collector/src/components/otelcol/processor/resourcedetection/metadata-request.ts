import { request as httpRequest, type RequestOptions } from "node:http";
import { request as httpsRequest } from "node:https";
import { deadlineOf } from "./deadline.ts";
import { Unavailable } from "./unavailable.ts";

const LARGEST_ANSWER = 1 << 20;

export interface MetadataOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly timeoutMs?: number;
  /** For `https:`: the only authorities that count. */
  readonly ca?: string;
  readonly insecure?: boolean;
  /** The path of a Unix socket that is asked in place of the URL's host. */
  readonly socketPath?: string;
}

export interface MetadataAnswer {
  readonly status: number;
  readonly text: string;
}

/** Asks a metadata service; `Unavailable` where nobody answers. Proxies are not for these services, and none is used. */
export type MetadataRequest = (url: string, options: MetadataOptions, signal: AbortSignal) => Promise<MetadataAnswer>;

export const requestMetadata: MetadataRequest = (
  url,
  { method = "GET", headers = {}, body, timeoutMs = 5000, ca, insecure, socketPath },
  signal,
) =>
  new Promise((resolve, reject) => {
    const deadline = deadlineOf(signal, timeoutMs);
    const options: RequestOptions & { ca?: string; rejectUnauthorized?: boolean } = {
      method,
      headers: { ...headers, ...(body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) }) },
      signal: deadline.signal,
      agent: false,
      ...(socketPath === undefined ? {} : { socketPath }),
      ...(ca === undefined ? {} : { ca }),
      ...(insecure === true ? { rejectUnauthorized: false } : {}),
    };
    const fail = (error: unknown) => {
      deadline.end();
      reject(new Unavailable(`${method} ${url}: ${error instanceof Error ? error.message : String(error)}`, error));
    };
    const request = (url.startsWith("https:") ? httpsRequest : httpRequest)(url, options, (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on("data", (chunk: Buffer) => {
        size += chunk.length;
        if (size > LARGEST_ANSWER) response.destroy(new Error(`the answer is larger than ${LARGEST_ANSWER} bytes`));
        else chunks.push(chunk);
      });
      response.on("error", fail);
      response.on("end", () => {
        deadline.end();
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString("utf8") });
      });
    });
    request.on("error", fail);
    request.end(body);
  });

/** The text of a page that must be there. */
export async function textOf(request: MetadataRequest, url: string, options: MetadataOptions, signal: AbortSignal): Promise<string> {
  const { status, text } = await request(url, options, signal);
  if (status !== 200) throw new Unavailable(`${options.method ?? "GET"} ${url}: status ${status}`);
  return text;
}

/** The JSON of a page that must be there. */
export async function jsonOf(request: MetadataRequest, url: string, options: MetadataOptions, signal: AbortSignal): Promise<unknown> {
  const text = await textOf(request, url, options, signal);
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new Unavailable(`GET ${url}: the answer is not JSON`, error);
  }
}
