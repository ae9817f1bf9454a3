import { constantString, define, optional } from "../../../../../ottl/functions/function.ts";
import { readValue, writeValue } from "../../../../../ottl/telemetry/any-value.ts";
import type { MessageView } from "../../../../../ottl/telemetry/message-view.ts";
import { asText } from "../../../../../ottl/text/json.ts";
import { StatementError, type Value } from "../../../../../ottl/value.ts";
import { spanField } from "../../../../../signals/otlp/fields.ts";

const SERVER = 2;
const CLIENT = 3;
const PRODUCER = 4;
const CONSUMER = 5;

const OLDEST = [1, 37, 0] as const;
const NEWEST = [1, 40, 0] as const;

/** Gives a span the name that the semantic conventions for its kind derive from its attributes; where they say nothing it keeps its own. */
export const setSemconvSpanName = define(
  "set_semconv_span_name",
  { semconv_version: constantString, original_span_name_attribute: optional(constantString) },
  ({ semconv_version: version, original_span_name_attribute: attribute }) => {
    checkVersion(version);
    if (attribute === "") throw new StatementError("originalSpanNameAttribute cannot be an empty string");
    const key = attribute === undefined ? undefined : Buffer.from(attribute);
    return ({ item }) => {
      const name = derivedName(item);
      const original = item.text(spanField.name);
      if (name === undefined || name === original) return null;
      item.setText(spanField.name, name);
      if (key !== undefined) item.putAttribute(key, (writer) => writeValue(writer, original));
      return null;
    };
  },
);

function checkVersion(version: string): void {
  const match = /^v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?$/.exec(version);
  if (match === null) throw new StatementError(`failed to parse semconv version ${JSON.stringify(version)}: invalid semantic version`);
  const numbers = [match[1], match[2], match[3]].map((part) => Number(part ?? 0));
  if (order(numbers, OLDEST) < 0 || order(numbers, NEWEST) > 0)
    throw new StatementError(
      `unsupported semconv version ${JSON.stringify(version)}: must be between ${OLDEST.join(".")} and ${NEWEST.join(".")}`,
    );
}

function order(one: readonly number[], other: readonly number[]): number {
  for (let i = 0; i < 3; i++) {
    const difference = (one[i] as number) - (other[i] as number);
    if (difference !== 0) return difference;
  }
  return 0;
}

function derivedName(span: MessageView): string | undefined {
  switch (span.low(spanField.kind)) {
    case SERVER:
      return httpName(span, "http.route") ?? rpcName(span) ?? messagingName(span);
    case CLIENT:
      return httpName(span, "url.template") ?? rpcName(span) ?? databaseName(span) ?? messagingName(span);
    case PRODUCER:
    case CONSUMER:
      return messagingName(span);
    default:
      return undefined;
  }
}

function httpName(span: MessageView, subject: string): string | undefined {
  const method = text(span, "http.request.method", "http.method");
  if (method === undefined) return undefined;
  const target = text(span, subject);
  return orNone(target === undefined ? method : `${method} ${target}`);
}

function rpcName(span: MessageView): string | undefined {
  const system = text(span, "rpc.system.name", "rpc.system");
  if (system === undefined) return undefined;
  const method = text(span, "rpc.method", "rpc.grpc.method");
  const service = text(span, "rpc.service", "rpc.grpc.service");
  if (method !== undefined && service !== undefined) return `${service}/${method}`;
  return orNone(method ?? (service === undefined ? system : `${service}/*`));
}

function databaseName(span: MessageView): string | undefined {
  const system = text(span, "db.system.name", "db.system");
  if (system === undefined) return undefined;
  const summary = text(span, "db.query.summary");
  if (summary !== undefined) return orNone(summary);
  const parts = [text(span, "db.operation.name", "db.operation"), databaseTarget(span)].filter((part) => part !== undefined && part !== "");
  return orNone(parts.length === 0 ? system : parts.join(" "));
}

function databaseTarget(span: MessageView): string | undefined {
  const namespace = text(span, "db.namespace", "db.name") ?? "";
  const inside = text(span, "db.collection.name") ?? text(span, "db.stored_procedure.name");
  if (inside !== undefined) return namespace === "" ? inside : `${namespace}.${inside}`;
  return namespace === "" ? serverName(span) : namespace;
}

function messagingName(span: MessageView): string | undefined {
  const system = text(span, "messaging.system");
  if (system === undefined) return undefined;
  const operation = text(span, "messaging.operation.name", "messaging.operation");
  const destination = messagingDestination(span) ?? "";
  if (operation !== undefined && destination !== "") return `${operation} ${destination}`;
  return orNone(destination === "" ? (operation ?? system) : destination);
}

function messagingDestination(span: MessageView): string | undefined {
  if (attribute(span, "messaging.destination.temporary") === true) return "(temporary)";
  if (attribute(span, "messaging.destination.anonymous") === true) return "(anonymous)";
  return (
    text(span, "messaging.destination.template") ?? text(span, "messaging.destination.name", "messaging.destination") ?? serverName(span)
  );
}

function serverName(span: MessageView): string | undefined {
  const address = text(span, "server.address");
  const port = text(span, "server.port");
  return address === undefined || port === undefined ? address : `${address}:${port}`;
}

function orNone(name: string): string | undefined {
  return name === "" ? undefined : name;
}

function text(span: MessageView, name: string, alias?: string): string | undefined {
  const found = attribute(span, name) ?? (alias === undefined ? undefined : attribute(span, alias));
  return found === undefined ? undefined : asText(found);
}

function attribute(span: MessageView, name: string): Value | undefined {
  const i = span.find(Buffer.from(name));
  return i < 0 ? undefined : readValue(span.valueBytes(i), span.valueStart(i), span.valueEnd(i));
}
