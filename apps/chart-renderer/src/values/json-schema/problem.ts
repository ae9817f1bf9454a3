import { formatFloat, quote as goQuote } from "@invar/go-compat";

/** What is wrong with a value, and what that follows from. */
export interface Problem {
  /** The keys that lead to the value. */
  readonly path: readonly string[];
  readonly text: string;
  /** A group gives way to its causes; a reference with one cause is not shown. */
  readonly kind: "plain" | "group" | "reference";
  readonly causes: readonly Problem[];
}

/** The problems as Helm's validator prints them, one a line, causes indented below. */
export function describeProblems(problems: readonly Problem[], indent = 0): string {
  return problems.map((problem) => describe(problem, indent)).join("");
}

function describe(problem: Problem, indent: number): string {
  if (problem.kind === "reference" && problem.causes.length === 1) return describeProblems(problem.causes, indent);
  const own = `\n${"  ".repeat(indent)}- at ${quoted(pointerOf(problem.path))}: ${problem.text}`;
  return own + describeProblems(problem.causes, indent + 1);
}

export function pointerOf(path: readonly string[]): string {
  return path.map((key) => `/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

/** Go's quoting, with single quotes around. */
export function quoted(text: string): string {
  return `'${goQuote(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}

export function listed(names: readonly string[]): string {
  return names.map(quoted).join(", ");
}

const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/** A number as Go prints it for English readers: 1,234.5 and 1.5×10⁰⁷. */
export function localized(value: number): string {
  if (value === 0) return "0";
  const [mantissa = "", exponentText = "0"] = value.toExponential().split("e");
  const exponent = Number(exponentText);
  if (exponent < -4 || exponent >= 6) {
    const digits = String(Math.abs(exponent)).padStart(2, "0");
    return `${mantissa}×10${exponent < 0 ? "⁻" : ""}${[...digits].map((digit) => SUPERSCRIPTS[Number(digit)]).join("")}`;
  }
  const [whole = "", fraction] = formatFloat(value, "f", -1, 64).split(".");
  const grouped = whole.replace(/\B(?=(?:\d{3})+$)/g, ",");
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}
