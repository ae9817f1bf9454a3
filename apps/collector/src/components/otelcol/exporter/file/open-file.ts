import { constants } from "node:fs";
import { type FileHandle, mkdir, open, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { type Framing, LENGTH_BYTES } from "./encode.ts";

/** A file that is written at positions, so that what a failed write has left is written over by the next one. */
export interface OpenFile {
  /** Where the next message goes; undefined for what is no regular file (a pipe), which takes bytes in order. */
  readonly size: number | undefined;
  write(pieces: readonly Uint8Array[], position: number | undefined): Promise<void>;
  truncate(size: number): Promise<void>;
  sync(): Promise<void>;
  /** False where somebody has removed or renamed it, so that others see another file at its path, or none. */
  isAt(path: string): Promise<boolean>;
  close(): Promise<void>;
}

export interface OpenOptions {
  readonly path: string;
  readonly framing: Framing;
  /** What was written before a time (in milliseconds since the epoch) is removed; undefined: nothing is. */
  readonly discardBeforeMs: number | undefined;
  /** Permissions of folders that are made where they are missing; undefined: none are made. */
  readonly folderMode: number | undefined;
}

/** `cut`: bytes of a message that was never finished, removed from the file's end. */
export async function openOutput(options: OpenOptions): Promise<{ readonly file: OpenFile; readonly cut: number }> {
  const { path, framing, discardBeforeMs, folderMode } = options;
  if (folderMode !== undefined) await mkdir(dirname(path), { recursive: true, mode: folderMode });
  const handle = await open(path, constants.O_RDWR | constants.O_CREAT, FILE_MODE);
  try {
    const found = await handle.stat();
    if (!found.isFile()) return { file: fileOf(handle, undefined), cut: 0 };
    const size = discardBeforeMs !== undefined && found.mtimeMs < discardBeforeMs ? 0 : found.size;
    const whole = await wholeBytes(handle, size, framing);
    if (whole < found.size) await handle.truncate(whole);
    return { file: fileOf(handle, whole), cut: size - whole };
  } catch (thrown) {
    await handle.close();
    throw thrown;
  }
}

function fileOf(handle: FileHandle, size: number | undefined): OpenFile {
  return {
    size,
    async write(pieces, position) {
      let left = [...pieces];
      let at = position;
      while (left.length > 0) {
        const { bytesWritten } = await handle.writev(left, at);
        if (at !== undefined) at += bytesWritten;
        left = behind(left, bytesWritten);
      }
    },
    truncate: (length) => handle.truncate(length),
    sync: () => handle.datasync(),
    async isAt(path) {
      const [own, there] = await Promise.all([handle.stat(), stat(path).catch(() => undefined)]);
      return there !== undefined && own.dev === there.dev && own.ino === there.ino;
    },
    close: () => handle.close(),
  };
}

/** What remains of pieces of which the first `count` bytes are done. */
function behind(pieces: readonly Uint8Array[], count: number): Uint8Array[] {
  let done = count;
  let first = 0;
  while (first < pieces.length && done >= (pieces[first] as Uint8Array).length) done -= (pieces[first++] as Uint8Array).length;
  const left = pieces.slice(first);
  if (done > 0) left[0] = (left[0] as Uint8Array).subarray(done);
  return left;
}

/** How far the file's messages are whole: a process that was killed may have left part of one. */
async function wholeBytes(handle: FileHandle, size: number, framing: Framing): Promise<number> {
  return framing === "lines" ? wholeLines(handle, size) : wholeMessages(handle, size);
}

async function wholeLines(handle: FileHandle, size: number): Promise<number> {
  const block = Buffer.alloc(64 * 1024);
  for (let end = size; end > 0; ) {
    const start = Math.max(0, end - block.length);
    const { bytesRead } = await handle.read(block, 0, end - start, start);
    const lineEnd = block.subarray(0, bytesRead).lastIndexOf(0x0a);
    if (lineEnd !== -1) return start + lineEnd + 1;
    end = start;
  }
  if (size > 0) await handle.read(block, 0, 1, 0);
  if (size > 0 && block[0] !== 0x7b) throw notOurs("lines of JSON");
  return 0;
}

async function wholeMessages(handle: FileHandle, size: number): Promise<number> {
  const length = Buffer.alloc(LENGTH_BYTES);
  let at = 0;
  while (at + LENGTH_BYTES <= size) {
    await handle.read(length, 0, LENGTH_BYTES, at);
    const next = at + LENGTH_BYTES + length.readUInt32BE();
    if (next > size) break;
    at = next;
  }
  // One message that is cut short ends a file of messages; what begins with text or something else is not ours to cut.
  if (size - at > LARGEST_MESSAGE_BYTES || (at + LENGTH_BYTES <= size && length.readUInt32BE() > LARGEST_MESSAGE_BYTES))
    throw notOurs("messages behind their lengths");
  return at;
}

function notOurs(expected: string): Error {
  return new Error(`it holds something else than ${expected}: remove it, or choose another path`);
}

/** No request that receivers take comes near it. */
const LARGEST_MESSAGE_BYTES = 256 * 1024 * 1024;
const FILE_MODE = 0o644;
