import { elementsOf, formatValue, type GoValue, textFromBytes } from "@invar/go-compat";

/** A value as sprig writes it where a text is wanted. */
export function textOf(value: GoValue): string {
  if (typeof value === "string") return value;
  if (value instanceof Uint8Array) return textFromBytes(value);
  return formatValue(value);
}

/** The texts of a list's elements, nil ones left out; of anything else a list of one. */
export function textsOf(value: GoValue): string[] {
  if (value === null) return [];
  const elements = elementsOf(value);
  if (elements === undefined) return [textOf(value)];
  return elements.filter((element) => element !== null).map(textOf);
}
