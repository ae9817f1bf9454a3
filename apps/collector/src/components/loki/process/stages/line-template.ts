import { createRequire } from "node:module";
import type { GoMap } from "@invar/go-compat";

export interface LineTemplate {
  /** False where the template says the same whatever the line. */
  readonly readsData: boolean;
  /** Undefined where the template fails with this data. */
  execute(data: GoMap): string | undefined;
}

const load = createRequire(import.meta.url);

// The template language and its functions are half of the code of loki.process; few configurations use them.
const loadTemplates = () => load("./parsed-template.ts") as typeof import("./parsed-template.ts");

export function compileTemplate(source: string): LineTemplate {
  if (!source.includes("{{")) return { readsData: false, execute: () => source };
  return { readsData: true, execute: loadTemplates().parsedTemplate(source) };
}

export function templateFault(source: string): string | undefined {
  return source.includes("{{") ? loadTemplates().faultIn(source) : undefined;
}
