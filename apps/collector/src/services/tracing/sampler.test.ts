import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { FakeClock, systemClock } from "../../component/clock.ts";
import { testContext } from "../../component/testing.ts";
import { JaegerRemoteSampler, strategyOf } from "./jaeger-remote.ts";
import { fractionSampler, jaegerFractionSampler, rateSampler, type Sampler } from "./sampler.ts";

/** How many of a thousand traces are kept. */
function kept(sampler: Sampler, name = "op"): number {
  let count = 0;
  for (let i = 0; i < 1000; i++) if (sampler(randomBytes(16), name)) count++;
  return count;
}

function within(actual: number, low: number, high: number): void {
  assert.ok(actual >= low && actual <= high, `${actual} is between ${low} and ${high}`);
}

test("a fraction of traces is kept, all or none at the ends", () => {
  for (const make of [fractionSampler, jaegerFractionSampler]) {
    assert.equal(kept(make(1)), 1000);
    assert.equal(kept(make(2)), 1000);
    within(kept(make(0.5)), 400, 600);
    within(kept(make(0)), 0, 1);
    within(kept(make(-1)), 0, 1);
  }
});

test("a rate gives credit with time, no more than a second's worth", async () => {
  const clock = new FakeClock();
  const sampler = rateSampler(5, clock);
  assert.equal(kept(sampler), 5);
  await clock.advance(400);
  assert.equal(kept(sampler), 2);
  await clock.advance(60_000);
  assert.equal(kept(sampler), 5);
});

test("Jaeger's strategies are understood", () => {
  const clock = new FakeClock();
  const sampler = (answer: unknown, max = 2) => strategyOf(answer, max, clock);
  within(kept(sampler({ strategyType: "PROBABILISTIC", probabilisticSampling: { samplingRate: 0.5 } })), 400, 600);
  assert.equal(kept(sampler({ rateLimitingSampling: { maxTracesPerSecond: 7 } })), 7);
  const operations = sampler({
    operationSampling: {
      defaultSamplingProbability: 0,
      defaultLowerBoundTracesPerSecond: 1,
      perOperationStrategies: [{ operation: "GET /all", probabilisticSampling: { samplingRate: 1 } }],
    },
  });
  assert.equal(kept(operations, "GET /all"), 1000);
  within(kept(operations, "seldom"), 1, 2);
  // A third operation has no credit of its own.
  within(kept(operations, "another"), 0, 1);
  assert.equal(kept(sampler({ probabilistic_sampling: { sampling_rate: 1 } })), 1000);
  assert.throws(() => sampler({}), /neither operationSampling, probabilisticSampling nor rateLimitingSampling/);
});

test("strategies come from a server, and where it fails the last one stays", async (t) => {
  let answer: { status: number; body: string } = { status: 500, body: "down" };
  const paths: string[] = [];
  const server = createServer((request, response) => {
    paths.push(request.url ?? "");
    response.writeHead(answer.status).end(answer.body);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/sampling`;
  const context = testContext();
  const remote = new JaegerRemoteSampler({ url, max_operations: 256, refresh_interval: 20 }, () => true, systemClock, context.log);
  t.after(async () => {
    await remote.close();
    server.close();
  });
  const until = async (condition: () => boolean) => {
    while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
  };
  await until(() => context.logged.length > 0);
  assert.equal(
    kept((id, name) => remote.sampler(id, name)),
    1000,
  );
  answer = { status: 200, body: '{"strategyType":"PROBABILISTIC","probabilisticSampling":{"samplingRate":0}}' };
  await until(() => kept((id, name) => remote.sampler(id, name)) <= 1);
  answer = { status: 200, body: "{" };
  const asked = paths.length;
  await until(() => paths.length > asked + 2);
  within(
    kept((id, name) => remote.sampler(id, name)),
    0,
    1,
  );
  assert.equal(paths[0], "/sampling?service=alloy");
});
