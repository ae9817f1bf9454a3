import { TemplateError, type TemplateErrorPlace } from "@invar/go-template";
import { ChartError } from "../chart/chart.ts";

/** An error of a running template: Helm's text, and the places from the outermost template to the cause. */
export class TemplateProblem extends ChartError {
  readonly places: readonly TemplateErrorPlace[];
  readonly excerpt: string;

  constructor(message: string, cause: unknown, sources: ReadonlyMap<string, string>) {
    super(message, { cause });
    this.places = placesOf(cause);
    this.excerpt = excerptOf(this.places.at(-1), sources);
  }
}

// An endless chain of includes has a thousand places; the innermost tell enough.
const MAX_PLACES = 20;

function placesOf(cause: unknown): TemplateErrorPlace[] {
  const places: TemplateErrorPlace[] = [];
  for (let error = cause; error instanceof Error; error = error.cause) if (error instanceof TemplateError) places.push(error.place);
  return places.slice(-MAX_PLACES);
}

function excerptOf(place: TemplateErrorPlace | undefined, sources: ReadonlyMap<string, string>): string {
  if (place === undefined) return "";
  const line = sources.get(place.source)?.split("\n")[place.line - 1];
  return line === undefined ? "" : `${place.line} | ${line.trimEnd()}`;
}
