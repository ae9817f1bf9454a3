const factors: Readonly<Record<string, number>> = {
  B: 1,
  KiB: 2 ** 10,
  KB: 2 ** 10,
  MiB: 2 ** 20,
  MB: 2 ** 20,
  GiB: 2 ** 30,
  GB: 2 ** 30,
  TiB: 2 ** 40,
  TB: 2 ** 40,
  PiB: 2 ** 50,
  PB: 2 ** 50,
};

/** A size as users of Alloy write it, in bytes: `"512KiB"`, `"1.5MB"`. Every unit counts in powers of 1024, as there. */
export function parseByteSize(text: string): number | undefined {
  if (/^\d+$/.test(text)) return Number(text);
  let total = 0;
  let rest = text;
  while (rest !== "") {
    const match = /^(\d+(?:\.\d*)?|\.\d+)([KMGTP]i?B|B)/.exec(rest);
    const factor = match?.[2] === undefined ? undefined : factors[match[2]];
    if (match?.[1] === undefined || factor === undefined) return undefined;
    total += Number(match[1]) * factor;
    rest = rest.slice(match[0].length);
  }
  return text === "" || !Number.isSafeInteger(Math.round(total)) ? undefined : Math.round(total);
}
