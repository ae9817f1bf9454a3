import { GoError, parseUnsigned } from "@invar/go-compat";

/** A semantic version; missing parts are 0. */
export interface Version {
  readonly major: bigint;
  readonly minor: bigint;
  readonly patch: bigint;
  readonly prerelease: string;
  readonly metadata: string;
  /** As it was written. */
  readonly original: string;
}

export const VERSION_PATTERN =
  "v?([0-9]+)(\\.[0-9]+)?(\\.[0-9]+)?(-([0-9A-Za-z\\-]+(\\.[0-9A-Za-z\\-]+)*))?(\\+([0-9A-Za-z\\-]+(\\.[0-9A-Za-z\\-]+)*))?";

const MAX_LENGTH = 256;
const VERSION = new RegExp(`^${VERSION_PATTERN}$`);

/** Reads a version, `v1.2` as well as `1.2.3-rc.1+build`. Throws `GoError` with the Go library's text. */
export function parseVersion(text: string): Version {
  if (text.length > MAX_LENGTH) throw new GoError(`version string is too long (max ${MAX_LENGTH} bytes)`);
  const found = VERSION.exec(text);
  if (found === null) throw new GoError("invalid semantic version");
  const prerelease = found[5] ?? "";
  // A numeric identifier has no leading zeros.
  const version = {
    major: segment(found[1] as string),
    minor: segment((found[2] ?? ".0").slice(1)),
    patch: segment((found[3] ?? ".0").slice(1)),
    prerelease,
    metadata: found[8] ?? "",
    original: text,
  };
  if (prerelease.split(".").some((part) => /^0[0-9]+$/.test(part))) throw new GoError("version segment starts with 0");
  return version;
}

function segment(digits: string): bigint {
  try {
    return parseUnsigned(digits);
  } catch (error) {
    if (error instanceof GoError) throw new GoError(`error parsing version segment: ${error.message}`);
    throw error;
  }
}

export function formatVersion({ major, minor, patch, prerelease, metadata }: Version): string {
  return `${major}.${minor}.${patch}${prerelease === "" ? "" : `-${prerelease}`}${metadata === "" ? "" : `+${metadata}`}`;
}

/** Precedence: -1, 0 or 1; metadata does not count. */
export function compareVersions(a: Version, b: Version): number {
  for (const part of ["major", "minor", "patch"] as const) {
    if (a[part] !== b[part]) return a[part] < b[part] ? -1 : 1;
  }
  if (a.prerelease === b.prerelease) return 0;
  if (a.prerelease === "") return 1;
  if (b.prerelease === "") return -1;
  return comparePrereleases(a.prerelease, b.prerelease);
}

export function comparePrereleases(a: string, b: string): number {
  const left = a.split(".");
  const right = b.split(".");
  for (let at = 0; at < Math.max(left.length, right.length); at++) {
    const order = compareIdentifiers(left[at] ?? "", right[at] ?? "");
    if (order !== 0) return order;
  }
  return 0;
}

function compareIdentifiers(a: string, b: string): number {
  if (a === b) return 0;
  if (a === "") return -1;
  if (b === "") return 1;
  const isNumberA = isWhole(a);
  const isNumberB = isWhole(b);
  if (isNumberA !== isNumberB) return isNumberA ? -1 : 1;
  if (!isNumberA) return a > b ? 1 : -1;
  return BigInt(a) > BigInt(b) ? 1 : BigInt(a) < BigInt(b) ? -1 : 0;
}

function isWhole(text: string): boolean {
  return /^[0-9]+$/.test(text) && BigInt(text) < 1n << 64n;
}
