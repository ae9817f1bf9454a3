// npm run build: bundles the collector into apps/collector/dist, one program with a start script, and warms its compile cache.
import { statSync } from "node:fs";
import { join } from "node:path";
import { bundleCollector } from "./build/bundle.ts";
import { warmUp } from "./build/warm-up.ts";

const collector = join(import.meta.dirname, "../apps/collector");
const dist = join(collector, "dist");
await bundleCollector(collector, dist);
const readyMs = await warmUp(join(dist, "invar"));
const kib = Math.round(statSync(join(dist, "invar.mjs")).size / 1024);
console.log(`built ${join(dist, "invar")}: ${kib} KiB, ready after ${Math.round(readyMs)} ms`);
