import { createHash, createHmac } from "node:crypto";
import type { Clock } from "../../component/clock.ts";
import type { OutgoingRequest } from "../authentication.ts";

export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

interface Signing {
  readonly credentials: AwsCredentials;
  readonly region: string;
  readonly service: string;
  readonly clock: Pick<Clock, "now">;
}

/** The headers that sign a request with AWS Signature Version 4. */
export function signature(request: Omit<OutgoingRequest, "client">, { credentials, region, service, clock }: Signing): Map<string, string> {
  const time = new Date(clock.now()).toISOString().replace(/[:-]|\.\d{3}/g, "");
  const scope = `${time.slice(0, 8)}/${region}/${service}/aws4_request`;
  const added = new Map([["x-amz-date", time]]);
  if (credentials.sessionToken !== undefined) added.set("x-amz-security-token", credentials.sessionToken);
  const signed = new Map([...request.headers, ...added]);
  for (const name of unsignedHeaders) signed.delete(name);
  if (!signed.has("host")) signed.set("host", request.url.host);
  const names = [...signed.keys()].sort();
  const canonical = [
    request.method,
    canonicalPath(request.url.pathname),
    canonicalQuery(request.url.searchParams),
    ...names.map((name) => `${name}:${(signed.get(name) ?? "").trim().replace(/ +/g, " ")}`),
    "",
    names.join(";"),
    bodyHash(request.body),
  ].join("\n");
  const toSign = ["AWS4-HMAC-SHA256", time, scope, createHash("sha256").update(canonical).digest("hex")].join("\n");
  const day = hmac(`AWS4${credentials.secretAccessKey}`, time.slice(0, 8));
  const key = hmac(hmac(hmac(day, region), service), "aws4_request");
  const parts = [
    `Credential=${credentials.accessKeyId}/${scope}`,
    `SignedHeaders=${names.join(";")}`,
    `Signature=${hmac(key, toSign).toString("hex")}`,
  ];
  added.set("authorization", `AWS4-HMAC-SHA256 ${parts.join(", ")}`);
  return added;
}

/** What proxies change on the way, or what is added after signing. */
const unsignedHeaders = ["authorization", "user-agent", "x-amzn-trace-id", "expect", "transfer-encoding", "uber-trace-id", "connection"];

/** Every segment is encoded once more, on top of how it stands in the URL: all services but S3 want it so. */
function canonicalPath(pathname: string): string {
  const segments: string[] = [];
  for (const segment of pathname.split("/")) {
    if (segment === "..") segments.pop();
    else if (segment !== "" && segment !== ".") segments.push(encodeStrictly(segment));
  }
  return `/${segments.join("/")}`;
}

function canonicalQuery(query: URLSearchParams): string {
  return [...query]
    .map(([name, value]) => [encodeStrictly(name), encodeStrictly(value)] as const)
    .sort(([a, x], [b, y]) => (a === b ? (x < y ? -1 : 1) : a < b ? -1 : 1))
    .map((pair) => pair.join("="))
    .join("&");
}

/** Leaves letters, digits and `-._~`. */
function encodeStrictly(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

function bodyHash(body: readonly Uint8Array[]): string {
  const hash = createHash("sha256");
  for (const chunk of body) hash.update(chunk);
  return hash.digest("hex");
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}
