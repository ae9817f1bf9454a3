import { compileRegexp, GoError, quote, type Regexp } from "@invar/go-compat";
import { comparePrereleases, compareVersions, parseVersion, type Version } from "./version.ts";

const MAX_LENGTH = 512;
const MAX_GROUPS = 32;

const OPERATORS = "=||!=|>|<|>=|=>|<=|=<|~|~>|\\^";
const PART =
  "v?([0-9|x|X|\\*]+)(\\.[0-9|x|X|\\*]+)?(\\.[0-9|x|X|\\*]+)?(-([0-9A-Za-z\\-]+(\\.[0-9A-Za-z\\-]+)*))?(\\+([0-9A-Za-z\\-]+(\\.[0-9A-Za-z\\-]+)*))?";

interface Patterns {
  readonly one: Regexp;
  readonly range: Regexp;
  readonly each: Regexp;
  readonly group: Regexp;
}

let patterns: Patterns | undefined;

function constraintPatterns(): Patterns {
  patterns ??= {
    one: compileRegexp(`^\\s*(${OPERATORS})\\s*(${PART})\\s*$`),
    range: compileRegexp(`\\s*(${PART})\\s+-\\s+(${PART})\\s*`),
    each: compileRegexp(`(${OPERATORS})\\s*(${PART})`),
    group: compileRegexp(`^(\\s*(${OPERATORS})\\s*(${PART})\\s*)((?:\\s+|,\\s*)(${OPERATORS})\\s*(${PART})\\s*)*$`),
  };
  return patterns;
}

/** One comparison: `>=1.2.x`. Parts written as x, or left out, match any number. */
interface Constraint {
  readonly operator: string;
  readonly version: Version;
  readonly isAnyMinor: boolean;
  readonly isAnyPatch: boolean;
  readonly isLoose: boolean;
}

/** Whether a version satisfies a constraint like `>=1.2, <2 || ~3.1`. Throws `GoError` with the Go library's text. */
export function satisfies(constraint: string, version: string): boolean {
  const groups = parseConstraints(constraint);
  const candidate = parseVersion(version);
  return groups.some((group) => {
    // Prereleases match only groups that name one.
    if (candidate.prerelease !== "" && group.every((part) => part.version.prerelease === "")) return false;
    return group.every((part) => check(part, candidate));
  });
}

function parseConstraints(text: string): readonly (readonly Constraint[])[] {
  if (text.length > MAX_LENGTH) throw new GoError(`constraint string is too long (max ${MAX_LENGTH} bytes)`);
  const groups = withoutRanges(text).split("||");
  if (groups.length > MAX_GROUPS) throw new GoError(`too many constraint groups (max ${MAX_GROUPS})`);
  return groups.map((group) => {
    if (!constraintPatterns().group.test(group)) throw new GoError(`improper constraint: ${quote(group)}`);
    return constraintPatterns().each.findAll(group).map(parseConstraint);
  });
}

/** `1.2 - 2.3` is another way to write `>= 1.2, <= 2.3`. */
function withoutRanges(text: string): string {
  let rewritten = text;
  for (const { groups } of constraintPatterns().range.matches(text)) {
    rewritten = rewritten.replace(groups[0] as string, () => `>= ${groups[1]}, <= ${groups[11]} `);
  }
  return rewritten;
}

function parseConstraint(text: string): Constraint {
  const found = constraintPatterns().one.exec(text)?.groups;
  if (found === undefined) throw new GoError(`improper constraint: ${quote(text)}`);
  const [, operator = "", written = "", major, minor, patch, prerelease = ""] = found;
  const isAnyMajor = isAny(major);
  const isAnyMinor = !isAnyMajor && isAny(minor);
  const isAnyPatch = !isAnyMajor && !isAnyMinor && isAny(patch);
  const isLoose = isAnyMajor || isAnyMinor || isAnyPatch;
  const full = isAnyMajor
    ? `0.0.0${prerelease}`
    : isAnyMinor
      ? `${major}.0.0${prerelease}`
      : isAnyPatch
        ? `${major}${minor}.0${prerelease}`
        : written;
  return { operator, version: parsedPart(full), isAnyMinor, isAnyPatch, isLoose };
}

function parsedPart(text: string): Version {
  try {
    return parseVersion(text);
  } catch (error) {
    if (error instanceof GoError) throw new GoError("constraint parser error");
    throw error;
  }
}

function isAny(part: string | undefined): boolean {
  return part === undefined || part === "" || /^\.?[xX*]$/.test(part);
}

function check(constraint: Constraint, version: Version): boolean {
  const { version: bound, isLoose } = constraint;
  const order = compareVersions(version, bound);
  switch (constraint.operator) {
    case "":
    case "=":
      return isLoose ? isWithinTilde(constraint, version) : order === 0;
    case "!=":
      return isDifferent(constraint, version);
    case ">":
      return isGreater(constraint, version);
    case "<":
      return order < 0;
    case ">=":
    case "=>":
      return order >= 0;
    case "<=":
    case "=<":
      return isAtMost(constraint, version);
    case "~":
    case "~>":
      return isWithinTilde(constraint, version);
    default:
      return isWithinCaret(constraint, version);
  }
}

function isDifferent({ version: bound, isLoose, isAnyMinor, isAnyPatch }: Constraint, version: Version): boolean {
  if (isLoose) {
    if (bound.major !== version.major) return true;
    if (bound.minor !== version.minor && !isAnyMinor) return true;
    if (isAnyMinor) return false;
    if (bound.patch !== version.patch && !isAnyPatch) return true;
    if (isAnyPatch)
      return (version.prerelease !== "" || bound.prerelease !== "") && comparePrereleases(version.prerelease, bound.prerelease) !== 0;
  }
  return compareVersions(version, bound) !== 0;
}

function isGreater({ version: bound, isLoose, isAnyMinor, isAnyPatch }: Constraint, version: Version): boolean {
  if (!isLoose) return compareVersions(version, bound) === 1;
  if (version.major !== bound.major) return version.major > bound.major;
  // >11 wants 12, >11.1 wants 11.2.
  if (isAnyMinor) return false;
  if (isAnyPatch) return version.minor > bound.minor;
  return compareVersions(version, bound) === 1;
}

function isAtMost({ version: bound, isLoose, isAnyMinor }: Constraint, version: Version): boolean {
  if (!isLoose) return compareVersions(version, bound) <= 0;
  if (version.major > bound.major) return false;
  return !(version.major === bound.major && version.minor > bound.minor && !isAnyMinor);
}

function isWithinTilde({ version: bound, isAnyMinor, isAnyPatch }: Constraint, version: Version): boolean {
  if (compareVersions(version, bound) < 0) return false;
  const isZero = bound.major === 0n && bound.minor === 0n && bound.patch === 0n;
  if (isZero && !isAnyMinor && !isAnyPatch) return true;
  return version.major === bound.major && (version.minor === bound.minor || isAnyMinor);
}

function isWithinCaret({ version: bound, isAnyMinor, isAnyPatch }: Constraint, version: Version): boolean {
  if (compareVersions(version, bound) < 0) return false;
  if (bound.major > 0n || isAnyMinor) return version.major === bound.major;
  if (version.major > 0n) return false;
  if (bound.minor > 0n || isAnyPatch) return version.minor === bound.minor;
  return version.minor === 0n && bound.patch === version.patch;
}
