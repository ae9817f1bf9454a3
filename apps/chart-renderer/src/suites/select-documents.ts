import { GoError, type GoMap, type GoValue } from "@invar/go-compat";
import { equals } from "./equals.ts";
import { parsePath } from "./path.ts";

/** Picks documents by a value in them. */
export interface DocumentSelector {
  readonly path: string;
  /** Null: any, where the path leads to something. */
  readonly value: GoValue;
  readonly matchesMany: boolean;
  readonly skipsEmptyTemplates: boolean;
}

export type DocumentsByTemplate = ReadonlyMap<string, readonly GoMap[] | undefined>;

/** Reads a `documentSelector`. Throws `GoError`. */
export function parseSelector(map: GoMap): DocumentSelector {
  const path = map.get("path");
  if (typeof path !== "string") throw new GoError("empty 'documentSelector.path' not supported");
  return {
    path,
    value: map.get("value") ?? null,
    matchesMany: map.get("matchMany") === true,
    skipsEmptyTemplates: map.get("skipEmptyTemplates") === true,
  };
}

/** The documents of each template that the selector means. Throws `GoError` where it means none, or more than it may. */
export function selectDocuments(selector: DocumentSelector, documents: DocumentsByTemplate): Map<string, GoMap[]> {
  const { matchesMany, skipsEmptyTemplates } = selector;
  const found = new Map<string, GoMap[]>();
  let count = 0;
  for (const [template, all] of documents) {
    const matching = (all ?? []).filter((document) => isMatch(selector, document));
    count += matching.length;
    if (!matchesMany && matching.length > 1) throw new GoError("multiple indexes found");
    if (matching.length === 0 && !skipsEmptyTemplates) throw new GoError("document not found");
    if (!matchesMany && count > 1) throw new GoError("multiple indexes found");
    if (matching.length > 0 || !skipsEmptyTemplates) found.set(template, matching);
  }
  return found;
}

function isMatch({ path, value }: DocumentSelector, document: GoMap): boolean {
  return parsePath(path)(document).some((found) => value === null || equals(value, found));
}
