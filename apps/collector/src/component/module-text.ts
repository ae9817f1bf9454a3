import { any } from "./arguments.ts";

/** One text of a module, as an `import.*` block found it. */
export interface ModuleText {
  readonly name: string;
  readonly text: string;
}

/** What the definitions behind `import.*` export. */
export interface ImportExports {
  readonly modules: readonly ModuleText[];
  /** The folder that `module_path` names inside the module. */
  readonly path: string;
}

export const importExports = {
  modules: { type: any, doc: "The texts of the module." },
  path: { type: any, doc: "The folder that holds the module." },
};
