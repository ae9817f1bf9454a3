import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { fuzzParameters } from "../../../../tests/fuzz-time.ts";
import { EvaluationError } from "../diagnostic.ts";
import { bySection, readCases } from "../test-cases.ts";
import { outcome, testScope } from "../test-scope.ts";
import { type FunctionValue, isFunction, isObject, objectOf, type Value } from "../value.ts";
import { standardLibrary } from "./library.ts";

const library = standardLibrary({ env: () => undefined, hostname: "here", os: "linux", arch: "amd64", version: "v1.2.3" });

for (const [section, cases] of bySection(readCases("stdlib.txt"))) {
  test(`calls the standard library: ${section}`, () => {
    for (const { input, expected, place } of cases) assert.equal(outcome(input), expected, place);
  });
}

test("selects by JSONPath", () => {
  const cases = readCases("json-path.txt");
  const document = cases[0]?.section ?? "";
  for (const { input, expected, place } of cases) {
    const scope = { lookup: (name: string) => (name === "document" ? document : undefined), parent: testScope };
    const found = outcome(`json_path(document, ${input})`, scope);
    const result = found.startsWith("!") ? found.replace(/^! 1: json_path /, "! 1: ").replace(/ in .*$/, " in ...") : found;
    assert.equal(result, expected, place);
  }
});

test("offers every name of the reference and no other", () => {
  const names = Object.entries(library).flatMap(([name, value]) =>
    value !== null && isObject(value) ? Object.keys(value).map((member) => `${name}.${member}`) : [name],
  );
  assert.deepEqual(names.sort(), [
    "array.combine_maps",
    "array.concat",
    "array.group_by",
    "base64_decode",
    "coalesce",
    "concat",
    "constants.arch",
    "constants.hostname",
    "constants.os",
    "constants.version",
    "convert.nonsensitive",
    "encoding.from_URLbase64",
    "encoding.from_base64",
    "encoding.from_json",
    "encoding.from_yaml",
    "encoding.to_URLbase64",
    "encoding.to_base64",
    "encoding.to_json",
    "encoding.url_decode",
    "encoding.url_encode",
    "env",
    "file.path_join",
    "format",
    "join",
    "json_decode",
    "json_path",
    "nonsensitive",
    "replace",
    "split",
    "string.format",
    "string.join",
    "string.replace",
    "string.split",
    "string.to_lower",
    "string.to_upper",
    "string.trim",
    "string.trim_prefix",
    "string.trim_space",
    "string.trim_suffix",
    "sys.env",
    "to_lower",
    "to_upper",
    "trim",
    "trim_prefix",
    "trim_space",
    "trim_suffix",
    "yaml_decode",
  ]);
});

test("marks the old global functions as deprecated, and two of array as experimental", () => {
  const functions = [...functionsIn("", library)];
  const marked = (mark: "deprecated" | "experimental") => functions.filter(([, value]) => value[mark] === true).map(([name]) => name);
  assert.deepEqual(marked("deprecated").sort(), [
    "base64_decode",
    "concat",
    "env",
    "format",
    "join",
    "json_decode",
    "nonsensitive",
    "replace",
    "split",
    "to_lower",
    "to_upper",
    "trim",
    "trim_prefix",
    "trim_space",
    "trim_suffix",
    "yaml_decode",
  ]);
  assert.deepEqual(marked("experimental").sort(), ["array.combine_maps", "array.group_by"]);
});

const anything: fc.Arbitrary<Value> = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constant(null),
    fc.boolean(),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }),
    fc.double(),
    fc.string({ unit: "binary" }),
    fc.constantFrom('{"a": [1, {"b": null}]}', "$.a[?(@.b == 1)]", "a: [b, c]", "%s %d %v", "aGk="),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(fc.string(), tie("value"), { maxKeys: 4 }).map((fields) => objectOf(Object.entries(fields))),
  ),
})).value;

test("answers any arguments with a value or an evaluation error", () => {
  const functions = [...functionsIn("", library)].map(([, value]) => value);
  fc.assert(
    fc.property(fc.constantFrom(...functions), fc.array(anything, { maxLength: 4 }), (value, args) => {
      try {
        assert.notEqual(value.call(args), undefined);
      } catch (error) {
        assert.ok(error instanceof EvaluationError, String(error));
        assert.notEqual(error.message, "");
      }
    }),
    fuzzParameters(),
  );
});

test("reads back what it encodes", () => {
  const scope = (text: string) => ({ lookup: (name: string) => (name === "t" ? text : undefined), parent: testScope });
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const same = scope(text);
      assert.equal(outcome("encoding.from_base64(encoding.to_base64(t)) == t", same), "true");
      assert.equal(outcome("encoding.from_URLbase64(encoding.to_URLbase64(t)) == t", same), "true");
      assert.equal(outcome("encoding.url_decode(encoding.url_encode(t)) == t", same), "true");
      assert.equal(outcome('encoding.from_json(encoding.to_json({t = t}))["t"] == t', same), "true");
      assert.equal(outcome('encoding.from_yaml(encoding.to_json({t = t}))["t"] == t', same), "true");
      assert.equal(outcome('string.join(string.split(t, "a"), "a") == t', same), "true");
    }),
    { numRuns: 300 },
  );
});

test("refuses documents that are built to exhaust it, quickly", () => {
  const calls: Record<string, string> = {
    'encoding.from_json("[[[[…")': `encoding.from_json(\`${"[".repeat(100_000)}\`)`,
    "deep json": `encoding.from_json(\`${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}\`)`,
    "deep yaml": `encoding.from_yaml(\`${"[".repeat(100_000)}\`)`,
    "yaml of aliases to aliases": `encoding.from_yaml(\`a0: &a0 [x, x]\n${Array.from({ length: 30 }, (_, at) => `a${at + 1}: &a${at + 1} [*a${at}, *a${at}]\n`).join("")}\`)`,
    "path of many descents": `json_path(\`${"[".repeat(200)}${"]".repeat(200)}\`, "$${"..*".repeat(8)}")`,
  };
  for (const [name, call] of Object.entries(calls)) {
    const start = performance.now();
    assert.match(outcome(call), /^! 1: /, name);
    assert.ok(performance.now() - start < 20_000, `${name} took too long`);
  }
});

function* functionsIn(prefix: string, value: Value): Generator<[string, FunctionValue]> {
  if (value === null) return;
  if (isFunction(value)) yield [prefix, value];
  else if (isObject(value)) {
    for (const [name, member] of Object.entries(value)) yield* functionsIn(prefix === "" ? name : `${prefix}.${name}`, member);
  }
}
