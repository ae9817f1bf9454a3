import { bytesFromText, compileRegexp, quote, textFromBytes } from "@invar/go-compat";
import { constantString, define, type FunctionDefinition, optional, string } from "../../../../../ottl/functions/function.ts";
import { StatementError, type Value, type ValueMap } from "../../../../../ottl/value.ts";

/** What only statements about log records may call: parsers of well-known formats. */
export const logFunctions: readonly FunctionDefinition[] = [
  define(
    "ParseCEF",
    { target: string },
    ({ target }) =>
      (frame) =>
        parseCef(filled(target.get(frame), "CEF")),
  ),
  define(
    "ParseLEEF",
    { target: string },
    ({ target }) =>
      (frame) =>
        parseLeef(filled(target.get(frame), "LEEF")),
  ),
  define("ParseCLF", { target: string, format: optional(constantString) }, ({ target, format = "clf" }) => {
    if (format !== "clf" && format !== "combined") throw new StatementError(`invalid format ${quote(format)}: must be "clf" or "combined"`);
    return (frame) => parseClf(filled(target.get(frame), "CLF"), format);
  }),
  define(
    "ParseELF",
    { target: string },
    ({ target }) =>
      (frame) =>
        parseElf(filled(target.get(frame), "ELF")),
  ),
];

function filled(text: string, format: string): string {
  if (text === "") throw new StatementError(`cannot parse empty ${format} message`);
  return text;
}

const CEF_HEADER = [
  "cef.version",
  "cef.device_vendor",
  "cef.device_product",
  "cef.device_version",
  "cef.device_event_class_id",
  "cef.name",
  "cef.severity",
];

/** Common Event Format: `CEF:0|vendor|product|version|class|name|severity|key=value …`, with anything in front. */
function parseCef(message: string): ValueMap {
  const start = message.indexOf("CEF:");
  if (start < 0) throw new StatementError("invalid CEF message: 'CEF:' not found");
  const { fields, rest } = cefFields(message.slice(start));
  if (fields.length < CEF_HEADER.length)
    throw new StatementError(
      `invalid CEF header: expected at least ${CEF_HEADER.length} pipe-delimited fields (CEF:Version, Device Vendor, Device Product, Device Version, Device Event Class ID, Name, Severity), got ${fields.length}`,
    );
  const version = (fields[0] ?? "").slice("CEF:".length);
  if (version === "") throw new StatementError("invalid CEF message: missing version");
  const texts = [version, ...fields.slice(1).map((field) => field.replace(/\\([|\\])/g, "$1"))];
  const result: ValueMap = new Map(CEF_HEADER.map((name, i) => [name, texts[i] ?? ""]));
  result.set("cef.extensions", cefExtensions(rest));
  return result;
}

function cefFields(message: string): { readonly fields: string[]; readonly rest: string } {
  const fields: string[] = [];
  let current = "";
  for (let i = 0; i < message.length; i++) {
    const character = message[i] as string;
    const next = message[i + 1];
    if (character === "\\" && (next === "|" || next === "\\")) {
      current += character + next;
      i++;
    } else if (character !== "|") current += character;
    else {
      fields.push(current);
      current = "";
      if (fields.length === CEF_HEADER.length) return { fields, rest: message.slice(i + 1) };
    }
  }
  fields.push(current);
  return { fields, rest: "" };
}

const CEF_ESCAPES: Readonly<Record<string, string>> = { "\\": "\\", "=": "=", n: "\n", r: "\r" };

/** A value goes on until a space and the next `key=`. */
function cefExtensions(text: string): ValueMap {
  const result: ValueMap = new Map();
  const keys = [...text.matchAll(/(?<=^| )([A-Za-z0-9_]+)=/g)];
  for (const [i, match] of keys.entries()) {
    const value = text.slice(match.index + match[0].length, keys[i + 1]?.index ?? text.length).replace(/ +$/, "");
    result.set(
      match[1] as string,
      value.replace(/\\([\\=nr])/g, (_, character: string) => CEF_ESCAPES[character] ?? character),
    );
  }
  return result;
}

/** Log Event Extended Format of both versions, with anything in front. */
function parseLeef(message: string): ValueMap {
  const start = message.indexOf("LEEF:");
  if (start < 0) throw new StatementError("invalid LEEF message: 'LEEF:' not found");
  const leef = message.slice(start);
  const pipe = leef.indexOf("|");
  if (pipe < 0) throw new StatementError("invalid LEEF message: missing pipe delimiter in header");
  const version = leef.slice("LEEF:".length, pipe);
  if (version !== "1.0" && version !== "2.0") throw new StatementError(`unsupported LEEF version: ${version} (supported: 1.0, 2.0)`);
  const parts = leef.slice(pipe + 1).split("|");
  if (parts.length < 4)
    throw new StatementError(
      `invalid LEEF ${version} header: expected at least 4 fields (vendor, product, version, eventID), got ${parts.length}`,
    );
  const [vendor = "", product = "", productVersion = "", event = "", fifth] = parts;
  // Version 2 may name the delimiter in a field of its own.
  const namesDelimiter = version === "2.0" && fifth !== undefined && !fifth.includes("=");
  const delimiter = namesDelimiter ? leefDelimiter(fifth) : "\t";
  const attributes: ValueMap = new Map();
  for (const pair of parts
    .slice(namesDelimiter ? 5 : 4)
    .join("|")
    .split(delimiter)) {
    const equals = pair.indexOf("=");
    if (equals > 0) attributes.set(pair.slice(0, equals), pair.slice(equals + 1));
  }
  return new Map<string, Value>([
    ["leef.version", version],
    ["leef.vendor", vendor],
    ["leef.product.name", product],
    ["leef.product.version", productVersion],
    ["leef.event.id", event],
    ["leef.attributes", attributes],
  ]);
}

function leefDelimiter(spec: string): string {
  if (spec === "") return "\t";
  const fail = (reason: string): StatementError => new StatementError(`invalid LEEF 2.0 delimiter: ${reason}`);
  if (/^0x/i.test(spec)) {
    const digits = spec.slice(2);
    if (digits === "") throw fail("empty hex value");
    if (!/^(?:[0-9a-fA-F]{2})+$/.test(digits)) throw fail(`invalid hex delimiter ${quote(spec)}`);
    if (digits.length !== 2) throw fail(`hex delimiter must decode to a single byte, got ${digits.length / 2} bytes`);
    return String.fromCharCode(Number.parseInt(digits, 16));
  }
  if (spec.length !== 1) throw fail(`delimiter must be a single character or 0x-prefixed hex value, got ${quote(spec)}`);
  return spec;
}

const QUOTED = String.raw`"((?:[^"\\]|\\.)*)"`;
const clfPattern = compileRegexp(String.raw`^(\S+) (\S+) (\S+) \[([^\]]+)\] ${QUOTED} (\S+) (\S+)$`);
const combinedPattern = compileRegexp(String.raw`^(\S+) (\S+) (\S+) \[([^\]]+)\] ${QUOTED} (\S+) (\S+) ${QUOTED} ${QUOTED}$`);

/** The Common Log Format of web servers, and its combined form with referrer and user agent. */
function parseClf(message: string, format: "clf" | "combined"): ValueMap {
  const groups = (format === "clf" ? clfPattern : combinedPattern).exec(message.trim())?.groups;
  if (groups === undefined) throw new StatementError(`invalid CLF message: does not match expected ${quote(format)} format`);
  const group = (i: number): string => groups[i] ?? "";
  const request = unescapeClf(group(5));
  const result: ValueMap = new Map<string, Value>([
    ["clf.remote_host", group(1)],
    ["clf.rfc931", group(2)],
    ["clf.auth_user", group(3)],
    ["clf.timestamp", group(4)],
    ["clf.request", request],
  ]);
  const parts = /^([^ ]*) ([^ ]*) (.*)$/s.exec(request);
  if (parts !== null) {
    result.set("clf.method", parts[1] ?? "");
    result.set("clf.request_uri", parts[2] ?? "");
    result.set("clf.protocol", parts[3] ?? "");
  }
  result.set("clf.status", wholeNumber(group(6), "status code"));
  if (group(7) !== "-") result.set("clf.bytes", wholeNumber(group(7), "bytes value"));
  if (format === "combined") {
    result.set("clf.referer", unescapeClf(group(8)));
    result.set("clf.user_agent", unescapeClf(group(9)));
  }
  return result;
}

function wholeNumber(text: string, what: string): bigint {
  if (/^[+-]?\d+$/.test(text) && BigInt.asIntN(64, BigInt(text)) === BigInt(text)) return BigInt(text);
  throw new StatementError(`invalid ${what} ${quote(text)}: strconv.ParseInt: parsing ${quote(text)}: invalid syntax`);
}

const CLF_ESCAPES: Readonly<Record<string, number>> = { "\\": 92, '"': 34, n: 10, t: 9, r: 13, b: 8, f: 12, v: 11 };

function unescapeClf(text: string): string {
  if (!text.includes("\\")) return text;
  const bytes: number[] = [];
  const source = Buffer.from(bytesFromText(text)).toString("latin1");
  for (const match of source.matchAll(/\\x([0-9a-fA-F]{2})|\\([\\"ntrbfv])|([\s\S])/g)) {
    if (match[1] !== undefined) bytes.push(Number.parseInt(match[1], 16));
    else if (match[2] !== undefined) bytes.push(CLF_ESCAPES[match[2]] ?? 0);
    else bytes.push((match[3] as string).charCodeAt(0));
  }
  return textFromBytes(Uint8Array.from(bytes));
}

const ELF_TEXTS: ReadonlyMap<string, string> = new Map([
  ["version", "elf.version"],
  ["software", "elf.software"],
  ["date", "elf.date"],
  ["start-date", "elf.start_date"],
  ["end-date", "elf.end_date"],
  ["remark", "elf.remark"],
]);

/** The W3C's Extended Log Format: directives, and lines of values by the fields that the last `#Fields` names. */
function parseElf(text: string): ValueMap {
  const entries: Value[] = [];
  const result: ValueMap = new Map<string, Value>([["elf.entries", entries]]);
  let fields: string[] = [];
  for (const raw of text.split(/\r\n|\r|\n/)) {
    const line = raw.trim();
    if (line === "") continue;
    if (line.startsWith("#")) {
      const colon = line.indexOf(":");
      const key = line
        .slice(1, colon < 0 ? undefined : colon)
        .trim()
        .toLowerCase();
      if (colon < 0) {
        if (key.startsWith("fields"))
          throw new StatementError(
            `invalid ELF: malformed #Fields directive ${quote(line)}: directive ${quote(line)} has no colon separator`,
          );
        continue;
      }
      const value = line.slice(colon + 1).trim();
      const name = ELF_TEXTS.get(key);
      if (name !== undefined) result.set(name, value);
      else if (key === "fields") fields = value.split(/\s+/).filter((field) => field !== "");
      continue;
    }
    if (fields.length === 0) throw new StatementError("invalid ELF: data entry found before #Fields directive");
    const values = elfValues(line);
    entries.push(new Map(fields.map((field, i) => [field, values[i] ?? "-"])));
  }
  if (!result.has("elf.version")) throw new StatementError("invalid ELF: missing #Version directive");
  result.set("elf.fields", fields);
  return result;
}

function elfValues(line: string): string[] {
  const values: string[] = [];
  for (const match of line.matchAll(/"((?:[^"]|"")*)("?)|([^ \t"][^ \t]*)/g)) {
    if (match[3] !== undefined) values.push(match[3]);
    else if (match[2] === "") throw new StatementError(`invalid ELF: unterminated quoted value in data line: ${quote(line)}`);
    else values.push((match[1] ?? "").replaceAll('""', '"'));
  }
  return values;
}
