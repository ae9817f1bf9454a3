import { GoError, type GoValue, parseFloat64, parseInteger, rawOf, Typed, typeOf } from "@invar/go-compat";

const MIN_INT64 = -(1n << 63n);

/** What sprig makes of any value where an integer is wanted: 0 of what is none. */
export function toInt64(value: GoValue): bigint {
  if (value === null) return 0n;
  switch (typeof value) {
    case "bigint":
      return value;
    case "number":
      return truncateToInt64(value);
    case "boolean":
      return value ? 1n : 0n;
    case "string":
      return integerFromText(value);
    default:
      return value instanceof Typed ? typedToInt64(value) : 0n;
  }
}

/** The same for floats. */
export function toFloat64(value: GoValue): number {
  if (typeof value === "number") return value;
  if (typeof value === "string") return attempt(() => parseFloat64(value)) ?? 0;
  if (value instanceof Typed) {
    if (value.type.name === "float32") return value.raw as number;
    if (value.type.kind === "ptr" && value.raw !== null) return toFloat64(value.raw as GoValue);
    return isPlainInteger(value) ? Number(value.raw) : 0;
  }
  return Number(toInt64(value));
}

function typedToInt64(value: Typed): bigint {
  if (value.type.kind === "ptr" && value.raw !== null && value.type.isError !== true) return toInt64(value.raw as GoValue);
  if (value.type.name === "float32") return truncateToInt64(value.raw as number);
  return isPlainInteger(value) ? BigInt.asIntN(64, rawOf(value) as bigint) : 0n;
}

// Types with a name of their own (time.Duration) are not looked through, months and weekdays excepted.
function isPlainInteger(value: Typed): boolean {
  const { name } = typeOf(value);
  return /^u?int(?:8|16|32|64)?$/.test(name) || name === "time.Month" || name === "time.Weekday";
}

function truncateToInt64(value: number): bigint {
  if (!(value >= -(2 ** 63) && value < 2 ** 63)) return MIN_INT64;
  return BigInt(Math.trunc(value));
}

function integerFromText(text: string): bigint {
  return attempt(() => parseInteger(text.replace(/\.0+$/, ""), 0)) ?? 0n;
}

function attempt<Result>(read: () => Result): Result | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof GoError) return undefined;
    throw error;
  }
}
