export type Attributes = Readonly<Record<string, string | number | boolean>>;

/** One question to a component: what comes out of this input. */
export interface Case {
  readonly name: string;
  /** The component's name there and ours, without its prefix: `groupbyattrs`. */
  readonly component: string;
  readonly kind: "processor" | "connector";
  /** Its configuration there. */
  readonly config: Readonly<Record<string, unknown>>;
  /** The same as Alloy arguments, without `output`. */
  readonly text: string;
  readonly signal: "traces" | "metrics" | "logs";
  /** Requests in OTLP/JSON. */
  readonly input: readonly unknown[];
  /** How long the component is left alone before its output is looked at. */
  readonly waitMs?: number;
  /** Times come of the clock, and are not compared. */
  readonly ignoresTimes?: true;
  /** Only the names of the spans are compared, of all requests together. */
  readonly comparesNames?: true;
  /** It is stopped before its output is looked at. */
  readonly shutdown?: true;
}

export function attributesOf(values: Attributes) {
  return Object.entries(values).map(([key, value]) => {
    if (typeof value === "string") return { key, value: { stringValue: value } };
    if (typeof value === "boolean") return { key, value: { boolValue: value } };
    return { key, value: Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value } };
  });
}

export function traces(spans: readonly object[], resource: Attributes = {}, scope: object = { name: "s" }) {
  return { resourceSpans: [{ resource: { attributes: attributesOf(resource) }, scopeSpans: [{ scope, spans }] }] };
}

export function logs(logRecords: readonly object[], resource: Attributes = {}) {
  return { resourceLogs: [{ resource: { attributes: attributesOf(resource) }, scopeLogs: [{ scope: {}, logRecords }] }] };
}

export function metrics(list: readonly object[], resource: Attributes = {}, scope: object = { name: "s" }) {
  return { resourceMetrics: [{ resource: { attributes: attributesOf(resource) }, scopeMetrics: [{ scope, metrics: list }] }] };
}
