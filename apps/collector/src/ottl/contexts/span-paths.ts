import { ProtobufReader } from "../../bytes/protobuf-reader.ts";
import { ProtobufWriter } from "../../bytes/protobuf-writer.ts";
import { textOf } from "../../bytes/utf8.ts";
import { spanField } from "../../signals/otlp/fields.ts";
import type { Frame } from "../telemetry/frame.ts";
import { Messages, StatementError } from "../value.ts";
import { type Access, expectInteger, expectString } from "./access.ts";
import {
  attributesField,
  enumField,
  idField,
  idTextField,
  messagesField,
  messagesOf,
  numberField,
  textField,
  timeField,
  unixNanoField,
  type ViewOf,
} from "./fields.ts";
import { indexable, PathFault, type PathParts, withoutMore } from "./path-parts.ts";
import { traceStateGet, traceStateInsert } from "./trace-state.ts";

const span: ViewOf = (frame) => frame.item;
const event: ViewOf = (frame) => frame.event;

const kindNames = ["Unspecified", "Internal", "Server", "Client", "Producer", "Consumer"];
const STATUS = "ptrace.Status";
const statusField = { message: 2, code: 3 } as const;

export function spanPath(path: PathParts): Access | undefined {
  const [name, part] = path.names;
  switch (name) {
    case "trace_id":
      return idPath(path, spanField.traceId, "TraceID");
    case "span_id":
      return idPath(path, spanField.spanId, "SpanID");
    case "parent_span_id":
      return idPath(path, spanField.parentSpanId, "SpanID");
    case "trace_state":
      return traceState(path);
    case "name":
      return withoutMore(path, 1, textField(span, spanField.name));
    case "kind":
      if (part === undefined) return withoutMore(path, 1, enumField(span, spanField.kind));
      if (part === "string")
        return withoutMore(
          path,
          2,
          kindText("span kind string", (kind) => kindNames[kind] ?? "", kindNames),
        );
      if (part !== "deprecated_string") return undefined;
      return withoutMore(
        path,
        2,
        kindText(
          "span kind deprecated string",
          deprecatedKind,
          kindNames.map((_, kind) => deprecatedKind(kind)),
        ),
      );
    case "start_time_unix_nano":
      return withoutMore(path, 1, unixNanoField(span, spanField.startTime));
    case "end_time_unix_nano":
      return withoutMore(path, 1, unixNanoField(span, spanField.endTime));
    case "start_time":
      return withoutMore(path, 1, timeField(span, spanField.startTime));
    case "end_time":
      return withoutMore(path, 1, timeField(span, spanField.endTime));
    case "attributes":
      return indexable(path, attributesField(span, path.keys[0] ?? []));
    case "dropped_attributes_count":
      return withoutMore(path, 1, numberField(span, spanField.droppedAttributesCount));
    case "events":
      return withoutMore(path, 1, messagesField(span, spanField.events, "ptrace.SpanEventSlice"));
    case "dropped_events_count":
      return withoutMore(path, 1, numberField(span, spanField.droppedEventsCount));
    case "links":
      return withoutMore(path, 1, messagesField(span, spanField.links, "ptrace.SpanLinkSlice"));
    case "dropped_links_count":
      return withoutMore(path, 1, numberField(span, spanField.droppedLinksCount));
    case "status":
      if (part === undefined) return withoutMore(path, 1, status);
      if (part === "code") return withoutMore(path, 2, statusCode);
      return part === "message" ? withoutMore(path, 2, statusMessage) : undefined;
    case "flags":
      return withoutMore(path, 1, flags);
    default:
      return undefined;
  }
}

export function spanEventPath(path: PathParts): Access | undefined {
  switch (path.names[0]) {
    case "time_unix_nano":
      return withoutMore(path, 1, unixNanoField(event, 1));
    case "time":
      return withoutMore(path, 1, timeField(event, 1));
    case "name":
      return withoutMore(path, 1, textField(event, 2));
    case "attributes":
      return indexable(path, attributesField(event, path.keys[0] ?? []));
    case "dropped_attributes_count":
      return withoutMore(path, 1, numberField(event, 4));
    case "event_index":
      return withoutMore(path, 1, {
        get: (frame) => BigInt(frame.eventIndex),
        set: () => {
          throw new StatementError("the 'event_index' path cannot be modified");
        },
      });
    default:
      return undefined;
  }
}

function idPath(path: PathParts, field: number, kind: "TraceID" | "SpanID"): Access | undefined {
  if (path.names[1] === undefined) return withoutMore(path, 1, idField(span, field, kind));
  return path.names[1] === "string" ? withoutMore(path, 2, idTextField(span, field, kind)) : undefined;
}

function traceState(path: PathParts): Access | undefined {
  const [keys = []] = path.keys;
  const whole = textField(span, spanField.traceState);
  if (keys.length === 0) return withoutMore(path, 1, whole);
  const [key] = keys;
  if (keys.length !== 1 || key === undefined) throw new PathFault("must provide exactly 1 key when accessing trace_state");
  const nameOf = () => {
    if (typeof key.literal === "string") return key.literal;
    throw new StatementError("trace_state indexing type must be a string");
  };
  return indexable(path, {
    get: (frame) => traceStateGet(frame.item.text(spanField.traceState), nameOf()),
    set: (frame, value) => {
      const text = expectString(value);
      const updated = traceStateInsert(frame.item.text(spanField.traceState), nameOf(), text);
      if (updated !== undefined) whole.set(frame, updated);
    },
  });
}

function kindText(what: string, nameOf: (kind: number) => string, names: readonly string[]): Access {
  return {
    get: (frame) => nameOf(frame.item.low(spanField.kind)),
    set: (frame, value) => {
      const text = expectString(value);
      const kind = names.indexOf(text);
      if (kind < 0) throw new StatementError(`unknown ${what}, ${text}`);
      frame.item.setVarint(spanField.kind, kind, 0);
    },
  };
}

function deprecatedKind(kind: number): string {
  const name = kindNames[kind];
  return name === undefined ? "" : `SPAN_KIND_${name.toUpperCase()}`;
}

const flags: Access = {
  get: (frame) => BigInt(frame.item.low(spanField.flags) >>> 0),
  set: (frame, value) => {
    const number = expectInteger(value);
    if (number < 0n || number > 0xffffffffn) throw new StatementError(`value ${number} is out of range for uint32`);
    frame.item.setFixed32(spanField.flags, Number(number));
  },
};

const status: Access = {
  get: (frame) => messagesOf(frame.item, spanField.status, STATUS),
  set: (frame, value) => {
    if (!(value instanceof Messages && value.type === STATUS)) throw new StatementError(`expects ptrace.Status but got another value`);
    frame.item.setWhole(spanField.status, (writer) => {
      for (const content of value.contents) writer.copy(spanField.status, content);
    });
  },
};

const statusCode: Access = {
  get: (frame) => BigInt(readStatus(frame).code),
  set: (frame, value) => writeStatus(frame, Number(BigInt.asIntN(32, expectInteger(value))), readStatus(frame).message),
};

const statusMessage: Access = {
  get: (frame) => readStatus(frame).message,
  set: (frame, value) => writeStatus(frame, readStatus(frame).code, expectString(value)),
};

const statusReader = new ProtobufReader();
const scratch = new ProtobufWriter(256);

function readStatus({ item }: Frame): { readonly code: number; readonly message: string } {
  const start = item.startOf(spanField.status);
  const reader = statusReader.reset(item.bytesOf(spanField.status), start, item.endOf(spanField.status));
  let code = 0;
  let message = "";
  while (reader.next()) {
    if (reader.field === statusField.code) code = reader.low;
    else if (reader.field === statusField.message) message = textOf(reader.bytes, reader.start, reader.stop);
  }
  return { code, message };
}

function writeStatus({ item }: Frame, code: number, message: string): void {
  scratch.clear();
  if (message !== "") scratch.string(statusField.message, message);
  if (code !== 0) scratch.varint64Field(statusField.code, code, code < 0 ? -1 : 0);
  item.setWhole(spanField.status, (writer) => writer.copy(spanField.status, scratch.bytes, 0, scratch.length));
}
