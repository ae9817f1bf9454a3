import { byteLength, compileRegexp } from "@invar/go-compat";
import { defaulted, int, many, optional, string } from "../../../../component/arguments.ts";
import { changing, defineStage, patternError } from "../stage.ts";

export const luhn = defineStage(
  many(
    "Replaces numbers that satisfy the Luhn algorithm, such as those of credit cards.",
    {
      arguments: {
        replacement: defaulted(string, "What comes in their place.", "**REDACTED**"),
        min_length: defaulted(int, "Numbers with fewer digits stay.", 13),
        delimiters: defaulted(string, "Signs that may stand between digits.", ""),
        skip_regex: defaulted(string, "Numbers inside of what matches stay.", ""),
        source: optional(string, "The extracted value to read, instead of the line; the line becomes the result.", {
          check: (name) => (name === "" ? "empty source" : undefined),
        }),
      },
    },
    {
      check: (args, report) => {
        const error = patternError(() => compileRegexp(args.skip_regex));
        if (error !== undefined) report(`could not compile regular expression: ${error}`, "skip_regex");
      },
    },
  ),
  (args, { names }) => {
    const slot = args.source === undefined ? undefined : names.reads(args.source);
    const settings = {
      replacement: args.replacement === "" ? "**REDACTED**" : args.replacement,
      minLength: args.min_length < 1 ? 13 : args.min_length,
      delimiters: args.delimiters,
    };
    const skip = args.skip_regex === "" ? undefined : compileRegexp(args.skip_regex);
    return changing((frame, row) => {
      const value = slot === undefined ? frame.line(row) : frame.extracted.get(row, slot);
      if (typeof value !== "string") return;
      const skipped =
        skip === undefined
          ? () => false
          : lazySkips(() => skip.findAllPositions(value).map((groups) => groups[0] as readonly [number, number]));
      const redacted = redact(value, settings, skipped);
      if (slot !== undefined || redacted !== value) frame.setLine(row, redacted);
    });
  },
);

interface Redaction {
  readonly replacement: string;
  readonly minLength: number;
  readonly delimiters: string;
}

const DIGIT = /^\p{Nd}$/u;
const LARGEST = 9_223_372_036_854_775_807n;

function redact(
  text: string,
  { replacement, minLength, delimiters }: Redaction,
  isSkipped: (start: number, end: number) => boolean,
): string {
  let out = "";
  let digits = "";
  /** Where the number begins, where its last digit ends, and where the last delimiter after it ends. */
  let start = 0;
  let end = 0;
  let textEnd = 0;
  const flush = () => {
    if (digits === "") return;
    const isHit = byteLength(digits) >= minLength && isLuhn(digits) && !isSkipped(start, end);
    // One delimiter after the number stays.
    out += isHit ? replacement + text.slice(Math.max(end, textEnd - lastWidth(text, textEnd)), textEnd) : text.slice(start, textEnd);
    digits = "";
  };
  for (let at = 0; at < text.length; ) {
    const sign = String.fromCodePoint(text.codePointAt(at) as number);
    const next = at + sign.length;
    if (isDigit(sign)) {
      if (digits === "") start = at;
      digits += sign;
      end = textEnd = next;
    } else if (digits !== "" && delimiters.includes(sign)) textEnd = next;
    else {
      flush();
      out += sign;
    }
    at = next;
  }
  flush();
  return out;
}

function isDigit(sign: string): boolean {
  return sign <= "9" ? sign >= "0" : sign > "\u007f" && DIGIT.test(sign);
}

function lastWidth(text: string, end: number): number {
  return end > 1 && text.charCodeAt(end - 1) >= 0xdc00 && text.charCodeAt(end - 1) <= 0xdfff ? 2 : 1;
}

/** Numbers beyond 64 bits, and digits of other scripts, are none. */
function isLuhn(digits: string): boolean {
  if (!/^[0-9]+$/.test(digits) || (digits.length > 18 && BigInt(digits) > LARGEST)) return false;
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = digits.charCodeAt(digits.length - 1 - i) - 0x30;
    const weighted = i % 2 === 1 ? digit * 2 : digit;
    sum += weighted > 9 ? weighted - 9 : weighted;
  }
  return sum % 10 === 0;
}

/** Finds what is skipped only when a number was found, and looks at each once: numbers come in order. */
function lazySkips(find: () => (readonly [number, number])[]): (start: number, end: number) => boolean {
  let skips: (readonly [number, number])[] | undefined;
  let next = 0;
  return (start, end) => {
    skips ??= find();
    while (next < skips.length && (skips[next] as readonly [number, number])[1] <= start) next++;
    const skip = skips[next];
    return skip !== undefined && skip[0] <= start && end <= skip[1];
  };
}
