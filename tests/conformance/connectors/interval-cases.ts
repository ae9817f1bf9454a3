import { type Attributes, attributesOf, type Case, metrics } from "./case.ts";

const point = (time: number, value: object, attributes: Attributes = { x: 1 }) => ({
  timeUnixNano: String(time),
  attributes: attributesOf(attributes),
  ...value,
});
const sum = (temporality: number, isMonotonic: boolean, ...dataPoints: object[]) => ({
  sum: { aggregationTemporality: temporality, isMonotonic, dataPoints },
});
const histogram = (temporality: number, ...dataPoints: object[]) => ({ histogram: { aggregationTemporality: temporality, dataPoints } });
const buckets = (count: number) => ({ count: String(count), sum: count, bucketCounts: [String(count), "0"], explicitBounds: [5] });

const request = (time: number, value: number) =>
  metrics(
    [
      {
        name: "gauge",
        unit: "By",
        description: "d",
        gauge: { dataPoints: [point(time, { asInt: String(value) }), point(time, { asDouble: value / 2 }, { x: 2, y: "z" })] },
      },
      { name: "counter", ...sum(2, true, point(time, { asInt: String(value) })) },
      { name: "counter", ...sum(1, true, point(time, { asInt: String(value) })) },
      { name: "up_and_down", ...sum(2, false, point(time, { asInt: String(value) })) },
      { name: "times", ...histogram(2, point(time, buckets(value))) },
      { name: "times_delta", ...histogram(1, point(time, buckets(value))) },
      {
        name: "exponential",
        exponentialHistogram: {
          aggregationTemporality: 2,
          dataPoints: [point(time, { count: String(value), sum: value, scale: 2, positive: { offset: 1, bucketCounts: [String(value)] } })],
        },
      },
      {
        name: "summary",
        summary: { dataPoints: [point(time, { count: String(value), sum: value, quantileValues: [{ quantile: 0.5, value }] })] },
      },
    ],
    { "service.name": "shop", n: 1 },
    { name: "s", version: "1", attributes: attributesOf({ a: 1 }) },
  );
const reordered = {
  resourceMetrics: [
    {
      resource: { attributes: attributesOf({ n: 1, "service.name": "shop" }) },
      scopeMetrics: [
        {
          scope: { name: "s", version: "1", attributes: attributesOf({ a: 1 }) },
          metrics: [{ name: "gauge", unit: "By", gauge: { dataPoints: [point(40, { asInt: "40" }, { y: "z", x: 2 })] } }],
        },
        {
          scope: { name: "s", version: "2" },
          metrics: [{ name: "gauge", unit: "By", gauge: { dataPoints: [point(41, { asInt: "41" })] } }],
        },
      ],
    },
  ],
};
const input = [request(10, 10), request(30, 30), request(20, 20), reordered];

export const intervalCases: readonly Case[] = [
  { name: "interval: the latest points", config: {}, text: "" },
  {
    name: "interval: gauges and summaries pass",
    config: { pass_through: { gauge: true, summary: true } },
    text: "passthrough {\ngauge = true\nsummary = true\n}",
  },
].map(({ name, config, text }) => ({
  name,
  component: "interval",
  kind: "processor",
  config: { interval: "60s", ...config },
  text,
  signal: "metrics",
  input,
  shutdown: true,
}));
