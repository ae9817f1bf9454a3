import type { Body, ObjectValue, Source, Value } from "@invar/alloy-syntax";
import type { Report, Schema, Stability } from "../component/arguments.ts";
import type { Definition } from "../component/definition.ts";

/** A `declare` block, or one that a module brought in: the body of a custom component and the names that its text may use. */
export interface Template {
  readonly name: string;
  readonly source: Source;
  readonly body: Body;
  readonly surroundings: Surroundings;
}

/** The content of an `import.*` block, once it is known. */
export interface ImportedModule {
  readonly templates: ReadonlyMap<string, Template>;
}

/** A block of the root configuration that sets up a service of the process: `logging`, `http`, … */
export interface ServiceBlock {
  readonly name: string;
  readonly labelled?: true;
  readonly stability: Stability;
  readonly schema: Schema & { readonly check?: (args: never, report: Report) => void };
  /** The arguments of an empty block, for a configuration without one; undefined where absence means that the service is off as it is. */
  readonly defaults?: Readonly<Record<string, unknown>>;
  /** Throws where it can't and goes on as before. */
  apply(args: Readonly<Record<string, unknown>>): void | Promise<void>;
}

/** Definitions by name. `get` may have to read the component's code. */
export interface Definitions {
  has(name: string): boolean;
  get(name: string): Definition | undefined;
  keys(): Iterable<string>;
}

/** What is the same in every module of a process. */
export interface Vocabulary {
  readonly components: Definitions;
  /** `import.file` and its like: definitions whose export `modules` is the text to import. */
  readonly imports: Definitions;
  readonly serviceBlocks: ReadonlyMap<string, ServiceBlock>;
  readonly stability: Stability;
  readonly library: ObjectValue;
}

/** What a module's text sees from outside itself. */
export interface Surroundings {
  readonly vocabulary: Vocabulary;
  /** Modules may have arguments and exports, and no service blocks. */
  readonly isModule: boolean;
  /** Names besides the standard library: a foreach's variable, `module_path`. */
  readonly variables: ReadonlyMap<string, Value>;
  readonly templates: ReadonlyMap<string, Template>;
  /** Looks up an import namespace of an enclosing module; undefined where there is none, null where its content is not known (yet). */
  importedBy(namespace: string): ImportedModule | null | undefined;
  /** Names of variables that have a value only at run time. */
  readonly unknownVariables: ReadonlySet<string>;
}
