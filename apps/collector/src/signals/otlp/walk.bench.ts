// node walk.bench.ts: CPU nanoseconds a span to validate and count a request of 100 spans.
import { encodeRequest, typicalSpans } from "./testing.ts";
import { walk } from "./walk.ts";

const request = encodeRequest("traces", typicalSpans(100));
const rounds = 20_000;
for (let i = 0; i < 500; i++) walk("traces", request);
const before = process.cpuUsage();
for (let i = 0; i < rounds; i++) walk("traces", request);
const used = process.cpuUsage(before);
console.log(`${(request.length / 100).toFixed(0)} bytes a span: ${(((used.user + used.system) * 1000) / rounds / 100).toFixed(0)} ns`);
