import assert from "node:assert/strict";
import { test } from "node:test";
import { realPart } from "../../backends/real-part.ts";
import { cases } from "./cases.ts";
import { askEndpoint, ourSeries, recordedSeries } from "./prometheus-endpoint.ts";

const recorded = recordedSeries();
const ours = ourSeries(cases.metrics);

for (const [n, request] of cases.metrics.entries())
  test(`stores what Prometheus's OTLP endpoint stores of request ${n}`, () => {
    // Prometheus tells of a target only together with a series of it; we always do, as the incumbent.
    const own = recorded[n]?.length === 0 ? ours[n]?.filter((line) => !line.includes('"target_info"')) : ours[n];
    assert.deepEqual(own, recorded[n], JSON.stringify(request));
  });

const prometheus = realPart("prometheus");
test("the recorded answers are those of Prometheus", { skip: prometheus.skip }, async () =>
  assert.deepEqual(await askEndpoint(cases.metrics), recorded),
);
