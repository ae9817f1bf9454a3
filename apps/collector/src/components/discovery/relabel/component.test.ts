import assert from "node:assert/strict";
import test from "node:test";
import type { Capsule } from "@invar/alloy-syntax";
import { decodeText } from "../../../component/from-text.ts";
import { testContext } from "../../../component/testing.ts";
import type { Rules } from "../../../relabel/rules.ts";
import { component } from "./component.ts";

const targets = 'targets = [{ "__address__" = "a:1", app = "x" }, { "__address__" = "b:1", app = "y" }]\n';

function outputOf(context: { exports: Record<string, unknown> }): object[] {
  return (context.exports.output as Record<string, string>[]).map((labels) => ({ ...labels }));
}

test("targets are relabelled when it is created, and again with every change", async () => {
  const context = testContext();
  const running = await component.create(
    context,
    decodeText(component, `${targets}rule {\n source_labels = ["app"]\n regex = "x"\n action = "keep"\n}`),
  );
  assert.deepEqual(outputOf(context), [{ __address__: "a:1", app: "x" }]);
  const { rules } = context.exports;
  await running.update(decodeText(component, `${targets}rule {\n target_label = "any-name"\n replacement = "1"\n}`));
  assert.deepEqual(outputOf(context), [
    { __address__: "a:1", "any-name": "1", app: "x" },
    { __address__: "b:1", "any-name": "1", app: "y" },
  ]);
  assert.notEqual(context.exports.rules, rules);
  assert.equal((context.exports.rules as Capsule<Rules>).value.source.length, 1);
});

test("without rules targets stay as they are", async () => {
  const context = testContext();
  await component.create(context, decodeText(component, targets));
  assert.equal(outputOf(context).length, 2);
});
