import { MalformedInput } from "../../bytes/malformed-input.ts";

export type SyslogFormat = "rfc5424" | "rfc3164" | "raw";

/** What a message tells; undefined: it does not. */
export interface SyslogMessage {
  readonly priority: number | undefined;
  /** Of RFC 5424. */
  readonly version?: number;
  readonly severity: string | undefined;
  readonly facility: string | undefined;
  readonly hostname?: string | undefined;
  readonly appName?: string | undefined;
  readonly procId?: string | undefined;
  readonly msgId?: string | undefined;
  readonly counter?: string | undefined;
  readonly sequence?: string | undefined;
  /** By id, then by name. */
  readonly structured?: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** Milliseconds since the epoch, with fractions. */
  readonly timeMs?: number | undefined;
  /** Undefined: there is none. */
  readonly text: string | undefined;
}

export interface CiscoParts {
  readonly counter: boolean;
  readonly sequence: boolean;
  readonly hostname: boolean;
  readonly fractions: boolean;
}

const severities = ["emergency", "alert", "critical", "error", "warning", "notice", "informational", "debug"];
const facilities = [
  ..."kern user mail daemon auth syslog lpr news uucp cron authpriv ftp ntp security console cron2".split(" "),
  ...Array.from({ length: 8 }, (_, i) => `local${i}`),
];
const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

const rfc5424 =
  /^<(?<pri>0|[1-9]\d{0,2})>(?<version>[1-9]\d{0,2}) (?<time>-|\S+) (?<host>[!-~]{1,255}) (?<app>[!-~]{1,48}) (?<proc>[!-~]{1,128}) (?<msg>[!-~]{1,32}) (?<rest>[\s\S]*)$/;
const rfc3339 = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(\.\d{1,6})?(?:Z|([+-])(\d\d):(\d\d))$/;
const structuredParam = /\s*([^\s=\]"]{1,32})="((?:[^"\\\]]|\\[\s\S])*)"/y;

/** Reads a message of RFC 5424. Throws `MalformedInput`. */
export function parseRfc5424(line: string): SyslogMessage {
  const found = rfc5424.exec(line)?.groups;
  if (found === undefined)
    throw new MalformedInput("expecting a message as RFC 5424 has it: <priority>version time host app process id structured-data");
  const { pri = "", version = "", time = "-", host = "-", app = "-", proc = "-", msg = "-", rest = "" } = found;
  const [structured, end] = structuredData(rest);
  const text = rest.slice(end);
  if (text !== "" && !text.startsWith(" ")) throw new MalformedInput("expecting a space behind the structured data");
  return {
    ...priorityOf(pri),
    version: Number(version),
    hostname: orNone(host),
    appName: orNone(app),
    procId: orNone(proc),
    msgId: orNone(msg),
    ...(structured !== undefined && { structured }),
    timeMs: time === "-" ? undefined : rfc3339Ms(time),
    text: text.length <= 1 ? undefined : text.slice(1),
  };
}

const months3 = months.join("|");
const clock = "(?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(?<fraction>\\.\\d{1,6})?";
const stamp = (day: string) => `(?<time>(?:${months3}) (?:${day}) ${clock})`;
const tag = "(?:(?<tag>[!-9;-Z\\\\-~]{1,48})(?:\\[(?<content>[^\\[\\]]*)\\])?: )?";
const body = ` +(?:(?<host>[!-9;-~]{1,255}) +)?${tag}(?<text>[\\s\\S]+?)\\n?$`;

export interface Rfc3164Options {
  readonly cisco?: CiscoParts | undefined;
  /** A stamp has no year: it is year 0 unless one is given. */
  readonly yearOf?: ((month: number) => number) | undefined;
  /** Whether days may be written as `05`, besides ` 5`. */
  readonly takesZeroedDays?: boolean;
}

/** Makes a reader of messages of RFC 3164; with Cisco's parts where they are told of. The reader throws `MalformedInput`. */
export function rfc3164Parser({ cisco, yearOf, takesZeroedDays = false }: Rfc3164Options): (line: string) => SyslogMessage {
  const extras = cisco !== undefined && (cisco.counter || cisco.sequence || cisco.hostname);
  const pattern = new RegExp(
    [
      "^<(?<pri>0|[1-9]\\d{0,2})> *",
      cisco?.counter === true ? "(?<counter>\\d*): *" : "",
      cisco?.sequence === true ? "(?<sequence>\\d+): *" : "",
      cisco?.hostname === true ? "(?:(?<origin>[!-9;-~]{1,255}): *)?" : "",
      extras ? "\\*?" : "",
      stamp(`${takesZeroedDays ? "[ 0]" : " "}[1-9]|[12]\\d|3[01]`),
      extras ? ":?" : "",
      body,
    ].join(""),
  );
  return (line) => {
    const found = pattern.exec(line)?.groups;
    if (found === undefined) throw new MalformedInput("expecting a message as RFC 3164 has it: <priority>time host tag: text");
    if (found.fraction !== undefined && cisco?.fractions !== true)
      throw new MalformedInput("expecting a Stamp timestamp without fractions of seconds");
    return {
      ...priorityOf(found.pri ?? ""),
      hostname: found.origin ?? found.host,
      appName: found.tag,
      procId: found.content,
      counter: found.counter === "" ? undefined : found.counter,
      sequence: found.sequence,
      timeMs: stampMs(found.time ?? "", yearOf),
      text: found.text,
    };
  };
}

/** Takes a line as it is, but for a priority before it. */
export function parseRaw(line: string): SyslogMessage {
  const [, pri = "", rest = ""] = /^<(\d{1,3})>([\s\S]*)$/.exec(line) ?? [];
  const isPriority = pri !== "" && Number(pri) <= 255;
  const text = (isPriority ? rest : line).trim();
  const priority = isPriority ? levelsOf(Number(pri)) : { priority: undefined, severity: undefined, facility: undefined };
  return { ...priority, text: text === "" ? undefined : text };
}

type Levels = Pick<SyslogMessage, "priority" | "severity" | "facility">;

function priorityOf(text: string): Levels {
  const priority = Number(text);
  if (priority > 191) throw new MalformedInput("expecting a priority value in the range 1-191 or equal to 0");
  return levelsOf(priority);
}

/** What a priority says. */
export function levelsOf(priority: number): Levels {
  return { priority, severity: severities[priority & 7], facility: facilities[priority >> 3] };
}

function orNone(text: string): string | undefined {
  return text === "-" ? undefined : text;
}

/** The elements, and where they end. */
function structuredData(text: string): [ReadonlyMap<string, ReadonlyMap<string, string>> | undefined, number] {
  if (text.startsWith("-")) return [undefined, 1];
  const elements = new Map<string, ReadonlyMap<string, string>>();
  let at = 0;
  while (text[at] === "[") {
    const id = /^[^\s=\]"]{1,32}/.exec(text.slice(at + 1, at + 34))?.[0];
    if (id === undefined) throw new MalformedInput("expecting a structured data element id");
    at += 1 + id.length;
    const params = new Map<string, string>();
    for (;;) {
      structuredParam.lastIndex = at;
      const param = structuredParam.exec(text);
      if (param === null) break;
      params.set(param[1] as string, (param[2] as string).replace(/\\(["\\\]])/g, "$1"));
      at = structuredParam.lastIndex;
    }
    if (text[at] !== "]") throw new MalformedInput("expecting a structured data parameter, or the end of the element");
    if (elements.has(id)) throw new MalformedInput("duplicate structured data element id");
    elements.set(id, params);
    at++;
  }
  if (elements.size === 0) throw new MalformedInput("expecting a structured data section");
  return [elements, at];
}

function rfc3339Ms(text: string): number {
  const [, year, month, day, hour, minute, second, fraction = "", sign, zoneHour = "0", zoneMinute = "0"] = rfc3339.exec(text) ?? [];
  if (year === undefined) throw new MalformedInput("expecting a RFC3339MICRO timestamp or a nil value");
  const base = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
  const offset = (Number(zoneHour) * 60 + Number(zoneMinute)) * 60_000;
  return base - (sign === "-" ? -offset : offset) + Number(fraction === "" ? 0 : fraction) * 1000;
}

/** A stamp has no year: it is year 0 unless one is given. */
function stampMs(text: string, yearOf: ((month: number) => number) | undefined): number {
  const [, month = "", day, hour, minute, second, fraction = "0"] = /^(\w{3}) +(\d+) (\d\d):(\d\d):(\d\d)(\.\d+)?$/.exec(text) ?? [];
  const number = months.indexOf(month);
  const date = new Date(Date.UTC(2000, number, Number(day), Number(hour), Number(minute), Number(second)));
  date.setUTCFullYear(yearOf?.(number) ?? 0);
  return date.getTime() + Number(fraction) * 1000;
}
