import assert from "node:assert/strict";
import { test } from "node:test";
import { prometheusLabel, prometheusName, ucumUnit } from "./metric-names.ts";

// "kind name | unit -> with suffixes | without"; kinds: gauge, counter, other.
const names = `
gauge system.filesystem.usage | By -> system_filesystem_usage_bytes | system_filesystem_usage
counter system.io | By -> system_io_bytes_total | system_io
counter network_transmitted_bytes_total | By -> network_transmitted_bytes_total | network_transmitted_bytes_total
other  spaced.name  |  By  -> spaced_name_bytes | spaced_name
gauge dropped | {packets} -> dropped | dropped
counter dropped | {packets} -> dropped_total | dropped
gauge a.dropped | packets -> a_dropped_packets | a_dropped
gauge packets.dropped | packets -> packets_dropped | packets_dropped
gauge utilization | 1 -> utilization_ratio | utilization
gauge speed_ratio.now | 1 -> speed_now_ratio | speed_ratio_now
counter objects | 1 -> objects_total | objects
counter total.objects |  -> objects_total | total_objects
other objects | 1 -> objects | objects
gauge speed | km/h -> speed_km_per_hour | speed
gauge speed.limit | m/s -> speed_limit_meters_per_second | speed_limit
gauge rate | {objects}/s -> rate_per_second | rate
gauge scanned | {scanned}/{returned} -> scanned | scanned
gauge success | % -> success_percent | success
gauge success_percent | % -> success_percent | success_percent
gauge temperature | °F -> temperature_F | temperature
gauge weird | +=.:,!* & # -> weird | weird
gauge 2xx | -> _2xx | _2xx
gauge a::b:c | -> a_b_c | a::b:c
gauge __a__ | -> a | __a__
gauge größe.µ | -> größe_µ | größe_µ
gauge io | By/s/x -> io_bytes_per_s_x | io
gauge ... | -> |
`;

for (const line of names.trim().split("\n")) {
  const [given = "", expected = ""] = line.split("->");
  const [, kind, name = "", unit = ""] = /^(\w+) (.*?) \|(.*)$/s.exec(given) ?? [];
  const [full, plain] = expected.split("|").map((text) => text.trim());
  test(`names a ${line.trim()}`, () => {
    const metric = { name, unit: unit.replace(/^ | $/g, ""), isGauge: kind === "gauge", isMonotonicSum: kind === "counter" };
    assert.deepEqual([prometheusName(metric, true), prometheusName(metric, false)], [full, plain]);
  });
}

const labels = [
  ["", ""],
  ["host.name", "host_name"],
  ["name (of the host)", "name__of_the_host_"],
  ["2 cents", "key_2_cents"],
  ["__name", "__name"],
  ["_name", "key_name"],
  [".name", "key_name"],
  ["größe", "größe"],
  ["日本", "日本"],
  ["a😀b", "a_b"],
] as const;
for (const [key, label] of labels) test(`names the label of ${key || "an empty key"}`, () => assert.equal(prometheusLabel(key), label));

const unitCases = [
  ["", ""],
  ["seconds", "s"],
  ["bytes", "By"],
  ["ratio", "1"],
  ["meters_per_second", "m/s"],
  ["requests_per_parsec", "requests/parsec"],
  ["bytes_per_", "By"],
  ["widgets", "widgets"],
] as const;
for (const [words, unit] of unitCases)
  test(`${words || "no unit"} is ${unit || "none"} in UCUM`, () => assert.equal(ucumUnit(words), unit));
