import { elementsOf, entriesOf, type GoValue, rawOf } from "@invar/go-compat";
import { writeYaml } from "../yaml/write.ts";
import type { FieldChange, ObjectChange } from "./compare-objects.ts";
import type { RenderedObject } from "./objects.ts";
import { unifiedDifference } from "./unified-difference.ts";

const SIGNS = { added: "+", removed: "-", changed: "~" } as const;

/** The changes for people, with a line of counts at the end; nothing where nothing changed. */
export function differenceText(changes: readonly ObjectChange[]): string {
  if (changes.length === 0) return "";
  const count = (kind: ObjectChange["change"]): number => changes.filter(({ change }) => change === kind).length;
  const blocks = changes.map(({ change, object, fields }) =>
    [`${SIGNS[change]} ${title(object)}`, ...fields.flatMap(fieldLines)].join("\n"),
  );
  return `${blocks.join("\n")}\n${count("changed")} changed, ${count("added")} added, ${count("removed")} removed\n`;
}

/** The same for programs. */
export function differenceJson(changes: readonly ObjectChange[]): string {
  const objects = changes.map(({ change, object: { apiVersion, kind, namespace, name, template }, fields }) => ({
    change,
    apiVersion,
    kind,
    ...(namespace === "" ? {} : { namespace }),
    name,
    ...(template === "" ? {} : { template }),
    fields: fields.map((field) => ({
      change: field.change,
      path: field.path,
      ...(field.before === undefined ? {} : { before: plain(field.before) }),
      ...(field.after === undefined ? {} : { after: plain(field.after) }),
    })),
  }));
  return `${JSON.stringify({ objects }, undefined, 2)}\n`;
}

function title({ apiVersion, kind, namespace, name, template }: RenderedObject): string {
  const owner = namespace === "" ? name : `${namespace}/${name}`;
  return `${kind} ${owner} (${apiVersion})${template === "" ? "" : `  # ${template}`}`;
}

function fieldLines(field: FieldChange): string[] {
  const { change, path, before, after } = field;
  if (change === "changed" && isLong(before) && isLong(after)) {
    // The first two lines would name files that there are none of.
    const lines = unifiedDifference(before, after).trimEnd().split("\n").slice(2);
    return [`    ~ ${path}:`, ...lines.map((line) => `        ${line}`)];
  }
  if (change === "changed") return [`    ~ ${path}: ${inline(before)} → ${inline(after)}`];
  const value = change === "added" ? after : before;
  const text = writeYaml(value ?? null).trimEnd();
  if (!text.includes("\n")) return [`    ${SIGNS[change]} ${path}: ${text}`];
  return [`    ${SIGNS[change]} ${path}:`, ...text.split("\n").map((line) => `        ${line}`)];
}

function isLong(value: GoValue | undefined): value is string {
  return typeof value === "string" && value.includes("\n");
}

function inline(value: GoValue | undefined): string {
  return JSON.stringify(plain(value ?? null));
}

function plain(value: GoValue): unknown {
  const elements = elementsOf(value);
  if (elements !== undefined) return elements.map(plain);
  const entries = entriesOf(value);
  if (entries !== undefined) return Object.fromEntries([...entries].map(([key, one]) => [key, plain(one)]));
  const raw = rawOf(value);
  return typeof raw === "bigint" ? Number(raw) : raw;
}
