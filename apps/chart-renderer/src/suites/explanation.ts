import { unifiedDifference } from "../difference/unified-difference.ts";

interface Position {
  readonly documentIndex?: number;
  readonly valueIndex?: number;
}

interface Claim extends Position {
  readonly path?: string;
  readonly isNot?: boolean;
  /** Behind "Expected". */
  readonly expected: string;
  readonly wanted: string;
  readonly actual?: string;
  /** What is shown beside what was wanted; by default the actual value, and for denied claims nothing. */
  readonly shows?: "actual" | "difference" | "only difference";
}

/** The lines that say what was expected and what came. */
export function explanation(claim: Claim): string[] {
  const { path = "", isNot = false, expected, wanted, actual, shows } = claim;
  const lines = position(claim);
  if (path !== "") lines.push(`Path:\t${path}`);
  lines.push(`Expected${isNot ? " NOT" : ""}${expected}:`);
  if (shows === "only difference") return [...lines, ...indented(unifiedDifference(wanted, actual ?? ""))];
  lines.push(...indented(wanted));
  if (actual === undefined || (isNot && shows !== "actual")) return lines;
  lines.push("Actual:", ...indented(actual));
  if (shows === "difference") lines.push("Diff:", ...indented(unifiedDifference(wanted, actual)));
  return lines;
}

/** The lines of a mistake in the test or of a document that cannot be checked. */
export function problemAt(at: Position, message: string): string[] {
  return [...position(at), "Error:", ...indented(message)];
}

function position({ documentIndex, valueIndex }: Position): string[] {
  return [
    ...(documentIndex === undefined ? [] : [`DocumentIndex:\t${documentIndex}`]),
    ...(valueIndex === undefined ? [] : [`ValuesIndex:\t${valueIndex}`]),
  ];
}

function indented(text: string): string[] {
  return text
    .replace(/^[\n\t ]+|[\n\t ]+$/g, "")
    .split("\n")
    .map((line) => `\t${line}`);
}
