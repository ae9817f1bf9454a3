import { StatementError } from "../value.ts";

const ENGLISH = "en-US";

/** Turns the names of months, days and halves of the day of a language into English ones. Throws `StatementError` for one that isn't known. */
export function localeNames(locale: string): (text: string) => string {
  let isKnown: boolean;
  try {
    isKnown = Intl.DateTimeFormat.supportedLocalesOf(locale).length > 0;
  } catch (error) {
    throw new StatementError(`invalid locale '${locale}': ${(error as Error).message}`);
  }
  if (!isKnown) throw new StatementError(`unsupported locale '${locale}', value must be a supported BCP 47 language tag`);
  const pairs = namePairs(locale);
  if (pairs.length === 0) return (text) => text;
  const english = new Map(pairs);
  const names = pairs.map(([name]) => name).sort((a, b) => b.length - a.length);
  const anyName = new RegExp(
    `(?<!\\p{L})(?:${names.map((name) => name.replace(/[.*+?^$(){}|[\]\\]/g, "\\$&")).join("|")})(?!\\p{L})`,
    "giu",
  );
  return (text) => text.replace(anyName, (name) => english.get(name.toLowerCase()) ?? name);
}

function namePairs(locale: string): (readonly [string, string])[] {
  const pairs: (readonly [string, string])[] = [];
  const add = (options: Intl.DateTimeFormatOptions, englishOptions: Intl.DateTimeFormatOptions, part: string, dates: readonly Date[]) => {
    for (const date of dates) {
      const name = partOf(locale, options, part, date);
      const english = partOf(ENGLISH, englishOptions, part, date);
      if (name !== "" && !/^\d+$/.test(name)) {
        pairs.push([name.toLowerCase(), english]);
        if (name.endsWith(".")) pairs.push([name.slice(0, -1).toLowerCase(), english]);
        if (/\s/.test(name)) pairs.push([name.replace(/\s/g, "").toLowerCase(), english]);
      }
    }
  };
  const months = Array.from({ length: 12 }, (_, month) => new Date(Date.UTC(2024, month, 15, 9)));
  const days = Array.from({ length: 7 }, (_, day) => new Date(Date.UTC(2024, 0, 7 + day, 9)));
  const halves = [new Date(Date.UTC(2024, 0, 1, 9)), new Date(Date.UTC(2024, 0, 1, 21))];
  for (const style of ["short", "long"] as const) {
    // Alone and beside a day some languages decline the name.
    add({ month: style }, { month: style }, "month", months);
    add({ month: style, day: "numeric" }, { month: style }, "month", months);
    add({ weekday: style }, { weekday: style }, "weekday", days);
  }
  add({ hour: "numeric", hour12: true }, { hour: "numeric", hour12: true }, "dayPeriod", halves);
  return pairs;
}

function partOf(locale: string, options: Intl.DateTimeFormatOptions, part: string, date: Date): string {
  const parts = new Intl.DateTimeFormat(locale, { ...options, timeZone: "UTC" }).formatToParts(date);
  return parts.find(({ type }) => type === part)?.value ?? "";
}
