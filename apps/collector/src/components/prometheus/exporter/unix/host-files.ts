import { closeSync, openSync, readdirSync, readSync, realpathSync } from "node:fs";

/** A collector has nothing to show on this host: no such hardware, or a kernel without the feature. */
export class NoData extends Error {}

/** Larger files are not read: whoever reads line by line may use `eachLine`. */
const mostBytes = 16 * 1024 * 1024;

/** Attributes in sysfs are at most a page. */
const attributeBytes = 4096;

/** The kernel's files, below the folders where the host's are mounted. */
export class HostFiles {
  readonly procfs: string;
  readonly sysfs: string;
  readonly rootfs: string;
  readonly udev: string;

  constructor(paths: { readonly procfs: string; readonly sysfs: string; readonly rootfs: string; readonly udev: string }) {
    this.procfs = paths.procfs;
    this.sysfs = paths.sysfs;
    this.rootfs = paths.rootfs;
    this.udev = paths.udev;
  }

  /** A file below procfs. A missing one is `NoData`. */
  proc(path: string): string {
    return required(`${this.procfs}/${path}`);
  }

  /** The same; undefined where it is missing. */
  procIfThere(path: string): string | undefined {
    return ifThere(`${this.procfs}/${path}`);
  }

  /** Lines of a file below procfs that may be long; the event loop turns in between. */
  procLines(path: string, each: (line: string) => void): Promise<void> {
    return eachLine(`${this.procfs}/${path}`, each);
  }

  /** The names in a folder below procfs; none where it is missing. */
  procList(path: string): string[] {
    return names(`${this.procfs}/${path}`);
  }

  /** A file below sysfs. A missing one is `NoData`. */
  sys(path: string): string {
    return required(`${this.sysfs}/${path}`);
  }

  /** A value in sysfs, without the blanks around it. A missing one is `NoData`, one that the driver refuses to tell an error. */
  sysText(path: string): string {
    return attribute(`${this.sysfs}/${path}`).trim();
  }

  /** The same; undefined where it is missing or the driver refuses to tell. */
  sysValue(path: string): string | undefined {
    try {
      return attribute(`${this.sysfs}/${path}`).trim();
    } catch {
      return undefined;
    }
  }

  /** A number as drivers write it, decimal or 0x; undefined where there is none. */
  sysNumber(path: string): number | undefined {
    return driverNumber(this.sysValue(path));
  }

  /** The names in a folder of sysfs, sorted; none where it is missing. */
  sysList(path: string): string[] {
    return names(`${this.sysfs}/${path}`);
  }

  /** The same, where a missing folder means that there is nothing of the kind. */
  sysFolder(path: string): string[] {
    try {
      return readdirSync(`${this.sysfs}/${path}`).sort();
    } catch (error) {
      throw explained(error);
    }
  }

  /** Where a link in sysfs leads; undefined where there is none. */
  sysTarget(path: string): string | undefined {
    try {
      return realpathSync(`${this.sysfs}/${path}`);
    } catch {
      return undefined;
    }
  }

  /** A file of the host's root; undefined where it is missing. */
  rootIfThere(path: string): string | undefined {
    return ifThere(`${this.rootfs}/${path}`);
  }

  /** What udev keeps of a device; undefined where it knows none. */
  udevData(device: string): string | undefined {
    return ifThere(`${this.udev}/${device}`);
  }
}

/** A number as drivers write it, decimal or 0x; undefined where the text is something else. */
export function driverNumber(text: string | undefined): number | undefined {
  if (text === undefined || text === "") return undefined;
  const value = Number(text);
  return Number.isNaN(value) ? undefined : value;
}

function required(path: string): string {
  try {
    return whole(path);
  } catch (error) {
    throw explained(error);
  }
}

function ifThere(path: string): string | undefined {
  try {
    return whole(path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw explained(error);
  }
}

function names(path: string): string[] {
  try {
    return readdirSync(path).sort();
  } catch (error) {
    if (isMissing(error)) return [];
    throw explained(error);
  }
}

function isMissing(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  // The last is a process that ended after its file was opened.
  return code === "ENOENT" || code === "ENOTDIR" || code === "ESRCH";
}

function explained(error: unknown): Error {
  const { message } = error as Error;
  return isMissing(error) ? new NoData(message) : new Error(message);
}

// Shared: it is filled and made a string without a turn of the event loop in between.
const chunk = Buffer.allocUnsafe(64 * 1024);

/** Unlike readFileSync it asks for no size, which the kernel does not know of such files. */
function whole(path: string): string {
  const file = openSync(path, "r");
  try {
    let text = "";
    let bytes = 0;
    // What is left of a character that a read cut.
    let kept = 0;
    for (;;) {
      const read = readSync(file, chunk, kept, chunk.length - kept, null);
      if (read === 0) return kept === 0 ? text : text + chunk.toString("utf8", 0, kept);
      bytes += read;
      if (bytes > mostBytes) throw new Error(`${path} has more than ${mostBytes} bytes`);
      const end = kept + read;
      const cut = lastWhole(end);
      text += chunk.toString("utf8", 0, cut);
      chunk.copyWithin(0, cut, end);
      kept = end - cut;
    }
  } finally {
    closeSync(file);
  }
}

/** Where the last character that is not cut ends: kernel files are text, mostly ASCII, so this is nearly always `end`. */
function lastWhole(end: number): number {
  let start = end;
  while (start > 0 && end - start < 3 && ((chunk[start - 1] ?? 0) & 0xc0) === 0x80) start--;
  const lead = start > 0 ? (chunk[start - 1] ?? 0) : 0;
  const length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
  return length > 1 && end - start + 1 < length ? start - 1 : end;
}

/** One read is all that an attribute needs. */
function attribute(path: string): string {
  try {
    const file = openSync(path, "r");
    try {
      return chunk.toString("utf8", 0, readSync(file, chunk, 0, attributeBytes, null));
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw explained(error);
  }
}

/** Reads so much before others get their turn. */
const bytesATurn = 512 * 1024;

async function eachLine(path: string, each: (line: string) => void): Promise<void> {
  let file: number;
  try {
    file = openSync(path, "r");
  } catch (error) {
    throw explained(error);
  }
  try {
    let rest = "";
    let sinceTurn = 0;
    for (;;) {
      const read = readSync(file, chunk, 0, chunk.length, null);
      if (read === 0) break;
      const lines = (rest + chunk.toString("latin1", 0, read)).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) each(line);
      sinceTurn += read;
      if (sinceTurn < bytesATurn) continue;
      sinceTurn = 0;
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
    if (rest !== "") each(rest);
  } finally {
    closeSync(file);
  }
}
