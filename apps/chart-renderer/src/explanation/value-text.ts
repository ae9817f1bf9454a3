import { elementsOf, entriesOf, type GoValue, rawOf } from "@invar/go-compat";

const MOST_LETTERS = 120;

/** A value on one line, as JSON; long ones are cut. */
export function valueText(value: GoValue | undefined): string {
  if (value === undefined) return "(none)";
  const text = JSON.stringify(plain(value));
  return text.length > MOST_LETTERS ? `${text.slice(0, MOST_LETTERS)}…` : text;
}

function plain(value: GoValue): unknown {
  const elements = elementsOf(value);
  if (elements !== undefined) return elements.map(plain);
  const entries = entriesOf(value);
  if (entries !== undefined) return Object.fromEntries([...entries].map(([key, one]) => [key, plain(one)]));
  const raw = rawOf(value);
  return typeof raw === "bigint" ? Number(raw) : raw;
}
