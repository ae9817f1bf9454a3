import assert from "node:assert/strict";
import { test } from "node:test";
import { parse } from "@invar/alloy-syntax";
import type { Place } from "./arguments.ts";
import { locate } from "./locate.ts";

const text = `
list = ["one", \`two
three\`, "tab\\there \\u00e9 x", other + "x"]
name = "plain"
group = (("inside"))
object = { key = ["a", "b"], other = nothing }
block {
	list = ["in block"]
}
many "a" { }
many "b" {
	inner.part {
		name = "deep"
	}
}
`;

/** What lies at the place. */
function at(path: Place["path"], start?: number, end?: number): string | undefined {
  const source = { name: "", text };
  const span = locate(parse(source).file.body, { path, ...(start !== undefined && { start }), ...(end !== undefined && { end }) }, source);
  return span === undefined ? undefined : text.slice(span.start, span.end);
}

const cases: readonly (readonly [Place["path"], number | undefined, number | undefined, string | undefined])[] = [
  [["name"], undefined, undefined, '"plain"'],
  [["name"], 0, 2, "pl"],
  [["name"], 4, 5, "n"],
  [["name"], 5, 5, '"'],
  [["name"], 90, 99, '"'],
  [["list", 0], 1, 3, "ne"],
  [["list", 1], 0, 3, "two"],
  [["list", 1], 4, 9, "three"],
  [["list", 2], 3, 4, "\\t"],
  [["list", 2], 4, 8, "here"],
  [["list", 2], 9, 10, "\\u00e9"],
  [["list", 2], 11, 12, "x"],
  [["list", 3], 0, 1, 'other + "x"'],
  [["list", 7], 0, 1, text.slice(text.indexOf("["), text.indexOf("]") + 1)],
  [["group"], 0, 6, "inside"],
  [["object", "key", 1], 0, 1, "b"],
  [["object", "other"], 0, 1, "nothing"],
  [["block", "list", 0], 3, 8, "block"],
  [["block", "absent"], undefined, undefined, "block"],
  [["many", 1, "inner.part", "name"], 0, 4, "deep"],
  [["many", 1, "inner.part", 0, "name"], 0, 4, "deep"],
  [["absent", 0], undefined, undefined, undefined],
];

for (const [path, start, end, expected] of cases)
  test(`${path.join(".")} ${start ?? ""}..${end ?? ""} is ${JSON.stringify(expected)}`, () => assert.equal(at(path, start, end), expected));
