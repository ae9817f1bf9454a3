import { readFileSync } from "node:fs";

/** What a component or block of the collector's language may hold. */
export interface Inside {
  readonly arguments?: readonly CatalogueArgument[];
  readonly blocks?: readonly CatalogueBlock[];
}

export interface CatalogueArgument {
  readonly name: string;
  readonly type: string;
  /** Of an enumeration. */
  readonly values?: readonly string[];
  readonly required?: boolean;
}

export interface CatalogueBlock extends Inside {
  readonly name: string;
  /** Whether it holds itself, however deep. */
  readonly recursive?: boolean;
}

export interface CatalogueComponent extends Inside {
  readonly name: string;
}

let loaded: ReadonlyMap<string, CatalogueComponent> | undefined;

/** The collector's components by name, as `invar catalogue` writes them. */
export function catalogue(): ReadonlyMap<string, CatalogueComponent> {
  if (loaded !== undefined) return loaded;
  const text = readFileSync(new URL("./catalogue.json", import.meta.url), "utf8");
  const { components } = JSON.parse(text) as { components: readonly CatalogueComponent[] };
  loaded = new Map(components.map((component) => [component.name, component]));
  return loaded;
}
