import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { compileRegexp, GoError, type GoMap, type GoValue } from "@invar/go-compat";
import { readDocuments } from "../yaml/read-documents.ts";
import { writePrettyYaml } from "../yaml/write-pretty.ts";

export interface SnapshotResult {
  readonly isPassed: boolean;
  readonly index: number;
  readonly current: string;
  readonly stored: string;
  /** What a pattern had against it. */
  readonly message: string;
}

export interface SnapshotPatterns {
  readonly matches?: string;
  readonly matchesNot?: string;
}

export interface SnapshotCounts {
  readonly total: number;
  readonly failed: number;
  readonly created: number;
  readonly vanished: number;
}

/** The snapshots of one suite: `__snapshot__/<file>.snap` beside it, by test and running number. */
export class Snapshots {
  readonly #path: string;
  readonly #isUpdating: boolean;
  readonly #stored: GoMap;
  readonly #current: GoMap = new Map();
  #total = 0;
  #created = 0;
  #changed = 0;

  constructor(suiteFile: string, isUpdating: boolean) {
    this.#path = join(dirname(suiteFile), "__snapshot__", `${basename(suiteFile)}.snap`);
    this.#isUpdating = isUpdating;
    const [stored] = existsSync(this.#path) ? readDocuments(readFileSync(this.#path, "utf8")) : [];
    this.#stored = stored instanceof Map ? stored : new Map();
  }

  /** Compares with what was stored under that number; without it, the content becomes the snapshot. Throws `GoError` for a bad pattern. */
  compare(test: string, index: number, content: GoValue, { matches = "", matchesNot = "" }: SnapshotPatterns = {}): SnapshotResult {
    this.#total++;
    const stored = storedText(this.#stored, test, index);
    if (stored === undefined) this.#created++;
    const current = snapshotText(content);
    let message = "";
    if (matches !== "" || matchesNot !== "") {
      if (matches !== "" && !compileRegexp(matches).test(current)) message = ` pattern '${matches}' not found in snapshot`;
      else if (matchesNot !== "" && compileRegexp(matchesNot).test(current)) message = ` pattern '${matchesNot}' should not be in snapshot`;
    } else if (stored !== undefined && stored !== current) {
      this.#changed++;
      message = "changed";
    }
    const own = (this.#current.get(test) as GoMap | undefined) ?? new Map<string, GoValue>();
    this.#current.set(test, own.set(String(index), this.#isUpdating || stored === undefined ? current : stored));
    const isPassed = this.#isUpdating || message === "";
    return { isPassed, index, current, stored: stored ?? "", message: message === "changed" ? "" : message };
  }

  counts(): SnapshotCounts {
    return {
      total: this.#total,
      failed: this.#isUpdating ? 0 : this.#changed,
      created: this.#created,
      vanished: this.#vanished(),
    };
  }

  /** Writes the file where a snapshot is new, gone or updated. */
  store(): void {
    const isNeeded = this.#created > 0 || this.#vanished() > 0 || (this.#isUpdating && this.#changed > 0);
    if (!isNeeded) return;
    mkdirSync(dirname(this.#path), { recursive: true });
    writeFileSync(this.#path, fileText(this.#current));
  }

  #vanished(): number {
    let count = 0;
    for (const [test, numbers] of this.#stored) {
      const own = this.#current.get(test);
      if (numbers instanceof Map) for (const index of numbers.keys()) if (!(own instanceof Map) || !own.has(index)) count++;
    }
    return count;
  }
}

function storedText(stored: GoMap, test: string, index: number): string | undefined {
  const numbers = stored.get(test);
  const text = numbers instanceof Map ? numbers.get(String(index)) : undefined;
  if (text === undefined || typeof text === "string") return text;
  throw new GoError(`the snapshot ${index} of "${test}" is not a text: remove it or update it with -u`);
}

/** A value as snapshots hold it. */
export function snapshotText(content: GoValue): string {
  return writePrettyYaml(withoutLeadingBreaks(content));
}

function withoutLeadingBreaks(value: GoValue): GoValue {
  if (typeof value === "string") return value.replace(/^\n+/, "");
  if (Array.isArray(value)) return value.map(withoutLeadingBreaks);
  return value instanceof Map ? new Map([...value].map(([key, one]) => [key, withoutLeadingBreaks(one)])) : value;
}

// Keys of the inner maps are numbers, which are bare in the file; nothing else stands at that depth.
function fileText(snapshots: GoMap): string {
  return writePrettyYaml(snapshots).replaceAll(/^ {2}"(\d+)":/gm, "  $1:");
}
