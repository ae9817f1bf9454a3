/** What an entry holds: numbers are doubles, bigints integers. */
export type EntryValue = string | number | bigint | boolean | null | readonly EntryValue[] | EntryMap;
export type EntryMap = Map<string, EntryValue>;

/** One log record while operators change it. */
export class Entry {
  body: EntryValue;
  attributes: EntryMap = new Map();
  resource: EntryMap = new Map();
  /** Undefined: the record does not tell when it happened. */
  seconds: number | undefined;
  nanos = 0;
  readonly observedMs: number;
  /** OTLP's number; 0 where it is unknown. */
  severity = 0;
  severityText = "";
  scopeName = "";
  traceId: Uint8Array | undefined;
  spanId: Uint8Array | undefined;
  traceFlags: Uint8Array | undefined;

  constructor(body: EntryValue, observedMs: number) {
    this.body = body;
    this.observedMs = observedMs;
  }

  /** Another entry of the same content, which changes on its own. */
  copy(): Entry {
    const copy = new Entry(copyOf(this.body), this.observedMs);
    copy.attributes = copyOf(this.attributes) as EntryMap;
    copy.resource = copyOf(this.resource) as EntryMap;
    copy.seconds = this.seconds;
    copy.nanos = this.nanos;
    copy.severity = this.severity;
    copy.severityText = this.severityText;
    copy.scopeName = this.scopeName;
    copy.traceId = this.traceId;
    copy.spanId = this.spanId;
    copy.traceFlags = this.traceFlags;
    return copy;
  }
}

export function copyOf(value: EntryValue): EntryValue {
  if (value instanceof Map) return new Map([...value].map(([key, each]) => [key, copyOf(each)]));
  return Array.isArray(value) ? value.map(copyOf) : value;
}

/** The kind of a value as messages name it. */
export function typeName(value: EntryValue): string {
  if (value === null) return "<nil>";
  if (value instanceof Map) return "map[string]interface {}";
  if (Array.isArray(value)) return "[]interface {}";
  switch (typeof value) {
    case "bigint":
      return "int";
    case "number":
      return "float64";
    case "boolean":
      return "bool";
    default:
      return "string";
  }
}
