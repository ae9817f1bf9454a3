import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  formatDuration,
  formatPrometheusDuration,
  parseDuration,
  parseDurationMs,
  parsePrometheusDuration,
  parsePrometheusDurationMs,
} from "./duration.ts";

/** `text = nanoseconds` or `text ! message` */
function check(parse: (text: string) => bigint, cases: string): void {
  for (const line of cases.trim().split("\n")) {
    const [text, wanted] = line.trim().split(/ [=!] /) as [string, string];
    const got = attempt(() => String(parse(JSON.parse(text))));
    assert.equal(got, wanted, line);
  }
}

function attempt(run: () => string): string {
  try {
    return run();
  } catch (error) {
    return (error as Error).message;
  }
}

test("reads Go durations to the nanosecond and refuses with Go's words", () => {
  check(
    parseDuration,
    `
    "0" = 0
    "+0" = 0
    "5s" = 5000000000
    "-5s" = -5000000000
    "1h2m3.5s" = 3723500000000
    "1.5\u00b5s" = 1500
    "1.5\u03bcs" = 1500
    ".5m" = 30000000000
    "5.s" = 5000000000
    "1.004s" = 1004000000
    "39h9m14.425s" = 140954425000000
    "52763797000ns" = 52763797000
    "0.3333333333333333333h" = 1200000000000
    "9007199254740993ns" = 9007199254740993
    "9223372036854775807ns" = 9223372036854775807
    "-9223372036854775808ns" = -9223372036854775808
    "0.100000000000000000000h" = 360000000000
    "9223372036854775808ns" ! time: invalid duration "9223372036854775808ns"
    "" ! time: invalid duration ""
    "-" ! time: invalid duration "-"
    "." ! time: invalid duration "."
    "-.s" ! time: invalid duration "-.s"
    "3" ! time: missing unit in duration "3"
    "1d" ! time: unknown unit "d" in duration "1d"
    "1h 2m" ! time: unknown unit "h " in duration "1h 2m"
    "abc" ! time: invalid duration "abc"
    "1\u20ac" ! time: unknown unit "\\xe2\\x82\\xac" in duration "1\\xe2\\x82\\xac"
    "1\\"" ! time: unknown unit "\\"" in duration "1\\""
    "3000000h" ! time: invalid duration "3000000h"
    `,
  );
});

test("reads Prometheus durations in descending units only", () => {
  check(
    parsePrometheusDuration,
    `
    "0" = 0
    "0s" = 0
    "1y" = 31536000000000000
    "2w" = 1209600000000000
    "1d12h" = 129600000000000
    "1y2w3d4h5m6s7ms" = 33019506007000000
    "" ! empty duration string
    "1" ! not a valid duration string: "1"
    "-1s" ! not a valid duration string: "-1s"
    "1.5s" ! unknown unit "." in duration "1.5s"
    "1m1h" ! not a valid duration string: "1m1h"
    "1s1s" ! not a valid duration string: "1s1s"
    "1ns" ! unknown unit "ns" in duration "1ns"
    "1 s" ! unknown unit " s" in duration "1 s"
    "300y" ! duration out of range
    "99999999999999999999s" ! not a valid duration string: "99999999999999999999s"
    `,
  );
});

test("prints durations as Go does", () => {
  const cases: [bigint, string][] = [
    [0n, "0s"],
    [1n, "1ns"],
    [1100n, "1.1\u00b5s"],
    [2_200_000n, "2.2ms"],
    [3_300_000_000n, "3.3s"],
    [60_000_000_000n, "1m0s"],
    [300_000_000_000n, "5m0s"],
    [245_001_000_000n, "4m5.001s"],
    [3_600_000_000_000n, "1h0m0s"],
    [18_367_001_000_000n, "5h6m7.001s"],
    [-9223372036854775808n, "-2562047h47m16.854775808s"],
  ];
  for (const [nanos, text] of cases) assert.equal(formatDuration(nanos), text);
});

test("prints durations as Prometheus does", () => {
  for (const text of ["0s", "324ms", "3s", "5m", "1h", "4d", "4d1h", "14d", "3w", "10y", "1d12h30m", "-1d"]) {
    const nanos = text.startsWith("-") ? -parsePrometheusDuration(text.slice(1)) : parsePrometheusDuration(text);
    const wanted = text === "14d" ? "2w" : text;
    assert.equal(formatPrometheusDuration(nanos), wanted);
  }
});

test("gives milliseconds with their fraction", () => {
  assert.equal(parseDurationMs("1.5ms"), 1.5);
  assert.equal(parseDurationMs("2m"), 120_000);
  assert.equal(parsePrometheusDurationMs("1d"), 86_400_000);
});

test("what is printed reads back as the same duration", () => {
  fc.assert(fc.property(fc.bigInt(-(1n << 63n), (1n << 63n) - 1n), (nanos) => parseDuration(formatDuration(nanos)) === nanos));
});
