import assert from "node:assert/strict";
import { test } from "node:test";
import { layout } from "./graph-layout.ts";

/** `a>b c` is a node a with edges to b and c; the result reads `layer.row`. */
function placed(...texts: string[]): Record<string, string> {
  const nodes = texts.map((text) => {
    const [id = "", to = ""] = text.split(">");
    return { id, to: to.split(" ").filter((target) => target !== "") };
  });
  return Object.fromEntries(layout(nodes).map(({ id, layer, row }) => [id, `${layer}.${row}`]));
}

test("each node stands one column behind the last that sends to it", () => {
  assert.deepEqual(placed("a>b c", "b>c", "c"), { a: "0.0", b: "1.0", c: "2.0" });
});

test("nodes of a column stand near those that they are connected with", () => {
  assert.deepEqual(placed("a>y", "b>x", "x", "y"), { a: "0.0", b: "0.1", x: "1.1", y: "1.0" });
});

test("a circle and an edge to nowhere end", () => {
  assert.equal(Object.keys(placed("a>b", "b>a gone")).length, 2);
});
