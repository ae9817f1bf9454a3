import { type GoValue, typeOf } from "@invar/go-compat";

export type CompareKind = "greater" | "less";

/** Whether the value is at least, or at most, the wanted one; a text says why they cannot be compared. */
export function compareValue(kind: CompareKind, value: GoValue, wanted: GoValue): boolean | string {
  const types = [value, wanted].map((one) => (one === null ? "<nil>" : typeOf(one).name));
  if (types[0] !== types[1]) return `actual '${types[0]}' and expected '${types[1]}' types do not match`;
  if (typeof value === "object" || typeof value === "boolean") return `unsupported type '${types[1]}'`;
  return kind === "greater" ? value >= (wanted as typeof value) : value <= (wanted as typeof value);
}
