import assert from "node:assert/strict";
import { hostname } from "node:os";
import { test } from "node:test";
import type { PageHandler } from "../../../component/context.ts";
import { decodeText, tryDecodeText } from "../../../component/from-text.ts";
import { testContext } from "../../../component/testing.ts";
import { component as self } from "./self/component.ts";
import { component as fixed } from "./static/component.ts";

function contextWithPages(id: string) {
  let handler: PageHandler | undefined;
  const context = testContext({ id });
  const handle = (next: PageHandler | undefined) => {
    handler = next;
  };
  const http = { ...context.http, handle };
  const peers = { ...context.peers, exposition: () => "up 1\n" };
  const page = async (path: string) => handler?.({ method: "GET", path, query: new URLSearchParams() });
  return { context: { ...context, http, peers }, page };
}

test("prometheus.exporter.self exposes the process's own metrics through an in-process target", async () => {
  const { context, page } = contextWithPages("prometheus.exporter.self.default");
  await self.create(context, {});
  assert.deepEqual(
    { ...(context.exports.targets as object[])[0] },
    {
      __address__: "alloy.internal:12345",
      __scheme__: "http",
      __metrics_path__: "/api/v0/component/prometheus.exporter.self.default/metrics",
      job: "integrations/self",
      instance: hostname(),
      __meta_component_name: "prometheus.exporter.self",
      __meta_component_id: "prometheus.exporter.self.default",
    },
  );
  assert.equal((await page("metrics"))?.body, "up 1\n");
  assert.equal((await page("other"))?.status, 404);
});

test("prometheus.exporter.static exposes its text, and a new one after an update", async () => {
  const { context, page } = contextWithPages("prometheus.exporter.static.x");
  const component = await fixed.create(context, decodeText(fixed, 'text = `a{b="c"} 1\n`'));
  assert.equal((await page("metrics"))?.body, 'a{b="c"} 1\n');
  await component.update(decodeText(fixed, "text = `a 2\n`"));
  assert.equal((await page("metrics"))?.body, "a 2\n");
  assert.equal((context.exports.targets as { instance: string }[])[0]?.instance, "prometheus.exporter.static.x");
});

test("prometheus.exporter.static refuses a text that can't be scraped", () => {
  assert.match(tryDecodeText(fixed, 'text = "a{b= 1"').diagnostics[0]?.message ?? "", /^failed to parse prom text: /);
});
