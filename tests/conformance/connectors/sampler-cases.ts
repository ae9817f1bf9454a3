import { type Attributes, attributesOf, type Case, logs, traces } from "./case.ts";

// Trace ids that are spread over the range, with and without notes of other samplers.
const ids = Array.from({ length: 40 }, (_, i) =>
  ((BigInt(i + 1) * 0x9e3779b97f4a7c15f39cc0605cedc835n) & (2n ** 128n - 1n)).toString(16).padStart(32, "0"),
);
const states = [
  "",
  "ot=th:8",
  "ot=th:c;rv:d9999999999999",
  "ot=rv:0123456789abcd",
  "vendor=1, ot=th:4;x:y ,b@c=2,",
  "ot=th:fffffffffffffff",
  "ot=rv:12",
  "Bad",
  "ot=th:0",
  "ot=th:f",
  "a=b",
  "ot=",
];
const priorities: readonly Attributes[] = [
  {},
  {},
  {},
  { "sampling.priority": 1 },
  { "sampling.priority": 0 },
  { "sampling.priority": "0.5" },
  { "sampling.priority": -1 },
  { "sampling.priority": "x" },
];

const spans = [
  ...ids.map((traceId, i) => ({
    traceId,
    spanId: "0102030405060708",
    name: String(i),
    traceState: states[i % states.length],
    attributes: attributesOf(priorities[i % priorities.length] ?? {}),
  })),
  { spanId: "0102030405060708", name: "no id" },
  { spanId: "0102030405060708", name: "no id, randomness", traceState: "ot=rv:ffffffffffffff" },
];

const settings: readonly (readonly [string, Attributes])[] = [
  ["nothing", {}],
  ["15.3%", { sampling_percentage: 15.3 }],
  ["15.3%, seeded", { sampling_percentage: 15.3, hash_seed: 22 }],
  ["99.99%, open", { sampling_percentage: 99.99, fail_closed: false }],
  ["nothing, open", { fail_closed: false }],
  ["100%", { sampling_percentage: 100 }],
  ["0.001%", { sampling_percentage: 0.001 }],
  ["equalizing 40%", { sampling_percentage: 40, mode: "equalizing" }],
  ["equalizing 40%, open, precision 14", { sampling_percentage: 40, mode: "equalizing", fail_closed: false, sampling_precision: 14 }],
  ["proportional 55%", { sampling_percentage: 55, mode: "proportional" }],
  ["proportional 99.9%, precision 2, open", { sampling_percentage: 99.9, mode: "proportional", sampling_precision: 2, fail_closed: false }],
  ["proportional 200%", { sampling_percentage: 200, mode: "proportional" }],
];

function textOf(config: Attributes): string {
  return Object.entries(config)
    .map(([key, value]) => `${key} = ${JSON.stringify(value)}`)
    .join("\n");
}

export const traceCases: readonly Case[] = settings.map(([name, config]) => ({
  name: `probabilistic_sampler: spans, ${name}`,
  component: "probabilistic_sampler",
  kind: "processor",
  // The processor's own default differs from Alloy's.
  config: { fail_closed: true, sampling_precision: 4, ...config },
  text: textOf(config),
  signal: "traces",
  input: [traces(spans)],
}));

const recordAttributes: readonly Attributes[] = [
  {},
  { id: "abc", "sampling.threshold": "8" },
  { id: 17 },
  { p: 100 },
  { p: 0, "sampling.randomness": "f0000000000000" },
  { p: 30.5, id: true },
  { p: 150 },
  { "sampling.threshold": "zz" },
  { "sampling.threshold": "4", "sampling.randomness": "80000000000000" },
  { "sampling.threshold": "c", "sampling.randomness": "80000000000000" },
];
const records = ids.flatMap((traceId, i) => {
  const attributes = attributesOf(recordAttributes[i % recordAttributes.length] ?? {});
  return [
    { traceId, body: { stringValue: `${i}` }, attributes },
    { body: { stringValue: `${i}, no id` }, attributes },
  ];
});

const logSettings: readonly (readonly [string, Attributes])[] = [
  ...settings,
  ["from an attribute", { sampling_percentage: 50, attribute_source: "record", from_attribute: "id" }],
  ["from an attribute where there is no id", { sampling_percentage: 50, from_attribute: "id", hash_seed: 5 }],
  ["with priorities", { sampling_percentage: 10, sampling_priority: "p" }],
  ["with priorities and nothing else", { sampling_priority: "p", fail_closed: false }],
  ["proportional with priorities", { sampling_percentage: 10, sampling_priority: "p", mode: "proportional" }],
];

export const logCases: readonly Case[] = logSettings.map(([name, config]) => ({
  name: `probabilistic_sampler: records, ${name}`,
  component: "probabilistic_sampler",
  kind: "processor",
  config: { fail_closed: true, sampling_precision: 4, attribute_source: "traceID", ...config },
  text: textOf(config),
  signal: "logs",
  input: [logs(records)],
}));
