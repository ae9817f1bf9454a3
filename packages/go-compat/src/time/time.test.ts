import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { formatTime, parseTime, TIME_LAYOUTS, TimeLayout } from "./time.ts";
import { fixedZone, loadZone, UTC } from "./zone.ts";

// Each line is what Go said: ["f", layout, zone, unixNanos, text], ["x", layout, offset, unixNanos, text],
// ["p", layout, text, zone, unixNanos or message, zone printed].
type Case = ["f", string, string, string, string] | ["x", string, number, string, string] | ["p", string, string, string, string, string];
const CASES = readFileSync(new URL("cases/layouts.jsonl", import.meta.url), "utf8")
  .trim()
  .split("\n");

test("formats and parses as Go does, its errors included", () => {
  for (const line of CASES) {
    const spec = JSON.parse(line) as Case;
    if (spec[0] === "f") assert.equal(formatTime(spec[1], BigInt(spec[3]), loadZone(spec[2])), spec[4], line);
    else if (spec[0] === "x") assert.equal(formatTime(spec[1], BigInt(spec[3]), fixedZone("", spec[2])), spec[4], line);
    else assert.deepEqual(parsed(spec[1], spec[2], spec[3]), [spec[4], spec[5]], line);
  }
});

function parsed(layout: string, text: string, zone: string): [string, string] {
  try {
    const time = parseTime(layout, text, loadZone(zone));
    const nanos = time.unixNanos < 0n ? String(time.unixNanos) : String(time.unixNanos).padStart(10, "0");
    return [nanos, formatTime("-0700 MST", time.unixNanos, time.zone)];
  } catch (error) {
    return [(error as Error).message, ""];
  }
}

function refusal(name: string): string {
  try {
    loadZone(name);
    return "ok";
  } catch (error) {
    return (error as Error).message;
  }
}

test("knows zones by their exact names", () => {
  const cases: [string, string][] = [
    ["Europe/Berlin", "ok"],
    ["", "ok"],
    ["UTC", "ok"],
    ["GMT", "ok"],
    ["Local", "ok"],
    ["Nope/Zone", "unknown time zone Nope/Zone"],
    ["europe/berlin", "unknown time zone europe/berlin"],
    ["../x", "time: invalid location name"],
    ["/etc", "time: invalid location name"],
    ["+01:00", "unknown time zone +01:00"],
  ];
  for (const [name, verdict] of cases) assert.equal(refusal(name), verdict, name);
});

test("the remembered stretch of a zone changes no answer", () => {
  const shared = loadZone("America/New_York");
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -1_000_000_000, max: 4_000_000_000 }), { maxLength: 6 }), (times) => {
      for (const time of times.flatMap((at) => [at, at + 3600, at + 20_000])) {
        const wanted = new Intl.DateTimeFormat("en-US", { timeZone: "America/New_York", timeZoneName: "longOffset" }).format(time * 1000);
        const { offsetSeconds } = shared.at(time);
        const hours = String(Math.abs(offsetSeconds) / 3600).padStart(2, "0");
        assert.ok(wanted.includes(`GMT-${hours}:00`), `${wanted} ${offsetSeconds}`);
      }
    }),
    { numRuns: 20 },
  );
});

test("what a full layout prints, it reads back", () => {
  const layout = new TimeLayout(TIME_LAYOUTS.RFC3339Nano);
  const min = -62_167_219_200_000_000_000n;
  fc.assert(
    fc.property(
      fc.bigInt(min, 253_402_300_799_999_999_999n),
      fc.constantFrom("UTC", "Asia/Kathmandu", "America/St_Johns"),
      (nanos, name) => {
        const text = layout.format(nanos, loadZone(name));
        if (!/^[0-9]{4}-/.test(text) || loadZone(name).at(Number(nanos / 1_000_000_000n)).abbreviation === "LMT") return;
        assert.equal(layout.parse(text).unixNanos, nanos, text);
      },
    ),
  );
});

test("tryParse gives undefined where parse throws", () => {
  const layout = new TimeLayout(TIME_LAYOUTS.DateOnly);
  assert.equal(layout.tryParse("2024-02-30"), undefined);
  assert.deepEqual(layout.tryParse("1970-01-02"), { unixNanos: 86_400_000_000_000n, zone: UTC });
});
