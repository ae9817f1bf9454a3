import assert from "node:assert/strict";
import { test } from "node:test";
import { readYaml } from "./read.ts";

const errorOf = (text: string): string => {
  try {
    readYaml(text);
    return "";
  } catch (error) {
    return (error as Error).message.replace("error converting YAML to JSON: yaml: ", "");
  }
};

test("mistakes have the words and the lines that Go's parser has for them", () => {
  assert.equal(errorOf("a: b: c\n"), "mapping values are not allowed in this context");
  assert.equal(errorOf("x: 1\na: b: c\n"), "line 2: mapping values are not allowed in this context");
  assert.equal(errorOf("a: 1\nb\nc: 2\n"), "line 3: could not find expected ':'");
  assert.equal(errorOf("a:\n  - b\n c: d\n"), "line 2: did not find expected key");
  assert.equal(errorOf("a:\n\t- b\n"), "line 2: found character that cannot start any token");
  assert.equal(errorOf("a: [1\nb: 2\n"), "line 1: did not find expected ',' or ']'");
});

test("places are told for keys and list elements, and keys that come twice", () => {
  const places: string[] = [];
  readYaml(
    "a:\n  - b: 1\n  - c\na: {d: 2}\n",
    (path, line, isDuplicate) => void places.push(`${path.join(".")}:${line}${isDuplicate ? "!" : ""}`),
  );
  assert.deepEqual(places, ["a:1", "a.0:2", "a.0.b:2", "a.1:3", "a:4!", "a.d:4"]);
});
