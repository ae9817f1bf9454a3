import { readFileSync } from "node:fs";
import { join } from "node:path";

const collector = join(import.meta.dirname, "../../apps/collector");
const { version } = JSON.parse(readFileSync(join(collector, "package.json"), "utf8")) as { version: string };

const context = join(collector, "dist/image");

/** What `npm run image` writes. */
export const imagesBuilt = { context, collector: join(context, "collector.tar"), node: join(context, "node.tar") };

export const imageNames = { collector: `docker.io/invar/collector:${version}`, node: "localhost/node:1" };
