import { isIPv6 } from "node:net";
import { atoi, compileRegexp, GoError, parseTime, quote } from "@invar/go-compat";
import { parseUrl } from "@invar/go-template";

/** What keeps a text from being of a format, in the words of Helm's validator; nothing for formats that nobody checks. */
export function formatProblem(format: string, text: string): string | undefined {
  const check = FORMATS.get(format);
  if (check === undefined) return undefined;
  try {
    check(text);
    return undefined;
  } catch (error) {
    if (error instanceof GoError) return error.message;
    throw error;
  }
}

type Check = (text: string) => void;

const FORMATS: ReadonlyMap<string, Check> = new Map<string, Check>([
  ["regex", (text) => void compileRegexp(text)],
  ["json-pointer", jsonPointer],
  ["relative-json-pointer", relativeJsonPointer],
  ["uuid", uuid],
  ["duration", duration],
  ["period", period],
  ["ipv4", ipv4],
  ["ipv6", ipv6],
  ["hostname", hostname],
  ["email", email],
  ["date", date],
  ["time", time],
  ["date-time", dateTime],
  ["uri", uri],
  ["iri", uri],
  ["uri-reference", uriReference],
  ["iri-reference", uriReference],
  ["uri-template", uriTemplate],
  ["semver", semver],
]);

function refuse(problem: string): never {
  throw new GoError(problem);
}

function within(context: string, check: () => void): void {
  try {
    check();
  } catch (error) {
    if (error instanceof GoError) throw new GoError(`${context}: ${error.message}`, { cause: error });
    throw error;
  }
}

/** A character as Go's %q prints a rune. */
function rune(letter: string): string {
  const body = quote(letter).slice(1, -1);
  if (letter === "'") return "'\\''";
  return `'${letter === '"' ? '"' : body}'`;
}

function jsonPointer(text: string): void {
  if (text === "") return;
  if (!text.startsWith("/")) refuse("not starting with /");
  if (/~(?![01])/.test(text)) refuse("~ must be followed by 0 or 1");
}

function relativeJsonPointer(text: string): void {
  const digits = /^\d*/.exec(text)?.[0] ?? "";
  if (digits === "") refuse("must start with non-negative integer");
  if (digits.length > 1 && digits.startsWith("0")) refuse("starts with zero");
  const rest = text.slice(digits.length);
  if (rest !== "#") jsonPointer(rest);
}

function uuid(text: string): void {
  const lengths = [8, 4, 4, 4, 12];
  const groups = text.split("-");
  if (groups.length !== lengths.length) refuse("must have 5 elements");
  for (const [index, group] of groups.entries()) {
    if (group.length !== lengths[index]) refuse(`element ${index + 1} must be ${lengths[index]} characters long`);
    const wrong = [...group].find((letter) => !/[0-9a-fA-F]/.test(letter));
    if (wrong !== undefined) refuse(`non-hex character ${rune(wrong)}`);
  }
}

function duration(text: string): void {
  if (!text.startsWith("P")) refuse("must start with P");
  const rest = text.slice(1);
  if (rest === "") refuse("nothing after P");
  if (rest.endsWith("W")) {
    const week = rest.slice(0, -1);
    if (week === "") refuse("no number in week");
    if (!/^\d+$/.test(week)) refuse("invalid week");
    return;
  }
  const units = ["YMD", "HMS"];
  for (const [index, part] of rest.split("T").entries()) {
    if (index !== 0 && part === "") refuse("no time elements");
    if (index >= units.length) refuse("more than one T");
    durationPart(part, units[index] ?? "");
  }
}

function durationPart(part: string, known: string): void {
  let open = known;
  for (let text = part; text !== ""; ) {
    const digits = /^\d*/.exec(text)?.[0] ?? "";
    if (digits === "") refuse("missing number");
    const unit = text.slice(digits.length, digits.length + 1);
    if (unit === "") refuse("missing unit");
    const at = open.indexOf(unit);
    if (at < 0) refuse(`${known.includes(unit) ? `unit ${rune(unit)} out of order` : `invalid unit ${rune(unit)}`}`);
    open = open.slice(at + 1);
    text = text.slice(digits.length + 1);
  }
}

function period(text: string): void {
  const slash = text.indexOf("/");
  if (slash < 0) refuse("missing slash");
  const start = text.slice(0, slash);
  const end = text.slice(slash + 1);
  const check = (name: string, part: string, takesDuration: boolean): void =>
    takesDuration ? within(`invalid ${name} duration`, () => duration(part)) : within(`invalid ${name} date-time`, () => dateTime(part));
  check("start", start, start.startsWith("P"));
  check("end", end, !start.startsWith("P") && end.startsWith("P"));
}

function ipv4(text: string): void {
  const groups = text.split(".");
  if (groups.length !== 4) refuse("expected four decimals");
  for (const group of groups) {
    if (group.length > 1 && group.startsWith("0")) refuse("leading zeros");
    const value = atoi(group);
    if (value < 0 || value > 255) refuse("decimal must be between 0 and 255");
  }
}

function ipv6(text: string): void {
  if (!text.includes(":")) refuse("missing colon");
  const [address = "", zone] = text.split("%");
  if (!isIPv6(address)) refuse(`ParseAddr(${quote(text)}): unable to parse IP`);
  if (zone !== undefined) refuse("zone id is not a part of ipv6 address");
}

function hostname(text: string): void {
  const name = text.replace(/\.$/, "");
  if (Buffer.byteLength(name) > 253) refuse("more than 253 characters long");
  for (const label of name.split(".")) {
    const length = Buffer.byteLength(label);
    if (length < 1 || length > 63) refuse("label must be 1 to 63 characters long");
    if (label.startsWith("-")) refuse("label starts with hyphen");
    if (label.endsWith("-")) refuse("label ends with hyphen");
    const wrong = [...label].find((letter) => !/[a-zA-Z0-9-]/.test(letter));
    if (wrong !== undefined) refuse(`invalid character ${rune(wrong)}`);
  }
}

function email(text: string): void {
  if (Buffer.byteLength(text) > 254) refuse("more than 255 characters long");
  const at = text.lastIndexOf("@");
  if (at < 0) refuse("missing @");
  localPart(text.slice(0, at));
  const domain = text.slice(at + 1);
  if (!domain.startsWith("[") || !domain.endsWith("]")) {
    within("invalid domain", () => hostname(domain));
    return;
  }
  const address = domain.slice(1, -1);
  if (address.startsWith("IPv6:")) within("invalid ipv6 address", () => ipv6(address.slice("IPv6:".length)));
  else within("invalid ipv4 address", () => ipv4(address));
}

function localPart(local: string): void {
  if (Buffer.byteLength(local) > 64) refuse("local part more than 64 characters long");
  if (local.length > 1 && local.startsWith('"') && local.endsWith('"')) {
    if (/[\\"]/.test(local.slice(1, -1))) refuse("backslash and quote are not allowed within quoted local part");
    return;
  }
  if (local.startsWith(".")) refuse("starts with dot");
  if (local.endsWith(".")) refuse("ends with dot");
  if (local.includes("..")) refuse("consecutive dots");
  const wrong = [...local].find((letter) => !/[a-zA-Z0-9.!#$%&'*+\-/=?^_`{|}~]/.test(letter));
  if (wrong !== undefined) refuse(`invalid character ${rune(wrong)}`);
}

function date(text: string): void {
  parseTime("2006-01-02", text);
}

function time(text: string): void {
  if (Buffer.byteLength(text) < 9) refuse("less than 9 characters long");
  if (text[2] !== ":" || text[5] !== ":") refuse("missing colon in correct place");
  const [hour, minute, second] = clock(text.slice(0, 8), "hour/min/sec") as [number, number, number];
  if (hour > 23 || minute > 59 || second > 60) refuse("hour/min/sec out of range");
  let rest = text.slice(8);
  if (rest.startsWith(".")) {
    const digits = /^\d*/.exec(rest.slice(1))?.[0] ?? "";
    if (digits === "") refuse("no digits in second fraction");
    rest = rest.slice(1 + digits.length);
  }
  const inZone = rest === "z" || rest === "Z" ? hour * 60 + minute : hour * 60 + minute + offset(rest);
  const minutes = inZone < 0 ? inZone + 24 * 60 : inZone;
  if (second >= 60 && minutes !== 23 * 60 + 59) refuse("invalid leap second");
}

function offset(text: string): number {
  if (text.length !== 6) refuse("offset must be 6 characters long");
  if (text[0] !== "+" && text[0] !== "-") refuse("offset must begin with plus/minus");
  if (text[3] !== ":") refuse("missing colon in offset in correct place");
  const [hour, minute] = clock(text.slice(1), "hour/min in offset") as [number, number];
  if (hour > 23 || minute > 59) refuse("hour/min in offset out of range");
  return (text[0] === "+" ? -1 : 1) * (hour * 60 + minute);
}

function clock(text: string, what: string): number[] {
  return text.split(":").map((part) => {
    if (!/^[-+]?\d+$/.test(part)) refuse(`invalid ${what}`);
    if (Number(part) < 0) refuse(`non-positive ${what}`);
    return Number(part);
  });
}

function dateTime(text: string): void {
  if (Buffer.byteLength(text) < 20) refuse("less than 20 characters long");
  if (text[10] !== "t" && text[10] !== "T") refuse("11th character must be t or T");
  within("invalid date element", () => date(text.slice(0, 10)));
  within("invalid time element", () => time(text.slice(11)));
}

function uri(text: string): void {
  if (parsed(text).scheme === "") refuse("relative url");
}

function uriReference(text: string): void {
  if (text.includes("\\")) refuse("contains \\");
  parsed(text);
}

function parsed(text: string): ReturnType<typeof parseUrl> {
  const url = parseUrl(text);
  const name = url.host.replace(/:\d*$/, "").replace(/^\[(.*)\]$/, "$1");
  if (name.includes(":")) {
    if (!url.host.includes("[") || !url.host.includes("]")) refuse("ipv6 address not enclosed in brackets");
    within("invalid ipv6 address", () => ipv6(name));
  }
  return url;
}

function uriTemplate(text: string): void {
  const { rawPath } = parsed(text);
  for (const part of rawPath.split("/")) {
    let isOpen = false;
    for (const letter of part.replaceAll(/%7[bB]/g, "{").replaceAll(/%7[dD]/g, "}")) {
      if (letter !== "{" && letter !== "}") continue;
      if ((letter === "{") === isOpen) refuse("nested curly braces");
      isOpen = !isOpen;
    }
    if (isOpen) refuse("no matching closing brace");
  }
}

function semver(text: string): void {
  const plus = text.indexOf("+");
  if (plus >= 0) {
    const build = text.slice(plus + 1);
    if (build === "") refuse("build is empty");
    for (const id of build.split(".")) identifier(id, "build identifier");
  }
  const withoutBuild = plus < 0 ? text : text.slice(0, plus);
  const dash = withoutBuild.indexOf("-");
  if (dash >= 0) {
    for (const id of withoutBuild.slice(dash + 1).split(".")) {
      identifier(id, "pre-release identifier");
      if (/^0\d+$/.test(id)) refuse("pre-release numeric identifier starts with zero");
    }
  }
  const numbers = (dash < 0 ? withoutBuild : withoutBuild.slice(0, dash)).split(".");
  if (numbers.length !== 3) refuse("versionCore must have 3 numbers separated by dot");
  for (const [index, number] of numbers.entries()) {
    const name = ["major", "minor", "patch"][index];
    if (number === "") refuse(`${name} is empty`);
    if (number.length > 1 && number.startsWith("0")) refuse(`${name} starts with zero`);
    if (!/^\d+$/.test(number)) refuse(`${name} contains non-digit`);
  }
}

function identifier(id: string, what: string): void {
  if (id === "") refuse(`${what} is empty`);
  const wrong = [...id].find((letter) => !/[0-9a-zA-Z-]/.test(letter));
  if (wrong !== undefined) refuse(`invalid character ${rune(wrong)} in ${what}`);
}
