import { type Attributes, attributesOf, type Case, logs, metrics, traces } from "./case.ts";
import { intervalCases } from "./interval-cases.ts";
import { logCases, traceCases } from "./sampler-cases.ts";
import { serviceGraphCases } from "./service-graph-cases.ts";
import { spanMetricsCases } from "./span-metrics-cases.ts";
import { tailSamplingCases } from "./tail-sampling-cases.ts";

const point = (attributes: Attributes) => ({ asInt: "1", timeUnixNano: "5", attributes: attributesOf(attributes) });

const grouping: Case[] = [
  {
    name: "groupbyattrs: the example of the reference",
    component: "groupbyattrs",
    kind: "processor",
    config: { keys: ["host.name"] },
    text: 'keys = ["host.name"]',
    signal: "metrics",
    input: [
      metrics(
        [
          { name: "gauge-1", gauge: { dataPoints: [point({ "host.name": "A", id: "eth0" }), point({ "host.name": "B", id: "eth0" })] } },
          { name: "gauge-1", gauge: { dataPoints: [point({ "host.name": "A", id: "eth0" })] } },
          { name: "mixed", unit: "By", gauge: { dataPoints: [point({ "host.name": "A" })] } },
          { name: "mixed", sum: { isMonotonic: true, aggregationTemporality: 2, dataPoints: [point({ "host.name": "A" })] } },
          { name: "mixed", sum: { aggregationTemporality: 1, dataPoints: [point({ "host.name": "A" })] } },
          {
            name: "h",
            histogram: {
              aggregationTemporality: 1,
              dataPoints: [{ count: "1", bucketCounts: ["1"], attributes: attributesOf({ "host.name": "B" }) }],
            },
          },
          { name: "dont-move", gauge: { dataPoints: [point({ id: "eth0" })] } },
        ],
        { "host.name": "localhost", source: "prom" },
      ),
    ],
  },
  {
    name: "groupbyattrs: spans of several resources, values of several types",
    component: "groupbyattrs",
    kind: "processor",
    config: { keys: ["a", "b"] },
    text: 'keys = ["a", "b"]',
    signal: "traces",
    input: [
      {
        resourceSpans: [
          traces(
            [
              { name: "1", attributes: attributesOf({ a: 1, x: 1, y: 2 }) },
              { name: "2", attributes: attributesOf({ a: "1" }) },
            ],
            { r: 1 },
          ).resourceSpans[0],
          traces([{ name: "3", attributes: attributesOf({ b: true, a: 1 }) }, { name: "4" }], { r: 1 }).resourceSpans[0],
          traces([{ name: "5", attributes: attributesOf({ b: true }) }], { a: 1, r: 1 }, { name: "s", version: "2" }).resourceSpans[0],
          { ...traces([{ name: "6" }], { r: 1 }).resourceSpans[0], schemaUrl: "http://schema" },
        ],
      },
    ],
  },
  {
    name: "groupbyattrs: compacts without keys",
    component: "groupbyattrs",
    kind: "processor",
    config: {},
    text: "",
    signal: "logs",
    input: [
      {
        resourceLogs: [
          logs([{ body: { stringValue: "1" } }], { a: 1, b: 2 }).resourceLogs[0],
          logs([{ body: { stringValue: "2" } }], { c: 1 }).resourceLogs[0],
          logs([{ body: { stringValue: "3" } }], { b: 2, a: 1 }).resourceLogs[0],
        ],
      },
    ],
  },
];

export const cases: readonly Case[] = [
  ...grouping,
  ...traceCases,
  ...logCases,
  ...spanMetricsCases,
  ...serviceGraphCases,
  ...tailSamplingCases,
  ...intervalCases,
];
