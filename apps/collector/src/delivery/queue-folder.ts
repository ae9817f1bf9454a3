import { createHash } from "node:crypto";
import { codeOf, type QueueFiles } from "./files.ts";
import { NewerFormatError } from "./newer-format-error.ts";
import { formatVersion } from "./segment-format.ts";

/** What a queue's folder says of itself, in `queue.json`. */
export interface QueueIdentity {
  readonly component: string;
  readonly endpoint: string;
}

/** The folder of a queue: the component's id, to be read by people, and a hash of what else makes the queue the same one after a restart. */
export function queueFolder(storagePath: string, { component, endpoint }: QueueIdentity): string {
  const hash = createHash("sha256").update(`${component}\0${endpoint}`).digest("hex").slice(0, 12);
  return `${storagePath}/${component.replace(/[^A-Za-z0-9._-]/g, "_").slice(0, 120)}-${hash}`;
}

/** Reads `queue.json`; undefined where the folder has none that is whole. Throws where a newer version wrote it. */
export async function readIdentity(files: QueueFiles, folder: string): Promise<QueueIdentity | undefined> {
  const text = await readText(files, `${folder}/queue.json`);
  let about: unknown;
  try {
    about = JSON.parse(text);
  } catch {
    // Empty or torn: it is written again.
    return undefined;
  }
  if (typeof about !== "object" || about === null) return undefined;
  if ("format" in about && typeof about.format === "number" && about.format > formatVersion)
    throw new NewerFormatError(folder, about.format, formatVersion);
  if (!("component" in about && "endpoint" in about)) return undefined;
  return { component: String(about.component), endpoint: String(about.endpoint) };
}

export async function writeIdentity(files: QueueFiles, folder: string, identity: QueueIdentity): Promise<void> {
  const file = await files.open(`${folder}/queue.json`, "update");
  try {
    const bytes = Buffer.from(`${JSON.stringify({ format: formatVersion, ...identity })}\n`);
    await file.write(bytes, 0, bytes.byteLength, 0);
    await file.truncate(bytes.byteLength);
  } finally {
    await file.close();
  }
}

async function readText(files: QueueFiles, path: string): Promise<string> {
  try {
    const file = await files.open(path, "read");
    try {
      const bytes = Buffer.alloc(Math.min(await file.size(), 64 * 1024));
      return bytes.toString("utf8", 0, await file.read(bytes, 0, bytes.byteLength, 0));
    } finally {
      await file.close();
    }
  } catch (thrown) {
    if (codeOf(thrown) === "ENOENT") return "";
    throw thrown;
  }
}
