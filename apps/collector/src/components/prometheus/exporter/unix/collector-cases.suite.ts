import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";

/**
 * A host in text, and what a collector says of it. A file in `cases/` is named after its collector and has any number of cases:
 *
 *     @@ case counts entries by device
 *     @@ proc/net/arp                      a file, its lines below
 *     @@ sys/class/net/eth0/mtu = 1500     a file of one line
 *     @@ sys/class/net/eth0 -> ../eth      a link
 *     @@ sys/class/empty/                  a folder
 *     @@ same host                         all files of the case before
 *     @@ arguments                         of the component, below
 *     @@ flags --collector.arp.…           the same for the node exporter
 *     @@ differs REASON                    why the node exporter's page is another one
 *     @@ page                              the samples, below
 *
 * ROOT stands for the folder in which the host is.
 */
export interface CollectorCase {
  readonly collector: string;
  readonly title: string;
  readonly entries: readonly Entry[];
  readonly arguments: string;
  readonly flags: readonly string[];
  readonly differs: string | undefined;
  /** Ordered lines, without those that describe metrics to people. */
  readonly page: readonly string[];
}

interface Entry {
  readonly path: string;
  readonly kind: "file" | "link" | "folder";
  readonly content: string;
}

/** When every file of a host was changed. */
const changedSeconds = 1_700_000_000;

const folder = join(import.meta.dirname, "cases");

export function collectorCases(): CollectorCase[] {
  return readdirSync(folder).flatMap((file) => casesOf(basename(file, ".txt"), readFileSync(join(folder, file), "utf8")));
}

/** Makes the host of a case, in a new folder or in one that `remove` empties again; the returned path is ROOT. */
export function makeHost({ entries }: Pick<CollectorCase, "entries">, place?: string): { readonly root: string; remove(): void } {
  const root = place ?? mkdtempSync(join(tmpdir(), "invar-host-"));
  for (const name of ["proc", "sys", "udev"]) mkdirSync(join(root, name), { recursive: true });
  for (const { path, kind, content } of entries) {
    const at = join(root, path);
    mkdirSync(kind === "folder" ? at : dirname(at), { recursive: true });
    if (kind === "link") symlinkSync(content, at);
    else if (kind === "file") {
      writeFileSync(at, content);
      utimesSync(at, changedSeconds, changedSeconds);
    }
  }
  const remove = () => {
    if (place === undefined) rmSync(root, { recursive: true });
    else for (const name of readdirSync(root)) rmSync(join(root, name), { recursive: true });
  };
  return { root, remove };
}

/** A page in the form of `CollectorCase.page`: without help, times and the exporter's own metrics, numbers and labels in one way of writing. */
export function comparable(page: string, root: string): string[] {
  const lines = page.split("\n").filter((line) => line !== "" && !line.startsWith("# HELP"));
  return lines
    .filter((line) => !ofEachLook.test(line))
    .map((line) => (line.startsWith("#") ? line : sampleLine(line)).replaceAll(root, "ROOT"))
    .sort();
}

/** What is different at each look, or in another program. */
const ofEachLook =
  /^(# TYPE )?(go_|process_|promhttp_|node_exporter_build_info|node_scrape_collector_duration|node_time_(seconds|zone))|^# TYPE node_scrape/;

function sampleLine(line: string): string {
  const blank = line.lastIndexOf(" ");
  const [, name = "", written] = /^([^{]+)(?:\{(.*)\})?$/.exec(line.slice(0, blank)) ?? [];
  const labels = [...(written ?? "").matchAll(/\w+="(?:[^"\\]|\\.)*"/g)].map(([label]) => label).filter((label) => !label.endsWith('=""'));
  const number = Number(line.slice(blank + 1).replace(/Inf$/, "Infinity"));
  // The reference multiplies where this one divides: the last digits may differ.
  const value = Number.isSafeInteger(number) ? number : Number(number.toPrecision(14));
  return `${name}${labels.length === 0 ? "" : `{${labels.sort().join(",")}}`} ${value}`;
}

function casesOf(collector: string, text: string): CollectorCase[] {
  const cases: CollectorCase[] = [];
  for (const part of text.split(/^@@ case /m).slice(1)) {
    const title = part.slice(0, part.indexOf("\n"));
    let found: CollectorCase = { collector, title, entries: [], arguments: "", flags: [], differs: undefined, page: [] };
    for (const directive of part.split(/^@@ /m).slice(1)) found = withDirective(found, directive, cases.at(-1));
    cases.push(found);
  }
  return cases;
}

function withDirective(found: CollectorCase, directive: string, before: CollectorCase | undefined): CollectorCase {
  const end = directive.indexOf("\n");
  const head = directive.slice(0, end);
  const body = directive.slice(end + 1);
  const [, word = "", rest = ""] = /^(\S+)(?: (.*))?$/.exec(head) ?? [];
  const file = (kind: Entry["kind"], content: string) => ({ ...found, entries: [...found.entries, { path: word, kind, content }] });
  if (head === "same host") return { ...found, entries: [...(before?.entries ?? []), ...found.entries] };
  if (head === "arguments") return { ...found, arguments: body };
  if (head === "page") return { ...found, page: comparable(body, "ROOT") };
  if (word === "flags") return { ...found, flags: rest.split(" ") };
  if (word === "differs") return { ...found, differs: rest };
  if (word.endsWith("/")) return file("folder", "");
  if (rest.startsWith("-> ")) return file("link", rest.slice(3));
  return file("file", rest.startsWith("= ") ? `${rest.slice(2)}\n` : body);
}
