export { byteLength, bytesFromText, compareTexts, normalizeText, sliceByBytes, textFromBytes } from "./byte-text.ts";
export {
  formatDuration,
  formatPrometheusDuration,
  parseDuration,
  parseDurationMs,
  parsePrometheusDuration,
  parsePrometheusDurationMs,
} from "./duration.ts";
export { GoError } from "./go-error.ts";
export { quote } from "./quote.ts";
export { compileRegexp, quoteMeta, Regexp, type RegexpMatch, type RegexpOptions } from "./regexp/regexp.ts";
export type { GoTime } from "./time/parse.ts";
export { formatTime, parseTime, TIME_LAYOUTS, TimeLayout } from "./time/time.ts";
export { fixedZone, loadZone, UTC, type Zone, type ZoneMoment } from "./time/zone.ts";
