import { GoError } from "../go-error.ts";

/** A place's rule for clocks: what Go calls a Location. */
export interface Zone {
  /** `UTC`, `Local`, an IANA name, or the abbreviation of a fixed offset. */
  readonly name: string;
  /** What clocks show at an instant. */
  at(unixSeconds: number): ZoneMoment;
}

export interface ZoneMoment {
  readonly abbreviation: string;
  /** East of Greenwich. */
  readonly offsetSeconds: number;
}

export const UTC: Zone = fixedZone("UTC", 0);

/** A zone that never changes; an empty name prints as its offset. */
export function fixedZone(name: string, offsetSeconds: number): Zone {
  const moment: ZoneMoment = { abbreviation: name, offsetSeconds };
  return { name, at: () => moment };
}

const loaded = new Map<string, Zone>();

/** The zone of an IANA name, `UTC`, `Local` or "". Throws `GoError` with Go's text when there is none. */
export function loadZone(name: string): Zone {
  if (name === "" || name === "UTC") return UTC;
  let zone = loaded.get(name);
  if (zone === undefined) {
    zone = new IanaZone(name);
    loaded.set(name, zone);
  }
  return zone;
}

const EXACT_ABBREVIATIONS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    "Coordinated Universal Time": "UTC",
    "Alaska Daylight Time": "AKDT",
    "Alaska Standard Time": "AKST",
    "American Samoa Standard Time": "SST",
    "Atlantic Daylight Time": "ADT",
    "Atlantic Standard Time": "AST",
    "Australian Central Daylight Time": "ACDT",
    "Australian Central Standard Time": "ACST",
    "Australian Eastern Daylight Time": "AEDT",
    "Australian Eastern Standard Time": "AEST",
    "Australian Western Standard Time": "AWST",
    "British Summer Time": "BST",
    "Central Africa Time": "CAT",
    "Central Daylight Time": "CDT",
    "Central European Standard Time": "CET",
    "Central European Summer Time": "CEST",
    "Central Indonesia Time": "WITA",
    "Central Standard Time": "CST",
    "Chamorro Standard Time": "ChST",
    "China Standard Time": "CST",
    "Cuba Daylight Time": "CDT",
    "Cuba Standard Time": "CST",
    "East Africa Time": "EAT",
    "Eastern Daylight Time": "EDT",
    "Eastern European Standard Time": "EET",
    "Eastern European Summer Time": "EEST",
    "Eastern Indonesia Time": "WIT",
    "Eastern Standard Time": "EST",
    "Greenwich Mean Time": "GMT",
    "Hawaii-Aleutian Daylight Time": "HDT",
    "Hawaii-Aleutian Standard Time": "HST",
    "Hong Kong Standard Time": "HKT",
    "India Standard Time": "IST",
    "Irish Standard Time": "IST",
    "Israel Daylight Time": "IDT",
    "Israel Standard Time": "IST",
    "Japan Standard Time": "JST",
    "Korean Standard Time": "KST",
    "Mexican Pacific Standard Time": "MST",
    "Moscow Standard Time": "MSK",
    "Mountain Daylight Time": "MDT",
    "Mountain Standard Time": "MST",
    "New Zealand Daylight Time": "NZDT",
    "New Zealand Standard Time": "NZST",
    "Newfoundland Daylight Time": "NDT",
    "Newfoundland Standard Time": "NST",
    "Pacific Daylight Time": "PDT",
    "Pacific Standard Time": "PST",
    "Pakistan Standard Time": "PKT",
    "Philippine Standard Time": "PST",
    "South Africa Standard Time": "SAST",
    "Taiwan Standard Time": "CST",
    "West Africa Time": "WAT",
    "Western European Standard Time": "WET",
    "Western European Summer Time": "WEST",
    "Western Indonesia Time": "WIB",
    "Yukon Time": "MST",
  }),
);

// Where the name that Intl gives is shared with a place that has letters of its own.
const NUMERIC_ZONES = new Set(["Antarctica/Casey", "Antarctica/Troll", "Asia/Colombo", "Europe/Minsk"]);
const BRITISH_ISLANDS = new Set(["Europe/Guernsey", "Europe/Isle_of_Man", "Europe/Jersey"]);

// No zone changes its clock twice within this time.
const STEP_SECONDS = 6 * 3600;

/** Offsets come from Intl, which costs microseconds; the stretch of time known to be without a change is remembered. */
class IanaZone implements Zone {
  readonly name: string;
  readonly #formatter: Intl.DateTimeFormat;
  readonly #namer: Intl.DateTimeFormat;
  #moment: ZoneMoment | undefined;
  #from = 0;
  #to = 0;

  constructor(name: string) {
    this.name = name;
    const timeZone = name === "Local" ? Intl.DateTimeFormat().resolvedOptions().timeZone : checkedName(name);
    try {
      this.#formatter = new Intl.DateTimeFormat("en-US", { timeZone, timeZoneName: "longOffset" });
      this.#namer = new Intl.DateTimeFormat("en-US", { timeZone, timeZoneName: "long" });
    } catch {
      throw new GoError(`unknown time zone ${name}`);
    }
    const resolved = this.#formatter.resolvedOptions().timeZone;
    // Go looks for a file, so that case matters.
    if (resolved !== timeZone && resolved.toLowerCase() === timeZone.toLowerCase()) throw new GoError(`unknown time zone ${name}`);
  }

  at(unixSeconds: number): ZoneMoment {
    if (this.#moment !== undefined && unixSeconds >= this.#from && unixSeconds <= this.#to) return this.#moment;
    const moment = this.#read(unixSeconds);
    const isSame =
      this.#moment !== undefined &&
      moment.offsetSeconds === this.#moment.offsetSeconds &&
      moment.abbreviation === this.#moment.abbreviation;
    if (isSame && unixSeconds >= this.#from - STEP_SECONDS && unixSeconds <= this.#to + STEP_SECONDS) {
      this.#from = Math.min(this.#from, unixSeconds);
      this.#to = Math.max(this.#to, unixSeconds);
    } else {
      this.#moment = moment;
      this.#from = unixSeconds;
      this.#to = unixSeconds;
    }
    return moment;
  }

  #read(unixSeconds: number): ZoneMoment {
    const ms = unixSeconds * 1000;
    // Beyond the years of Date, clocks are as at its ends.
    const clamped = Math.max(-8.64e15, Math.min(8.64e15, ms));
    const offsetSeconds = this.#offset(clamped);
    return { offsetSeconds, abbreviation: this.#abbreviation(clamped, offsetSeconds) };
  }

  #offset(ms: number): number {
    const offset = /GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?/.exec(zoneNamePart(this.#formatter, ms));
    const size = Number(offset?.[2] ?? 0) * 3600 + Number(offset?.[3] ?? 0) * 60 + Number(offset?.[4] ?? 0);
    return offset?.[1] === "-" ? -size : size;
  }

  #abbreviation(ms: number, offsetSeconds: number): string {
    // Before the railway every town had its own time, to the second.
    if (offsetSeconds % 60 !== 0) return "LMT";
    if (!NUMERIC_ZONES.has(this.name)) {
      // Intl has few names for the time before 1970: those of its first day do where the clocks were the same.
      const namedMs = ms < 0 && this.#offset(0) === offsetSeconds ? 0 : ms;
      const exact = EXACT_ABBREVIATIONS.get(zoneNamePart(this.#namer, namedMs));
      if (exact !== undefined) return exact;
      if (offsetSeconds === 3600 && BRITISH_ISLANDS.has(this.name)) return "BST";
    }
    const minutes = Math.trunc(Math.abs(offsetSeconds) / 60);
    const hours = `${offsetSeconds < 0 ? "-" : "+"}${pad2(Math.trunc(minutes / 60))}`;
    return minutes % 60 === 0 ? hours : hours + pad2(minutes % 60);
  }
}

function checkedName(name: string): string {
  if (name.includes("..") || name.startsWith("/") || name.startsWith("\\")) throw new GoError("time: invalid location name");
  if (/^[+-]/.test(name)) throw new GoError(`unknown time zone ${name}`);
  return name;
}

function zoneNamePart(formatter: Intl.DateTimeFormat, ms: number): string {
  return formatter.formatToParts(ms).find((part) => part.type === "timeZoneName")?.value ?? "";
}

function pad2(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}
