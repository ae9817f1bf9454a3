// How names and units of OpenTelemetry become those of Prometheus, and back, by the rules of the OpenTelemetry Collector's translator.

const letterOrDigit = /[\p{L}\p{Nd}]/u;
const notLetterOrDigit = /[^\p{L}\p{Nd}]+/u;
const notInName = /[^\p{L}\p{Nd}_:]+/u;

export interface NamedMetric {
  readonly name: string;
  readonly unit: string;
  readonly isGauge: boolean;
  /** A sum that only grows, whatever its temporality. */
  readonly isMonotonicSum: boolean;
}

/** The name of a metric in Prometheus; with suffixes for unit and type where asked for. */
export function prometheusName(metric: NamedMetric, addSuffixes: boolean): string {
  const name = addSuffixes ? nameWithSuffixes(metric) : pieces(metric.name, notInName).join("_");
  return /^[0-9]/.test(name) ? `_${name}` : name;
}

/** The name of a label for an attribute's key. */
export function prometheusLabel(key: string): string {
  let label = "";
  for (const character of key) label += letterOrDigit.test(character) ? character : "_";
  if (/^[0-9]/.test(label)) return `key_${label}`;
  return label.startsWith("_") && !label.startsWith("__") ? `key${label}` : label;
}

/** `seconds` → `s`, `bytes_per_second` → `By/s`; what is not known stays. */
export function ucumUnit(words: string): string {
  const at = words.indexOf("_per_");
  if (at < 0) return ucumOfWord.get(words) ?? words;
  const [main, per] = [words.slice(0, at), words.slice(at + 5)];
  const unit = ucumOfWord.get(main) ?? main;
  return per === "" ? unit : `${unit}/${ucumOfPerWord.get(per) ?? per}`;
}

function nameWithSuffixes({ name, unit, isGauge, isMonotonicSum }: NamedMetric): string {
  let tokens = pieces(name, notLetterOrDigit);
  const [main, per] = unitWords(unit);
  if (main !== "" && !tokens.includes(main)) tokens.push(main);
  if (per !== "" && !tokens.includes(per)) tokens.push("per", per);
  if (isMonotonicSum) tokens = moveLast(tokens, "total");
  if (unit === "1" && isGauge) tokens = moveLast(tokens, "ratio");
  return tokens.join("_");
}

function moveLast(tokens: readonly string[], token: string): string[] {
  return [...tokens.filter((other) => other !== token), token];
}

function unitWords(unit: string): [main: string, per: string] {
  const slash = unit.indexOf("/");
  const main = slash < 0 ? unit : unit.slice(0, slash);
  return [unitWord(main, wordOfUcum), slash < 0 ? "" : unitWord(unit.slice(slash + 1), perWordOfUcum)];
}

/** Annotations in braces are no units. */
function unitWord(unit: string, words: ReadonlyMap<string, string>): string {
  const trimmed = unit.trim();
  if (/[{}]/.test(trimmed)) return "";
  return pieces(words.get(trimmed) ?? trimmed, notLetterOrDigit).join("_");
}

function pieces(text: string, separator: RegExp): string[] {
  return text.split(separator).filter((piece) => piece !== "");
}

const units: readonly (readonly [ucum: string, word: string])[] = [
  ["d", "days"],
  ["h", "hours"],
  ["min", "minutes"],
  ["s", "seconds"],
  ["ms", "milliseconds"],
  ["us", "microseconds"],
  ["ns", "nanoseconds"],
  ["By", "bytes"],
  ["KiBy", "kibibytes"],
  ["MiBy", "mebibytes"],
  ["GiBy", "gibibytes"],
  ["TiBy", "tibibytes"],
  ["KBy", "kilobytes"],
  ["MBy", "megabytes"],
  ["GBy", "gigabytes"],
  ["TBy", "terabytes"],
  ["m", "meters"],
  ["V", "volts"],
  ["A", "amperes"],
  ["J", "joules"],
  ["W", "watts"],
  ["g", "grams"],
  ["Cel", "celsius"],
  ["Hz", "hertz"],
  ["%", "percent"],
];

const perUnits: readonly (readonly [ucum: string, word: string])[] = [
  ["s", "second"],
  ["m", "minute"],
  ["h", "hour"],
  ["d", "day"],
  ["w", "week"],
  ["mo", "month"],
  ["y", "year"],
];

// "1" stands for no unit in one direction, and for a ratio in the other.
const wordOfUcum: ReadonlyMap<string, string> = new Map([...units, ["1", ""]]);
const perWordOfUcum: ReadonlyMap<string, string> = new Map(perUnits);
const ucumOfWord: ReadonlyMap<string, string> = new Map([...units.map(([ucum, word]) => [word, ucum] as const), ["ratio", "1"]]);
const ucumOfPerWord: ReadonlyMap<string, string> = new Map(perUnits.map(([ucum, word]) => [word, ucum]));
