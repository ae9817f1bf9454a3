import { MalformedInput } from "../../bytes/malformed-input.ts";
import { ipText } from "./ip-text.ts";
import { type JsonObject, objectOf, objectsOf, parseSpans, textOf, wholeOf } from "./json.ts";
import type { Endpoint, ZipkinSpan } from "./model.ts";

/** Reads spans of version 2 in JSON. Throws `MalformedInput`. */
export function spansOfV2Json(body: Uint8Array): ZipkinSpan[] {
  return parseSpans("zipkinv2", body).map(spanOf);
}

function spanOf(json: JsonObject): ZipkinSpan {
  const id = hexId(textOf(json, "id"), 8);
  if (id.every((byte) => byte === 0)) throw new MalformedInput("valid span id required");
  const parent = textOf(json, "parentId");
  const timestamp = wholeOf(json, "timestamp", 0, Number.MAX_SAFE_INTEGER);
  const tags = new Map<string, string>();
  const given = objectOf(json, "tags") ?? {};
  for (const key of Object.keys(given)) tags.set(key, textOf(given, key));
  return {
    traceId: traceIdOf(json),
    id,
    parentId: parent === "" ? undefined : hexId(parent, 8),
    name: textOf(json, "name"),
    kind: textOf(json, "kind"),
    timestamp: timestamp === 0 ? undefined : timestamp,
    duration: wholeOf(json, "duration", 0, Number.MAX_SAFE_INTEGER),
    local: endpointOf(objectOf(json, "localEndpoint")),
    remote: endpointOf(objectOf(json, "remoteEndpoint")),
    annotations: objectsOf(json, "annotations").map((annotation) => {
      const at = wholeOf(annotation, "timestamp", 0, Number.MAX_SAFE_INTEGER);
      if (at < 1) throw new MalformedInput("valid annotation timestamp required");
      return { timestamp: at, value: textOf(annotation, "value") };
    }),
    tags,
  };
}

function traceIdOf(json: JsonObject): Uint8Array {
  if (json.traceId === undefined) return new Uint8Array(16);
  const text = textOf(json, "traceId");
  if (text === "") throw new MalformedInput("valid traceId required");
  return hexId(text, 16);
}

/** Ids may be short, and long with leading zeros. */
function hexId(text: string, size: number): Uint8Array {
  const digits = text.length > size * 2 ? text.replace(/^0+/, "") : text;
  if (digits.length > size * 2 || !/^[0-9a-fA-F]*$/.test(digits))
    throw new MalformedInput(`"${text.slice(0, 64)}" is no id: invalid syntax`);
  return Buffer.from(digits.padStart(size * 2, "0"), "hex");
}

function endpointOf(json: JsonObject | undefined): Endpoint | undefined {
  if (json === undefined) return undefined;
  const endpoint = {
    serviceName: textOf(json, "serviceName"),
    ipv4: addressOf(json, "ipv4"),
    ipv6: addressOf(json, "ipv6"),
    port: wholeOf(json, "port", 0, 65535),
  };
  const isEmpty = endpoint.serviceName === "" && endpoint.port === 0 && endpoint.ipv4 === undefined && endpoint.ipv6 === undefined;
  return isEmpty ? undefined : endpoint;
}

function addressOf(json: JsonObject, name: string): string | undefined {
  const text = textOf(json, name);
  if (text === "") return undefined;
  const address = ipText(text);
  if (address === undefined) throw new MalformedInput(`invalid IP address: ${text.slice(0, 64)}`);
  return address;
}
