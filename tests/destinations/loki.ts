import { BadRequest, type Items, type Labels, noItems } from "./items.ts";
import { decode, protos } from "./protos.ts";

/** Reads a push request in protobuf, already out of its snappy block. */
export function readLoki(body: Uint8Array, tenant: string): Items {
  try {
    const request: Push = decode(protos.lokiPush, body);
    const items = noItems();
    for (const { labels: stream = "", entries = [] } of request.streams ?? []) {
      const labels = readStreamLabels(stream);
      for (const { timestamp, line = "", structuredMetadata = [] } of entries) {
        const timestampNs = BigInt(timestamp?.seconds ?? 0) * 1_000_000_000n + BigInt(timestamp?.nanos ?? 0);
        const metadata = Object.fromEntries(structuredMetadata.map(({ name = "", value = "" }) => [name, value]));
        items.lines.push({ stream, labels, timestampNs, line, structuredMetadata: metadata, tenant });
      }
    }
    return items;
  } catch (error) {
    throw malformed(error);
  }
}

/** Reads a push request in JSON: labels as an object, values as `[nanoseconds, line, metadata?]`. */
export function readLokiJson(body: Uint8Array, tenant: string): Items {
  try {
    const request: JsonPush = JSON.parse(Buffer.from(body).toString("utf8"));
    const items = noItems();
    for (const { stream: labels, values } of request.streams) {
      const pairs = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
      const stream = `{${pairs.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(", ")}}`;
      for (const [nanoseconds, line, structuredMetadata = {}] of values) {
        items.lines.push({ stream, labels, timestampNs: BigInt(nanoseconds), line, structuredMetadata, tenant });
      }
    }
    return items;
  } catch (error) {
    throw malformed(error);
  }
}

type Push = { streams?: { labels?: string; entries?: Entry[] }[] };
type Entry = {
  timestamp?: { seconds?: string; nanos?: number };
  line?: string;
  structuredMetadata?: { name?: string; value?: string }[];
};
type JsonPush = { streams: { stream: Record<string, string>; values: [string, string, Labels?][] }[] };

function malformed(error: unknown): BadRequest {
  return new BadRequest(`malformed Loki push: ${error instanceof Error ? error.message : error}`);
}

const pair = /^\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*=\s*("(?:[^"\\]|\\.)*")\s*(,|$)/s;

/** Reads `{a="b", c="d"}`; the values are quoted as Go quotes text. */
export function readStreamLabels(stream: string): Labels {
  if (!stream.startsWith("{") || !stream.endsWith("}")) throw new Error(`stream labels ${stream} are not in braces`);
  const labels: Record<string, string> = {};
  let rest = stream.slice(1, -1);
  while (rest.trim() !== "") {
    const match = pair.exec(rest);
    if (match === null) throw new Error(`stream labels ${stream} make no sense at ${rest}`);
    const [all, name = "", quoted = ""] = match;
    labels[name] = unquote(quoted);
    rest = rest.slice(all.length);
  }
  return labels;
}

const short: Readonly<Record<string, string>> = { a: "\x07", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v", "\\": "\\", '"': '"' };

// Go's \xNN is a byte, and several of them can make one character: so text is put together from bytes.
function unquote(quoted: string): string {
  const parts = quoted.slice(1, -1).match(/\\(x[0-9a-f]{2}|u[0-9a-f]{4}|U[0-9a-f]{8}|.)|[^\\]+/gis) ?? [];
  const bytes = parts.map((part) => {
    if (!part.startsWith("\\")) return Buffer.from(part);
    if (part[1] === "x" && part.length === 4) return Buffer.from([Number.parseInt(part.slice(2), 16)]);
    if (part.length > 2) return Buffer.from(String.fromCodePoint(Number.parseInt(part.slice(2), 16)));
    const plain = short[part[1] ?? ""];
    if (plain === undefined) throw new Error(`unknown escape ${part}`);
    return Buffer.from(plain);
  });
  return Buffer.concat(bytes).toString("utf8");
}
