import { crc32 } from "node:zlib";
import type { Clock } from "../component/clock.ts";
import type { Budget } from "./budget.ts";
import { type Chunk, chunkHolds } from "./chunk.ts";
import type { DiskEntry } from "./disk-entry.ts";
import type { DiskLog } from "./disk-log.ts";
import type { FailureWatch } from "./failure-watch.ts";
import { readPatiently } from "./patient-read.ts";
import type { Load } from "./queue.ts";
import { readRecordHeader, recordHeaderBytes } from "./segment-format.ts";

export interface PayloadSource {
  readonly log: DiskLog;
  readonly budget: Budget;
  readonly clock: Clock;
  readonly failures: FailureWatch;
  /** An entry turned out to be damaged. */
  onLost(entry: DiskEntry): void;
}

/**
 * The payloads of a request. Where its records lie close together they are used in place, and the chunks stay; where they are scattered over the log
 * they are copied, since a few bytes must not keep a chunk each.
 */
export async function loadPayloads(entries: readonly DiskEntry[], source: PayloadSource): Promise<Load> {
  const { log, budget } = source;
  const bytes = entries.reduce((sum, entry) => sum + entry.bytes, 0);
  const span = (entries[entries.length - 1]?.end ?? 0) - (entries[0]?.position ?? 0);
  const copy = span > 2 * bytes + closeBytes ? Buffer.allocUnsafeSlow(bytes) : undefined;
  if (copy !== undefined) budget.take(copy.byteLength);
  const pinned: Chunk[] = [];
  const loaded: DiskEntry[] = [];
  const payload: Uint8Array[] = [];
  let copied = 0;
  for (const entry of entries) {
    const length = entry.end - entry.position;
    const inMemory = log.inMemory(entry.position, length);
    if (inMemory !== undefined) log.pin(inMemory);
    const chunk = inMemory ?? (await readPatiently(entry.segment, entry.position, length, source));
    if (chunk === undefined || !isIntact(chunk, entry)) {
      if (chunk !== undefined) log.unpin(chunk, false);
      source.onLost(entry);
      continue;
    }
    loaded.push(entry);
    const from = entry.end - entry.bytes - chunk.origin;
    const part = chunk.bytes.subarray(from, from + entry.bytes);
    if (copy === undefined) {
      payload.push(part);
      if (pinned[pinned.length - 1] === chunk) log.unpin(chunk, false);
      else pinned.push(chunk);
    } else {
      copy.set(part, copied);
      payload.push(copy.subarray(copied, copied + entry.bytes));
      copied += entry.bytes;
      log.unpin(chunk, false);
    }
  }
  return {
    entries: loaded,
    payload,
    release(mayBeRead = false) {
      for (const chunk of pinned.splice(0)) log.unpin(chunk, mayBeRead);
      if (copy !== undefined) budget.release(copy.byteLength);
    },
  };
}

const closeBytes = 64 * 1024;
/** What was read back is checked each time; what was appended by this process and never left memory is not. */
function isIntact(chunk: Chunk, entry: DiskEntry): boolean {
  const at = entry.position - chunk.origin;
  if (!chunkHolds(chunk, entry.position) || at + entry.end - entry.position > chunk.used) return false;
  if (!chunk.isFromDisk) return true;
  const header = readRecordHeader(chunk.bytes, at, entry.position);
  if (header === undefined || header.length !== entry.end - entry.position) return false;
  return crc32(chunk.bytes.subarray(at + recordHeaderBytes, at + header.length)) === header.dataCrc;
}
