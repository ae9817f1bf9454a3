import { MalformedInput } from "../../bytes/malformed-input.ts";
import { type JsonObject, objectOf, objectsOf, parseSpans, textOf, wholeOf } from "./json.ts";
import type { OldEndpoint, OldSpan } from "./model.ts";
import { parsedTag } from "./tag-value.ts";

const MOST = Number.MAX_SAFE_INTEGER;

/** Reads spans of version 1 in JSON. Throws `MalformedInput`. */
export function spansOfV1Json(body: Uint8Array, parseTags: boolean): OldSpan[] {
  return parseSpans("zipkinv1", body).map((span) => spanOf(span, parseTags));
}

function spanOf(json: JsonObject, parseTags: boolean): OldSpan {
  const parent = textOf(json, "parentId");
  return {
    traceId: traceIdOf(textOf(json, "traceId")),
    id: spanIdOf("zipkinV1 span id", textOf(json, "id")),
    parentId: parent === "" ? undefined : spanIdOf("zipkinV1 span parentId", parent),
    name: textOf(json, "name"),
    timestamp: wholeOf(json, "timestamp", -MOST, MOST),
    duration: wholeOf(json, "duration", -MOST, MOST),
    annotations: objectsOf(json, "annotations").map((annotation) => ({
      timestamp: wholeOf(annotation, "timestamp", -MOST, MOST),
      value: textOf(annotation, "value"),
      endpoint: endpointOf(objectOf(annotation, "endpoint")),
    })),
    binaryAnnotations: objectsOf(json, "binaryAnnotations").map((annotation) => {
      const text = textOf(annotation, "value");
      const value = parseTags ? parsedTag(text) : text;
      const endpoint = objectOf(annotation, "endpoint");
      // An endpoint without a name does not take the place of one before it.
      const serviceName = endpoint === undefined ? undefined : textOf(endpoint, "serviceName") || undefined;
      return { key: textOf(annotation, "key"), value: value instanceof Uint8Array ? text : value, text, serviceName };
    }),
  };
}

function endpointOf(json: JsonObject | undefined): OldEndpoint | undefined {
  if (json === undefined) return undefined;
  return {
    serviceName: textOf(json, "serviceName"),
    ipv4: textOf(json, "ipv4"),
    ipv6: textOf(json, "ipv6"),
    port: wholeOf(json, "port", -(2 ** 31), 2 ** 31 - 1),
  };
}

function traceIdOf(text: string): Uint8Array {
  if (text.length !== 16 && text.length !== 32)
    throw new MalformedInput("zipkinV1 span traceId: hex traceId span has wrong length (expected 16 or 32)");
  return idOf("zipkinV1 span traceId", text, 16, "traceId is zero");
}

function spanIdOf(what: string, text: string): Uint8Array {
  if (text.length !== 16) throw new MalformedInput(`${what}: hex Id has wrong length (expected 16)`);
  return idOf(what, text, 8, "ID is zero");
}

function idOf(what: string, text: string, size: number, zero: string): Uint8Array {
  if (!/^[0-9a-fA-F]+$/.test(text)) throw new MalformedInput(`${what}: "${text}" is not hexadecimal`);
  if (/^0+$/.test(text)) throw new MalformedInput(`${what}: ${zero}`);
  return Buffer.from(text.padStart(size * 2, "0"), "hex");
}
