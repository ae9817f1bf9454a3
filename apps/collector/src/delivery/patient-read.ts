import type { Clock } from "../component/clock.ts";
import type { Chunk } from "./chunk.ts";
import type { DiskLog } from "./disk-log.ts";
import type { FailureWatch } from "./failure-watch.ts";
import { codeOf } from "./files.ts";
import type { Segment } from "./segment.ts";

/** Reads from disk, more than once where that fails; undefined where it keeps failing, or the file is gone. */
export async function readPatiently(
  segment: Segment | undefined,
  position: number,
  length: number,
  { log, clock, failures }: { readonly log: DiskLog; readonly clock: Clock; readonly failures: FailureWatch },
): Promise<Chunk | undefined> {
  for (let attempt = 1; attempt <= mostAttempts && segment !== undefined && !segment.isRemoved; attempt++) {
    try {
      const chunk = await log.read(segment, position, length);
      failures.set("reading", undefined);
      return chunk;
    } catch (thrown) {
      if (segment.isRemoved || codeOf(thrown) === "ENOENT") break;
      failures.set("reading", `${segment.path} can't be read: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
      if (attempt < mostAttempts) await new Promise<void>((resolve) => clock.after(pauseMs, resolve));
    }
  }
  failures.set("reading", undefined);
  return undefined;
}

const mostAttempts = 3;
const pauseMs = 1000;
