import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { imageArchive, layerOf } from "../../ci/image/archive.ts";
import { layerCache } from "../../ci/image/collector.ts";
import { type PartName, requirePart } from "../backends/real-part.ts";
import { dnsImage } from "./dns.ts";

/** What every pod begins with. */
export const pauseImage = "localhost/pause:1";

/** Archives of the images that a cluster needs to come up, made of programs without libraries and kept outside of the repository. */
export async function nodeImages(): Promise<readonly string[]> {
  return [await imageOf("pause", pauseImage), await imageOf("coredns", dnsImage)];
}

async function imageOf(part: PartName, name: string): Promise<string> {
  const program = readFileSync(requirePart(part));
  const digest = createHash("sha256").update(name).update(program).digest("hex").slice(0, 12);
  const folder = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "invar", "images");
  const path = join(folder, `${part}-${digest}.tar`);
  if (existsSync(path)) return path;
  mkdirSync(folder, { recursive: true });
  const layer = await layerOf([{ path: part, mode: 0o755, data: program }], layerCache);
  const unfinished = `${path}.${process.pid}`;
  writeFileSync(unfinished, imageArchive(name, { Entrypoint: [`/${part}`] }, [layer]));
  renameSync(unfinished, path);
  return path;
}
