import { textFromBytes } from "@invar/go-compat";
import { Scalar } from "yaml";
import type { Value } from "../value.ts";
import { decodeBase64 } from "./base64.ts";
import { failure } from "./function.ts";

const LONG_PREFIX = "tag:yaml.org,2002:";

/** The value of a scalar by its tag, or by what it looks like. `endsText`: nothing follows it in the text, not even a line break. */
export function resolveScalar(node: Scalar, endsText: boolean): Value {
  const isBlock = node.type === Scalar.BLOCK_LITERAL || node.type === Scalar.BLOCK_FOLDED;
  const text = isBlock && endsText ? (node.source ?? "").replace(/\n$/, "") : (node.source ?? "");
  const tag = node.tag?.startsWith(LONG_PREFIX) ? `!!${node.tag.slice(LONG_PREFIX.length)}` : (node.tag ?? "");
  if (tag === "!!str" || ((tag === "" || tag === "!") && node.type !== undefined && node.type !== Scalar.PLAIN)) return text;
  if (tag === "!!binary") return textFromBytes(decodeBase64(text.replaceAll(/\s/g, ""), "base64"));
  if (tag !== "" && !RESOLVABLE.has(tag)) return text;
  const resolved = resolvePlain(text, tag);
  if (tag === "" || tag === resolved.tag) return resolved.value;
  if (tag === "!!float" && typeof resolved.value === "bigint") return Number(resolved.value);
  throw failure(`yaml: cannot decode ${resolved.tag} \`${text}\` as a ${tag}`);
}

const RESOLVABLE: ReadonlySet<string> = new Set(["!!bool", "!!int", "!!float", "!!null", "!!timestamp"]);

interface Resolved {
  readonly tag: string;
  readonly value: Value;
}

function resolvePlain(text: string, wantedTag: string): Resolved {
  const word = WORDS.get(text);
  if (word !== undefined) return word;
  if (/^\.[0-9]+([eE][-+]?[0-9]+)?$/.test(text)) return { tag: "!!float", value: Number(text) };
  if (!/^[-+0-9]/.test(text)) return { tag: "!!str", value: text };
  if (wantedTag === "" || wantedTag === "!!timestamp") {
    const timestamp = resolveTimestamp(text);
    if (timestamp !== undefined) return { tag: "!!timestamp", value: timestamp };
  }
  const digits = text.replaceAll("_", "");
  const whole = wholeNumber(digits);
  if (whole !== undefined) return { tag: "!!int", value: whole };
  if (/^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/.test(digits) && Number.isFinite(Number(digits))) {
    return { tag: "!!float", value: Number(digits) };
  }
  return { tag: "!!str", value: text };
}

const WORDS: ReadonlyMap<string, Resolved> = new Map(
  (
    [
      ["!!bool", true, ["true", "True", "TRUE"]],
      ["!!bool", false, ["false", "False", "FALSE"]],
      ["!!null", null, ["", "~", "null", "Null", "NULL"]],
      ["!!float", Number.NaN, [".nan", ".NaN", ".NAN"]],
      ["!!float", Number.POSITIVE_INFINITY, [".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"]],
      ["!!float", Number.NEGATIVE_INFINITY, ["-.inf", "-.Inf", "-.INF"]],
    ] as const
  ).flatMap(([tag, value, words]) => words.map((word): [string, Resolved] => [word, { tag, value }])),
);

// Decimal, 0x, 0o, 0b, and octal with nothing but a leading zero; 64 bits, signed or not.
function wholeNumber(text: string): bigint | undefined {
  const match = /^([-+]?)(?:(0[xX][0-9a-fA-F]+|0[oO][0-7]+|0[bB][01]+)|0([0-7]+)|(0|[1-9][0-9]*))$/.exec(text);
  if (match === null) return undefined;
  const [, sign, prefixed, octal, decimal] = match;
  const size = BigInt(prefixed ?? (octal === undefined ? (decimal as string) : `0o${octal}`));
  const value = sign === "-" ? -size : size;
  const isUnsigned = sign === "" && value < 2n ** 64n;
  return isUnsigned || BigInt.asIntN(64, value) === value ? value : undefined;
}

const TIMESTAMP =
  /^(\d{4})-(\d{1,2})-(\d{1,2})(?:(?:[Tt](\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,](\d+))?(Z|[-+]\d{2}:\d{2}))|(?: (\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,](\d+))?))?$/;

// A timestamp becomes text in RFC 3339, as it does when the incumbent hands it on.
function resolveTimestamp(text: string): string | undefined {
  const match = TIMESTAMP.exec(text);
  if (match === null) return undefined;
  const [, year = "", month = "", day = ""] = match;
  const hour = match[4] ?? match[9] ?? "0";
  const minute = match[5] ?? match[10] ?? "0";
  const second = match[6] ?? match[11] ?? "0";
  const fraction = (match[7] ?? match[12] ?? "").slice(0, 9).replace(/0+$/, "");
  const date = new Date(Date.UTC(2000, Number(month) - 1, 1));
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  const isDate = date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day);
  if (!isDate || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  const two = (number: string) => number.padStart(2, "0");
  const zone = match[8] === undefined || match[8] === "+00:00" || match[8] === "-00:00" ? "Z" : match[8];
  return `${year}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}:${two(second)}${fraction === "" ? "" : `.${fraction}`}${zone}`;
}
