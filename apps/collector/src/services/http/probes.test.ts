import assert from "node:assert/strict";
import { test } from "node:test";
import type { PageRequest } from "../../component/context.ts";
import { Pages } from "./pages.ts";
import { addProbes } from "./probes.ts";

/** What the probes answer in a state of the process. */
async function answers({ isReady = true, sick = [] as readonly string[] }): Promise<Record<string, number>> {
  const pages = new Pages();
  addProbes(pages, {
    isReady: () => isReady,
    reload: async () => undefined,
    view: { list: () => undefined, detail: () => undefined, unhealthy: () => sick.map((id) => ({ id, message: "" })) },
  });
  const statuses: Record<string, number> = {};
  for (const path of ["/-/live", "/-/ready", "/-/healthy"]) {
    const route = pages.find(path)?.route;
    assert.ok(route?.kind === "page");
    statuses[path] = (await route.handle({} as PageRequest)).status;
  }
  return statuses;
}

test("a component that is not healthy, such as one whose destination is away, is no reason to restart", async () => {
  assert.deepEqual(await answers({ sick: ["loki.write.away"] }), { "/-/live": 200, "/-/ready": 200, "/-/healthy": 500 });
});

test("a process that is not ready is alive", async () => {
  assert.deepEqual(await answers({ isReady: false }), { "/-/live": 200, "/-/ready": 503, "/-/healthy": 200 });
});
