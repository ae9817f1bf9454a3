// npm run build: bundles the collector into apps/collector/dist, a program of parts with a start script, and warms its compile cache.
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { bundleCollector } from "./build/bundle.ts";
import { warmUp } from "./build/warm-up.ts";

const collector = join(import.meta.dirname, "../apps/collector");
const dist = join(collector, "dist");
await bundleCollector(collector, dist);
const readyMs = await warmUp(join(dist, "invar"));
const program = [join(dist, "invar.mjs"), ...readdirSync(join(dist, "parts")).map((name) => join(dist, "parts", name))];
const kib = Math.round(program.reduce((sum, file) => sum + statSync(file).size, 0) / 1024);
console.log(`built ${join(dist, "invar")}: ${kib} KiB in ${program.length} files, ready after ${Math.round(readyMs)} ms`);
