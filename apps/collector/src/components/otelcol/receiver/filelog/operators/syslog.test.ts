import assert from "node:assert/strict";
import { test } from "node:test";
import { Entry } from "../entry.ts";
import { Pipeline } from "./pipeline.ts";
import type { Plain } from "./settings.ts";

const NOW = Date.UTC(2024, 6, 15);

/** `2024-07-14T10:00:00.000Z 17 host app[proc]: text`, or what went wrong. */
function read(line: string, settings: Readonly<Record<string, Plain>>): string {
  let problem = "";
  const options = {
    now: () => NOW,
    random: () => 0,
    report: (message: string) => assert.fail(message),
    failed: (_: string, message: string) => {
      problem = message;
    },
    dropped: () => {},
  };
  const entry = new Entry(line, 0);
  new Pipeline([{ type: "syslog_parser", protocol: "rfc3164", ...settings }], options, () => {}).process(entry);
  if (problem !== "") return problem;
  const { attributes, seconds, severity } = entry;
  const at = seconds === undefined ? "-" : new Date(seconds * 1000).toISOString();
  const of = (name: string) => String(attributes.get(name) ?? "-");
  return `${at} ${severity} ${of("hostname")} ${of("appname")}[${of("proc_id")}]: ${of("message")}`;
}

const cases: [line: string, settings: Readonly<Record<string, Plain>>, answer: string][] = [
  ["<11>Jul 14 10:00:00 web app[7]: text", {}, "2024-07-14T10:00:00.000Z 17 web app[7]: text"],
  ["<11>Jul  4 10:00:00 web text", {}, "2024-07-04T10:00:00.000Z 17 web -[-]: text"],
  ["<11>Jul 04 10:00:00 web text", {}, "2024-07-04T10:00:00.000Z 17 web -[-]: text"],
  // More than a week ahead is of the year before.
  ["<11>Jul 20 10:00:00 web text", {}, "2024-07-20T10:00:00.000Z 17 web -[-]: text"],
  ["<11>Dec 20 10:00:00 web text", {}, "2023-12-20T10:00:00.000Z 17 web -[-]: text"],
  ["<11>Jul 14 10:00:00 web text", { location: "America/New_York" }, "2024-07-14T14:00:00.000Z 17 web -[-]: text"],
  ["Jul 14 10:00:00 web text", { allow_skip_pri_header: true }, "2024-07-14T10:00:00.000Z 0 web -[-]: text"],
  ["29 <11>Jul 14 10:00:00 web a\nbcd", { enable_octet_counting: true }, "2024-07-14T10:00:00.000Z 17 web -[-]: a\nbcd"],
  ["28 <11>Jul 14 10:00:00 web abc\n", { enable_octet_counting: true }, "2024-07-14T10:00:00.000Z 17 web -[-]: abc"],
  ["<11>Jul 14 10:00:00 web a\nbc", {}, "expecting a content part composed by visible characters only"],
  ["text", {}, "expecting a message as RFC 3164 has it: <priority>time host tag: text"],
];
for (const [line, settings, answer] of cases)
  test(`reads ${JSON.stringify(line)} ${JSON.stringify(settings)}`, () => assert.equal(read(line, settings), answer));
