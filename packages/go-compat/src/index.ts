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
