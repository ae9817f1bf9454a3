import assert from "node:assert/strict";
import test from "node:test";
import { acceptHeader, formatOf, type MediaType } from "./content-type.ts";

test("formats are asked for in order, with the escaping that they know", () => {
  assert.equal(
    acceptHeader(
      ["PrometheusProto", "OpenMetricsText1.0.0", "OpenMetricsText0.0.1", "PrometheusText1.0.0", "PrometheusText0.0.4"],
      "underscores",
    ),
    "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6," +
      "application/openmetrics-text;version=1.0.0;escaping=underscores;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4," +
      "text/plain;version=1.0.0;escaping=underscores;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1",
  );
});

const cases: [header: string, fallback: MediaType | undefined, format: MediaType | undefined, finding: string | undefined][] = [
  ["text/plain; version=0.0.4; charset=utf-8", undefined, "text/plain", undefined],
  ["TEXT/PLAIN", undefined, "text/plain", undefined],
  ['application/openmetrics-text; version="1.0.0"', undefined, "application/openmetrics-text", undefined],
  [
    "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited",
    undefined,
    "application/vnd.google.protobuf",
    undefined,
  ],
  ["", "text/plain", "text/plain", 'non-compliant scrape target sending blank Content-Type, using fallback_scrape_protocol "text/plain"'],
  ["", undefined, undefined, "non-compliant scrape target sending blank Content-Type and no fallback_scrape_protocol specified for target"],
  ["text/html", "text/plain", "text/plain", 'received unsupported Content-Type "text/html", using fallback_scrape_protocol "text/plain"'],
  [
    "text/plain; x",
    undefined,
    undefined,
    'could not parse received Content-Type "text/plain; x" and no fallback_scrape_protocol for target',
  ],
];

for (const [header, fallback, format, finding] of cases)
  test(`Content-Type ${JSON.stringify(header)} with fallback ${fallback}`, () => {
    const found = formatOf(header, fallback);
    assert.equal(found.format, format);
    assert.equal(found.finding, finding);
  });
