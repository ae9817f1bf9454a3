// Field numbers that hot loops compare with. `schema.ts` has all of them.

/** The same in ResourceSpans, ResourceMetrics and ResourceLogs. */
export const resourceLevel = { resource: 1, scopes: 2, schemaUrl: 3 } as const;
/** The same in ScopeSpans, ScopeMetrics and ScopeLogs. */
export const scopeLevel = { scope: 1, items: 2, schemaUrl: 3 } as const;
export const resourceField = { attributes: 1, droppedAttributesCount: 2 } as const;
export const scopeField = { name: 1, version: 2, attributes: 3, droppedAttributesCount: 4 } as const;
export const keyValue = { key: 1, value: 2 } as const;

export const spanField = {
  traceId: 1,
  spanId: 2,
  traceState: 3,
  parentSpanId: 4,
  name: 5,
  kind: 6,
  startTime: 7,
  endTime: 8,
  attributes: 9,
  droppedAttributesCount: 10,
  events: 11,
  droppedEventsCount: 12,
  links: 13,
  droppedLinksCount: 14,
  status: 15,
  flags: 16,
} as const;

export const logField = {
  time: 1,
  severityNumber: 2,
  severityText: 3,
  body: 5,
  attributes: 6,
  droppedAttributesCount: 7,
  flags: 8,
  traceId: 9,
  spanId: 10,
  observedTime: 11,
  eventName: 12,
} as const;

export const metricField = {
  name: 1,
  description: 2,
  unit: 3,
  gauge: 5,
  sum: 7,
  histogram: 9,
  exponentialHistogram: 10,
  summary: 11,
  metadata: 12,
} as const;

/** In Gauge, Sum and their like; the latter two fields only where the kind has them. */
export const metricData = { points: 1, temporality: 2, isMonotonic: 3 } as const;

/** Where a data point has its attributes, by the field of Metric in which it lies. */
export function pointAttributes(kind: number): number {
  switch (kind) {
    case metricField.histogram:
      return 9;
    case metricField.exponentialHistogram:
      return 1;
    default:
      return 7;
  }
}

export function isMetricData(field: number): boolean {
  return field === 5 || field === 7 || field === 9 || field === 10 || field === 11;
}
