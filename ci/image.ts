// npm run image [NAME]: bundles the collector and writes its container image to apps/collector/dist/image/collector.tar.
import { readFileSync, realpathSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bundleCollector } from "./build/bundle.ts";
import { warmUp } from "./build/warm-up.ts";
import { collectorImage, gatherContext, nodeImage } from "./image/collector.ts";

const root = join(import.meta.dirname, "..");
const collector = join(root, "apps/collector");
const dist = join(collector, "dist");
const { version } = JSON.parse(readFileSync(join(collector, "package.json"), "utf8")) as { version: string };
const name = process.argv[2] ?? `docker.io/invar/collector:${version}`;
await bundleCollector(collector, dist);
await warmUp(join(dist, "invar"));
const context = join(dist, "image");
gatherContext(realpathSync(process.execPath), dist, context);
writeFileSync(join(context, "node.tar"), await nodeImage(context, "localhost/node:1"));
const archive = join(context, "collector.tar");
writeFileSync(archive, await collectorImage(context, name));
console.log(`${name} in ${archive}: ${(statSync(archive).size / 1e6).toFixed(1)} MB compressed`);
