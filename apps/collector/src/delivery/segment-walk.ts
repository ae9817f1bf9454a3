import type { QueueFile } from "./files.ts";
import { findRecord, type RecordHeader, readRecordHeader, recordHeaderBytes, segmentHeaderBytes } from "./segment-format.ts";

/** A stretch of a segment in which no record was found. */
export interface Gap {
  readonly position: number;
  readonly bytes: number;
  /** What its torn record would have held, where its header is whole. */
  readonly items: number;
  /** It reaches to the end of the file, as a write that a kill cut short does. */
  readonly isAtEnd: boolean;
}

/** Visits the headers of all records of a segment from position `start` to `end`, reading payloads only where they lie between small ones. */
export async function walkSegment(
  file: QueueFile,
  { start, end: expectedEnd }: { readonly start: number; readonly end: number },
  visit: { record(header: RecordHeader, position: number): void; gap(gap: Gap): void },
): Promise<void> {
  const end = Math.min(start + (await file.size()), expectedEnd);
  const block = Buffer.allocUnsafeSlow(blockBytes);
  let origin = start;
  let used = 0;
  let position = start + segmentHeaderBytes;
  let gapStart: number | undefined;
  const endGap = (items: number) => {
    if (gapStart !== undefined && position > gapStart)
      visit.gap({ position: gapStart, bytes: position - gapStart, items, isAtEnd: position === end });
    gapStart = undefined;
  };
  while (position + recordHeaderBytes <= end) {
    if (position < origin || position + recordHeaderBytes > origin + used) {
      origin = position;
      used = await file.read(block, 0, block.byteLength, position - start);
      if (used < recordHeaderBytes) break;
    }
    const at = position - origin;
    const header = readRecordHeader(block, at, position);
    if (header === undefined) {
      gapStart ??= position;
      // The last bytes of the block may begin a record: they are looked at again with the next.
      position = origin + (findRecord(block, at + 1, used, origin) ?? Math.max(at + 1, used - recordHeaderBytes + 1));
    } else if (position + header.length > end) {
      gapStart ??= position;
      position = end;
      endGap(header.items);
    } else {
      endGap(0);
      visit.record(header, position);
      position += header.length;
    }
  }
  if (position < end) gapStart ??= position;
  position = end;
  endGap(0);
}

const blockBytes = 256 * 1024;
