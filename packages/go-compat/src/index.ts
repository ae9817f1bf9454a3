export {
  byteLength,
  bytesFromText,
  compareTexts,
  isAscii,
  isEscapedByte,
  normalizeText,
  sliceByBytes,
  textFromBytes,
} from "./byte-text.ts";
export {
  formatDuration,
  formatPrometheusDuration,
  parseDuration,
  parseDurationMs,
  parsePrometheusDuration,
  parsePrometheusDurationMs,
} from "./duration.ts";
export { GoError } from "./go-error.ts";
export { atoi, type FloatFormat, formatFloat, parseBool, parseFloat64, parseInteger, parseUnsigned } from "./number.ts";
export { formatValue, sortedKeys, sprint, sprintf, sprintln } from "./printf.ts";
export { canBackquote, quote, quoteToAscii, unquote, unquoteCharacter } from "./quote.ts";
export { compileRegexp, quoteMeta, Regexp, type RegexpMatch, type RegexpOptions } from "./regexp/regexp.ts";
export { type Civil, civilOf, secondsOf } from "./time/calendar.ts";
export { type GoTime, secondsInZone } from "./time/parse.ts";
export { formatTime, parseTime, TIME_LAYOUTS, TimeLayout } from "./time/time.ts";
export { fixedZone, loadZone, UTC, type Zone, type ZoneMoment } from "./time/zone.ts";
export * from "./value.ts";
