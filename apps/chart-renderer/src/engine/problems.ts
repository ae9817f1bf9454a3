import { GoError } from "@invar/go-compat";
import { TemplateError, type TemplateErrorPlace } from "@invar/go-template";
import type { Finding, Place } from "../finding.ts";
import { type HelmVersion, isHelm4 } from "../helm-version.ts";
import { warningIn } from "./functions.ts";
import { tracedMessage } from "./traced-message.ts";

/** The finding for a template that Go cannot parse. Anything but a `GoError` is thrown again. */
export function parseFinding(name: string, source: string, error: unknown): Finding {
  if (!(error instanceof GoError)) throw error;
  const parts = error.message.split(": ");
  const message =
    parts.length === 1 ? `parse error in (${name}): ${error.message}` : `parse error at (${parts[1]}): ${parts.slice(-1).join(": ")}`;
  const line = Number(/:(\d+)$/.exec(parts[1] ?? "")?.[1] ?? 0);
  return { rule: "helm/parse", severity: "error", message, ...placed({ file: name, line }, source) };
}

/** The finding for a template that failed while it ran. Anything but a `GoError` is thrown again. */
export function runFinding(error: unknown, sources: ReadonlyMap<string, string>, helmVersion: HelmVersion): Finding {
  if (!(error instanceof GoError)) throw error;
  const [, location, ...rest] = error.message.split(": ");
  const warning = error instanceof TemplateError ? warningIn(rest.join(": ")) : undefined;
  const plain = isHelm4(helmVersion) && error instanceof TemplateError ? tracedMessage(error) : error.message;
  const message = warning === undefined ? plain : `execution error at (${location}): ${warning}`;
  const stack = stackOf(error);
  // Texts that pass through `tpl` are in no file: the last place that is, leads there.
  const place = stack.findLast(({ file }) => sources.has(file)) ?? stack.at(-1);
  const rule = isOutOfStack(error) ? "helm/depth" : "helm/execute";
  if (place === undefined) return { rule, severity: "error", message };
  const valuesKey = valuesKeyOf(stack, place, sources);
  return {
    rule,
    severity: "error",
    message,
    ...placed(place, sources.get(place.file) ?? ""),
    stack,
    ...(valuesKey === undefined ? {} : { valuesKey }),
  };
}

/** Whether our own stack ended, before any limit of Go or Helm. */
function isOutOfStack(cause: unknown): boolean {
  for (let error = cause; error instanceof Error; error = error.cause) if (error instanceof RangeError) return true;
  return false;
}

// An endless chain of includes has a thousand places; the innermost tell enough.
const MAX_PLACES = 20;

function stackOf(cause: unknown): Place[] {
  const places: Place[] = [];
  for (let error = cause; error instanceof Error; error = error.cause)
    if (error instanceof TemplateError) places.push(placeOf(error.place));
  return places.slice(-MAX_PLACES);
}

function placeOf({ source, line, column, expression }: TemplateErrorPlace): Place {
  return { file: source, line, column, expression };
}

function placed(place: Place, source: string): Pick<Finding, "place" | "excerpt"> {
  if (place.line === 0) return {};
  const excerpt = source.split("\n")[place.line - 1]?.trimEnd();
  return { place, ...(excerpt === undefined ? {} : { excerpt }) };
}

const VALUES_PATH = /\.Values((?:\.[A-Za-z_][A-Za-z_0-9]*)+)/;

/** The values that the failing expression reads, or its line where the expression names none. */
function valuesKeyOf(stack: readonly Place[], place: Place, sources: ReadonlyMap<string, string>): string | undefined {
  const line = sources.get(place.file)?.split("\n")[place.line - 1] ?? "";
  for (const text of [stack.at(-1)?.expression ?? "", place.expression ?? "", line]) {
    const path = VALUES_PATH.exec(text)?.[1];
    if (path !== undefined) return chartKey(place.file) + path.slice(1);
  }
  return undefined;
}

/** What leads from the root's values to those of the chart that a template belongs to. */
function chartKey(file: string): string {
  const names = file.split("/charts/").slice(1);
  return names.map((name) => `${name.split("/")[0]}.`).join("");
}
