import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { atoi, type FloatFormat, formatFloat, parseBool, parseFloat64, parseInteger, parseUnsigned } from "./number.ts";

type Case =
  | ["pf" | "at" | "pb", string, string]
  | ["pi" | "pu", string, number, string]
  | ["ff", string, FloatFormat, number, 32 | 64, string];

function answer(spec: Case): string {
  try {
    switch (spec[0]) {
      case "pf":
        return formatFloat(parseFloat64(spec[1]), "g", -1);
      case "pi":
        return String(parseInteger(spec[1], spec[2]));
      case "pu":
        return String(parseUnsigned(spec[1], spec[2]));
      case "at":
        return String(atoi(spec[1]));
      case "pb":
        return String(parseBool(spec[1]));
      case "ff":
        return formatFloat(Number(spec[1]), spec[2], spec[3], spec[4]);
      default:
        return spec satisfies never;
    }
  } catch (error) {
    return (error as Error).message;
  }
}

test("reads and prints numbers as Go's strconv does", () => {
  const lines = readFileSync(new URL("cases/number.jsonl", import.meta.url), "utf8")
    .trim()
    .split("\n");
  for (const line of lines) {
    const spec = JSON.parse(line) as Case;
    assert.equal(answer(spec), spec.at(-1), line);
  }
});

test("the shortest form reads back as the same number", () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true }), fc.constantFrom<FloatFormat>("e", "g", "f", "x"), (value, format) => {
      assert.ok(Object.is(parseFloat64(formatFloat(value, format, -1)), value));
    }),
  );
});

test("a megabyte of digits is refused quickly", () => {
  const text = "9".repeat(1_000_000);
  assert.throws(() => parseInteger(text), /value out of range/);
  assert.throws(() => parseInteger(`${text}x`), /invalid syntax/);
});
