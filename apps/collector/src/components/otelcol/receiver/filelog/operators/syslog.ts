import { civilOf, loadZone, UTC, type Zone } from "@invar/go-compat";
import { MalformedInput } from "../../../../../bytes/malformed-input.ts";
import { levelsOf, parseRfc5424, rfc3164Parser, type SyslogMessage } from "../../../../../signals/syslog/message.ts";
import type { Entry, EntryMap, EntryValue } from "../entry.ts";
import { EntryError } from "./operator.ts";
import { type Parse, textValue } from "./parsers.ts";
import type { Settings } from "./settings.ts";
import { likelySeconds } from "./time.ts";

// Time and severity of a message become the entry's own wherever `parse_to` points, and do not stay among its parts.

const DEFAULT_MAX_OCTETS = 8192;
const severities = [21, 19, 18, 17, 13, 10, 9, 5] as const;
const texts = ["emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"] as const;

/** Reads syslog messages of RFC 5424 or 3164, or any lines with a priority before them; framed, where that is asked for. */
export function syslogParse(settings: Settings, now: () => number): Parse {
  const protocol = settings.text("protocol").toLowerCase();
  const countsOctets = settings.bool("enable_octet_counting");
  const skipsPriority = settings.bool("allow_skip_pri_header") && !countsOctets;
  const trailer = settings.has("non_transparent_framing_trailer") ? settings.text("non_transparent_framing_trailer") : undefined;
  const maxOctets = settings.number("max_octets", 0) || DEFAULT_MAX_OCTETS;
  const zone = zoneOf(settings);
  const hasTimeOfItsOwn = settings.has("timestamp");
  if (protocol === "") settings.wrong("missing field 'protocol'");
  else if (!["rfc5424", "rfc3164", "none"].includes(protocol)) settings.wrong(`unsupported protocol version: ${protocol}`);
  if (trailer !== undefined) checkTrailer(settings, trailer, protocol, countsOctets);

  const reader = protocol === "rfc5424" ? parseRfc5424 : rfc3164Parser({ takesZeroedDays: true });
  const read = (text: string): SyslogMessage => {
    try {
      return reader(text);
    } catch (error) {
      if (error instanceof MalformedInput) throw new EntryError(error.message);
      throw error;
    }
  };
  const unframed = (text: string): string => {
    if (countsOctets) return counted(text, maxOctets);
    if (trailer !== undefined) return trailed(text, trailer === "LF" ? "\n" : "\0");
    return skipsPriority && !/<\d{1,3}>/.test(text) ? `<0>${text}` : text;
  };
  return (value, entry) => {
    const text = textValue(value, "syslog");
    if (protocol === "none") return rawParts(countsOctets ? text.replace(/^[1-9]\d*\s/, "") : text, entry);
    const message = read(unframed(text));
    if (protocol === "rfc3164" && message.text?.includes("\n") === true && !countsOctets)
      throw new EntryError("expecting a content part composed by visible characters only");
    const lacksPriority = skipsPriority && text.length > 1 && !text.startsWith("<");
    if (!hasTimeOfItsOwn) setTime(entry, message.timeMs, protocol === "rfc3164" ? zone : undefined, now);
    if (!lacksPriority) setSeverity(entry, message.priority);
    return partsOf(message, lacksPriority);
  };
}

function checkTrailer(settings: Settings, trailer: string, protocol: string, countsOctets: boolean): void {
  if (countsOctets) settings.wrong("only one of octet_counting or non_transparent_framing can be enabled");
  if (protocol !== "rfc5424") settings.wrong("non_transparent_framing is only compatible with protocol rfc5424");
  if (trailer !== "LF" && trailer !== "NUL")
    settings.wrong(`invalid non_transparent_framing_trailer '${trailer}'. Must be either 'LF' or 'NUL'`);
}

function zoneOf(settings: Settings): Zone {
  const location = settings.text("location", "UTC") || "UTC";
  try {
    return loadZone(location);
  } catch (error) {
    settings.wrong(`failed to load location ${location}: ${error instanceof Error ? error.message : String(error)}`);
    return UTC;
  }
}

/** `LENGTH MESSAGE`, once or more often; the last is what counts. */
function counted(text: string, maxOctets: number): string {
  let rest = Buffer.from(text);
  let last: string | undefined;
  while (rest.length > 0) {
    const digits = /^[1-9]\d*(?= )/.exec(rest.toString("latin1", 0, 20))?.[0];
    if (digits === undefined) throw new EntryError("found ILLEGAL, expecting a MSGLEN");
    const length = Number(digits);
    if (length > maxOctets) throw new EntryError(`message too long to parse. was size ${length}, max length ${maxOctets}`);
    const end = digits.length + 1 + length;
    if (rest.length < end)
      throw new EntryError(`found EOF after a message of ${rest.length - digits.length - 1} octets, expecting ${length}`);
    last = rest.toString("utf8", digits.length + 1, end);
    rest = rest.subarray(end);
  }
  if (last === undefined) throw new EntryError("found EOF, expecting a MSGLEN");
  return last.replace(/\r?\n$/, "");
}

/** The last of the messages; lines of files have lost their end. */
function trailed(text: string, trailer: string): string {
  const last = text.split(trailer).findLast((message) => message !== "");
  if (last === undefined) throw new EntryError("found EOF, expecting a message");
  return last;
}

function setTime(entry: Entry, timeMs: number | undefined, zone: Zone | undefined, now: () => number): void {
  if (timeMs === undefined) return;
  const seconds = Math.floor(timeMs / 1000);
  // A message of RFC 3164 has neither a year nor a zone.
  entry.seconds = zone === undefined ? seconds : likelySeconds(civilOf(seconds), zone, now);
  entry.nanos = Math.round((timeMs - seconds * 1000) * 1000) * 1000;
}

function setSeverity(entry: Entry, priority: number | undefined): void {
  if (priority === undefined) return;
  entry.severity = severities[priority & 7] ?? 0;
  entry.severityText = texts[priority & 7] ?? "";
}

function partsOf(message: SyslogMessage, lacksPriority: boolean): EntryMap {
  const parts: EntryMap = new Map();
  const put = (name: string, value: EntryValue | undefined) => {
    if (value !== undefined) parts.set(name, value);
  };
  put("hostname", message.hostname);
  put("appname", message.appName);
  put("proc_id", message.procId);
  put("msg_id", message.msgId);
  put("message", message.text);
  if (message.version !== undefined) put("version", BigInt(message.version));
  if (message.structured !== undefined)
    put("structured_data", new Map([...message.structured].map(([id, params]) => [id, new Map(params)])));
  if (!lacksPriority) putPriority(parts, message);
  return parts;
}

function putPriority(parts: EntryMap, { priority, facility }: Pick<SyslogMessage, "priority" | "facility">): void {
  if (priority === undefined) return;
  parts.set("priority", BigInt(priority));
  parts.set("facility", BigInt(priority >> 3));
  if (facility !== undefined) parts.set("facility_text", facility);
}

/** The priority stays in the text. */
function rawParts(text: string, entry: Entry): EntryMap {
  const parts: EntryMap = new Map([["message", text]]);
  const priority = /^<(\d{1,3})>/.exec(text)?.[1];
  if (priority === undefined || Number(priority) > 191) return parts;
  setSeverity(entry, Number(priority));
  putPriority(parts, levelsOf(Number(priority)));
  return parts;
}
