import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { textFromBytes } from "./byte-text.ts";
import { formatDuration } from "./duration.ts";
import { sprint, sprintf, sprintln } from "./printf.ts";
import * as go from "./value.ts";

const DURATION: go.GoType = { name: "time.Duration", kind: "int64", text: (value) => formatDuration(value.raw as bigint) };
const ERROR: go.GoType = { name: "*errors.errorString", kind: "ptr", isError: true, text: (value) => value.raw as string };
const STRUCT: go.GoType = { name: "main.T", kind: "struct", fields: ["A", "B"] };

type Written = null | boolean | Written[] | Record<string, unknown>;

/** Reads the notation of the cases: `{"i": "5"}` is an int, `{"f": "0.5"}` a float64, `{"s": [bytes]}` a string, and so on. */
function read(written: Written): go.GoValue {
  if (written === null || typeof written === "boolean") return written;
  if (Array.isArray(written)) return written.map(read);
  const [[kind, value]] = Object.entries(written) as [[string, unknown]];
  switch (kind) {
    case "s":
      return textOf(value);
    case "i":
      return BigInt(value as string);
    case "f":
      return floatOf(value as string);
    case "float32":
      return new go.Typed(go.FLOAT32, Math.fround(Number(value)));
    case "int8":
      return new go.Typed(go.INT8, BigInt(value as string));
    case "int64":
      return new go.Typed(go.INT64, BigInt(value as string));
    case "uint8":
      return new go.Typed(go.UINT8, BigInt(value as string));
    case "uint":
      return new go.Typed(go.UINT, BigInt(value as string));
    case "uint64":
      return new go.Typed(go.UINT64, BigInt(value as string));
    case "b":
      return Uint8Array.from(value as number[]);
    case "strings":
      return new go.Typed(go.STRING_SLICE, (value as Written[]).map(read));
    case "ints":
      return new go.Typed(go.INT_SLICE, (value as Written[]).map(read));
    case "m":
      return new Map((value as [unknown, Written][]).map(([key, element]) => [textOf(key), read(element)]));
    case "mss":
      return new go.Typed(go.STRING_MAP, new Map((value as [unknown, Written][]).map(([key, element]) => [textOf(key), read(element)])));
    case "c":
      return new go.Typed(go.COMPLEX128, { re: Number((value as string[])[0]), im: Number((value as string[])[1]) });
    case "d":
      return new go.Typed(DURATION, BigInt(value as string));
    case "err":
      return new go.Typed(ERROR, textOf(value));
    case "T":
    case "pT": {
      const [a, b] = value as [Written, Written];
      const struct = new go.Typed(STRUCT, new Map([["A", read(a)] as const, ["B", read(b)] as const]));
      return kind === "T" ? struct : new go.Typed(go.pointerTo(STRUCT), struct);
    }
    default:
      throw new Error(`unknown notation ${kind}`);
  }
}

function textOf(bytes: unknown): string {
  return typeof bytes === "string" ? bytes : textFromBytes(Uint8Array.from(bytes as number[]));
}

function floatOf(text: string): number {
  return text === "+Inf" ? Infinity : text === "-Inf" ? -Infinity : Number(text);
}

test("prints every verb, flag and mistake as Go does", () => {
  const lines = readFileSync(new URL("cases/printf.jsonl", import.meta.url), "utf8")
    .trim()
    .split("\n");
  const wrong: string[] = [];
  for (const line of lines) {
    const [format, args, wanted] = JSON.parse(line) as [unknown, Written[], unknown];
    const got = sprintf(textOf(format), args.map(read));
    if (got !== textOf(wanted))
      wrong.push(`${textOf(format)} ${JSON.stringify(args)}: ${JSON.stringify(got)}, Go ${JSON.stringify(textOf(wanted))}`);
  }
  assert.deepEqual(wrong.slice(0, 20), [], `${wrong.length} of ${lines.length}`);
});

test("sprint puts spaces only between operands that are no strings", () => {
  assert.equal(sprint([1n, 2n, "a", "b", 3n, null, true]), "1 2ab3 <nil> true");
  assert.equal(sprint([]), "");
  assert.equal(sprintln(["a", 1n, null]), "a 1 <nil>\n");
});

test("a width of a million is padded, a larger one is refused", () => {
  assert.equal(sprintf("%1000000d", [1n]).length, 1_000_000);
  assert.equal(sprintf("%100000001d", [1n]), "%!(NOVERB)%!(EXTRA int=1)");
});

test("half characters join again in the result", () => {
  assert.equal(sprintf("%s%s", [textFromBytes(Uint8Array.of(0xc3)), textFromBytes(Uint8Array.of(0xa9))]), "\u00e9");
});
