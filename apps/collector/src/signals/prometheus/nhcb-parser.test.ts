import assert from "node:assert/strict";
import test from "node:test";
import { readHistogram } from "./native-histogram.ts";
import { NhcbParser } from "./nhcb-parser.ts";
import { OpenMetricsTextParser } from "./openmetrics-text.ts";
import { PrometheusTextParser } from "./prometheus-text.ts";

/** Series as `name{labels}=value`, histograms as `name{labels}:counts<bounds`. */
function entries(lines: string[], options: { keepsClassic?: boolean; openMetrics?: boolean } = {}): string[] {
  const page = Buffer.alloc(10_000);
  const length = page.write(`${lines.join("\n")}\n${options.openMetrics === true ? "# EOF\n" : ""}`);
  const text =
    options.openMetrics === true
      ? new OpenMetricsTextParser(page, length, { typeAndUnitLabels: false, skipsCreated: true })
      : new PrometheusTextParser(page, length, { typeAndUnitLabels: false });
  const parser = new NhcbParser(text, { keepsClassic: options.keepsClassic === true, wantsStarts: options.openMetrics === true });
  const found: string[] = [];
  for (let entry = parser.next(); entry !== "end"; entry = parser.next()) {
    if (entry !== "series" && entry !== "histogram") continue;
    const [name, ...labels] = parser.labels();
    const series = `${name?.[1]}{${labels.map(([label, value]) => `${label}=${value}`).join(",")}}`;
    if (entry === "series") {
      found.push(`${series}=${parser.value}`);
      continue;
    }
    const { bytes, start, end } = parser.histogram();
    const { positive, customValues, count, sum } = readHistogram(bytes, start, end);
    let shown = `${series}:${positive.spans.map(({ offset, length: many }) => `${offset}+${many}`).join(" ")}:${positive.counts.join(" ")}`;
    shown += `<${customValues.join(" ")} count ${count} sum ${sum}`;
    if (parser.hasTimestamp) shown += ` @${parser.timestamp}`;
    if (parser.startTimestamp() !== 0) shown += ` since ${parser.startTimestamp()}`;
    while (parser.nextExemplar()) shown += ` # ${parser.exemplar.value}`;
    found.push(shown);
  }
  return found;
}

const type = "# TYPE h histogram";
const parts = ['h_bucket{le="1"} 1', 'h_bucket{le="2"} 3', 'h_bucket{le="+Inf"} 4', "h_sum 5.5", "h_count 4"];
const converted = "h{}:0+3:1 2 1<1 2 count 4 sum 5.5";

const cases: [what: string, lines: string[], expected: string[]][] = [
  ["one histogram", [type, ...parts], [converted]],
  ["in any order", [type, ...parts.toReversed()], [converted]],
  ["before what follows", [type, ...parts, "# TYPE g gauge", "g 1"], [converted, "g{}=1"]],
  [
    "one a label set",
    [type, 'h_bucket{a="1",le="+Inf"} 1', 'h_count{a="1"} 1', 'h_bucket{a="2",le="+Inf"} 2', 'h_count{a="2"} 2'],
    ["h{a=1}:0+1:1< count 1 sum 0", "h{a=2}:0+1:2< count 2 sum 0"],
  ],
  ["series of the same name without a bound stay", [type, ...parts, "h_bucket 9"], ["h_bucket{}=9", converted]],
  ["series of other types stay", ["# TYPE h counter", "h_count 4"], ["h_count{}=4"]],
  ["what does not add up is left out", [type, 'h_bucket{le="+Inf"} 4', "h_count 5"], []],
  [
    "short gaps are kept, long ones not",
    [type, ...[1, 2, 3, 4, 5, 6].map((le) => `h_bucket{le="${le}"} ${le < 2 ? 1 : le < 6 ? 1 : 2}`), "h_count 2"],
    ["h{}:0+1 4+1:1 1<1 2 3 4 5 6 count 2 sum 0"],
  ],
  ["floats", [type, 'h_bucket{le="1"} 0.5', 'h_bucket{le="+Inf"} 1', "h_count 1"], ["h{}:0+2:0.5 0.5<1 count 1 sum 0"]],
];

for (const [what, lines, expected] of cases) test(`converts ${what}`, () => assert.deepEqual(entries(lines), expected));

test("classic series stay where they are wanted", () => {
  assert.deepEqual(entries([type, ...parts], { keepsClassic: true }), [
    "h_bucket{le=1.0}=1",
    "h_bucket{le=2.0}=3",
    "h_bucket{le=+Inf}=4",
    "h_sum{}=5.5",
    "h_count{}=4",
    converted,
  ]);
});

test("time, start and exemplars come along", () => {
  const lines = [
    type,
    'h_bucket{le="1"} 1 7 # {t="x"} 0.5',
    'h_bucket{le="+Inf"} 2 7 # {t="y"} 1.5',
    "h_count 2 7",
    "h_sum 2 7",
    "h_created 3",
  ];
  assert.deepEqual(entries(lines, { openMetrics: true }), ["h{}:0+2:1 1<1 count 2 sum 2 @7000 since 3000 # 0.5 # 1.5"]);
});
