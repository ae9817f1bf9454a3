import { logField } from "../../signals/otlp/fields.ts";
import type { Frame } from "../telemetry/frame.ts";
import { asText } from "../text/json.ts";
import { isList, isMap, StatementError, type Value } from "../value.ts";
import { type Access, expectString, type Key } from "./access.ts";
import {
  attributesField,
  enumField,
  idField,
  idTextField,
  numberField,
  readAnyValue,
  setValue,
  textField,
  timeField,
  unixNanoField,
  type ViewOf,
} from "./fields.ts";
import { attributeType, getIn, setIn } from "./keys.ts";
import { indexable, type PathParts, withoutMore } from "./path-parts.ts";

const log: ViewOf = (frame) => frame.item;

export function logPath(path: PathParts): Access | undefined {
  const [name, part] = path.names;
  switch (name) {
    case "time_unix_nano":
      return withoutMore(path, 1, unixNanoField(log, logField.time));
    case "observed_time_unix_nano":
      return withoutMore(path, 1, unixNanoField(log, logField.observedTime));
    case "time":
      return withoutMore(path, 1, timeField(log, logField.time));
    case "observed_time":
      return withoutMore(path, 1, timeField(log, logField.observedTime));
    case "severity_number":
      return withoutMore(path, 1, enumField(log, logField.severityNumber));
    case "severity_text":
      return withoutMore(path, 1, textField(log, logField.severityText));
    case "body":
      if (part === "string") return withoutMore(path, 2, bodyText);
      if (part !== undefined) return undefined;
      return (path.keys[0] ?? []).length === 0 ? withoutMore(path, 1, body) : indexable(path, bodyKey(path.keys[0] ?? []));
    case "attributes":
      return indexable(path, attributesField(log, path.keys[0] ?? []));
    case "dropped_attributes_count":
      return withoutMore(path, 1, numberField(log, logField.droppedAttributesCount));
    case "flags":
      return withoutMore(path, 1, numberField(log, logField.flags, true));
    case "trace_id":
      if (part === undefined) return withoutMore(path, 1, idField(log, logField.traceId, "TraceID"));
      return part === "string" ? withoutMore(path, 2, idTextField(log, logField.traceId, "TraceID")) : undefined;
    case "span_id":
      if (part === undefined) return withoutMore(path, 1, idField(log, logField.spanId, "SpanID"));
      return part === "string" ? withoutMore(path, 2, idTextField(log, logField.spanId, "SpanID")) : undefined;
    case "event_name":
      return withoutMore(path, 1, textField(log, logField.eventName));
    default:
      return undefined;
  }
}

const body: Access = {
  get: ({ item }) => readAnyValue(item, logField.body),
  set: ({ item }, value) => setValue(item, logField.body, value),
};

const bodyText: Access = {
  get: ({ item }) => asText(readAnyValue(item, logField.body)),
  set: ({ item }, value) => setValue(item, logField.body, expectString(value)),
};

function bodyKey(keys: readonly Key[]): Access {
  const indexed = ({ item }: Frame): Value => {
    const value = readAnyValue(item, logField.body);
    if (isMap(value) || isList(value)) return value;
    throw new StatementError(`log bodies of type ${attributeType(value)} cannot be indexed`);
  };
  return {
    get: (frame) => getIn(frame, indexed(frame), keys),
    set: (frame, value) => setValue(frame.item, logField.body, setIn(frame, indexed(frame), keys, 0, value)),
  };
}
