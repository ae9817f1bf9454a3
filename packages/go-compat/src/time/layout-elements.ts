/** One piece of a layout: text to copy, or an element of the reference time `Mon Jan 2 15:04:05 -0700 2006`. */
export type LayoutPart =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "element"; readonly element: Element; readonly text: string }
  | { readonly kind: "fraction"; readonly text: string; readonly digits: number; readonly isTrimmed: boolean };

export type Element = (typeof ELEMENTS)[number];

// At each place the first that fits is taken, so that longer spellings stand before their beginnings.
const ELEMENTS = [
  "January",
  "Jan",
  "Monday",
  "Mon",
  "MST",
  "01",
  "02",
  "03",
  "04",
  "05",
  "06",
  "002",
  "15",
  "1",
  "2006",
  "2",
  "_2",
  "__2",
  "3",
  "4",
  "5",
  "PM",
  "pm",
  "-070000",
  "-07:00:00",
  "-0700",
  "-07:00",
  "-07",
  "Z070000",
  "Z07:00:00",
  "Z0700",
  "Z07:00",
  "Z07",
] as const;

const BY_FIRST_LETTER: ReadonlyMap<string, readonly Element[]> = Map.groupBy(ELEMENTS, (element) => element.charAt(0));

/** Cuts a layout into its parts; texts and elements alternate freely. */
export function readLayout(layout: string): readonly LayoutPart[] {
  const parts: LayoutPart[] = [];
  let copied = 0;
  for (let at = 0; at < layout.length; ) {
    const part = readFraction(layout, at) ?? readElement(layout, at);
    if (part === undefined) {
      at++;
      continue;
    }
    if (copied < at) parts.push({ kind: "text", text: layout.slice(copied, at) });
    parts.push(part);
    at += part.text.length;
    copied = at;
  }
  if (copied < layout.length) parts.push({ kind: "text", text: layout.slice(copied) });
  return parts;
}

function readElement(layout: string, at: number): LayoutPart | undefined {
  // "_2006" is an underscore before the year.
  if (layout.startsWith("_2006", at)) return undefined;
  for (const element of BY_FIRST_LETTER.get(layout.charAt(at)) ?? []) {
    if (!layout.startsWith(element, at)) continue;
    // "Month" is not "Mon" and more.
    if ((element === "Jan" || element === "Mon") && /^[a-z]/.test(layout.slice(at + 3, at + 4))) continue;
    return { kind: "element", element, text: element };
  }
  return undefined;
}

function readFraction(layout: string, at: number): LayoutPart | undefined {
  const mark = layout.charAt(at);
  const digit = layout.charAt(at + 1);
  if ((mark !== "." && mark !== ",") || (digit !== "0" && digit !== "9")) return undefined;
  let end = at + 1;
  while (layout.charAt(end) === digit) end++;
  // A fraction is all zeros or all nines.
  if (/^[0-9]/.test(layout.charAt(end))) return undefined;
  return { kind: "fraction", text: layout.slice(at, end), digits: end - at - 1, isTrimmed: digit === "9" };
}
