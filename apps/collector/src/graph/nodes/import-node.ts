import { blockName, type Diagnostic, parse } from "@invar/alloy-syntax";
import type { Definition } from "../../component/definition.ts";
import type { ImportExports, ModuleText } from "../../component/module-text.ts";
import type { ModuleFile, PlannedNode } from "../plan.ts";
import type { ImportedModule, Surroundings, Template } from "../surroundings.ts";
import { ComponentNode } from "./component-node.ts";
import type { GraphNode, Health, NodeHost, Place } from "./node.ts";

/** `import.file "ns"` and its like: a component whose export is text, and the custom components that the text declares. */
export class ImportNode implements GraphNode {
  readonly exportTypes = undefined;
  readonly exports = undefined;
  readonly #component: ComponentNode;
  readonly #host: NodeHost;
  readonly #surroundings: Surroundings;
  #module: ImportedModule | null = null;
  #broken: Health | undefined;
  #committed = false;

  constructor(planned: PlannedNode, definition: Definition, host: NodeHost, surroundings: Surroundings) {
    this.#host = host;
    this.#surroundings = surroundings;
    this.#component = new ComponentNode(planned, definition, { ...host, exportsChanged: () => this.#contentChanged() });
  }

  get planned(): PlannedNode {
    return this.#component.planned;
  }

  /** The custom components that it brings; null as long as there is no content. */
  get module(): ImportedModule | null {
    return this.#module;
  }

  async prepare(planned: PlannedNode, place: Place, diagnostics: Diagnostic[]): Promise<void> {
    const before = diagnostics.length;
    await this.#component.prepare(planned, place, diagnostics);
    if (diagnostics.length > before || this.#module !== null) return;
    this.#module = this.#read(diagnostics);
  }
  async commit(): Promise<void> {
    this.#committed = true;
    await this.#component.commit();
  }
  abandon(): Promise<void> {
    return this.#component.abandon();
  }
  start(): Promise<void> {
    return this.#component.start();
  }
  stop(deadline: AbortSignal): Promise<void> {
    return this.#component.stop(deadline);
  }
  health(): Health {
    return this.#broken ?? this.#component.health();
  }
  evaluationFailed(diagnostics: readonly Diagnostic[]): void {
    this.#component.evaluationFailed(diagnostics);
  }

  #contentChanged(): void {
    if (!this.#committed) return;
    const diagnostics: Diagnostic[] = [];
    const module = this.#read(diagnostics);
    const errors = diagnostics.filter((diagnostic) => diagnostic.severity === "error");
    if (errors.length > 0) {
      const message = `the new content was not taken: ${errors.map((diagnostic) => diagnostic.message).join("; ")}`;
      this.#broken = { state: "unhealthy", message, updatedMs: this.#host.process.now() };
      this.#host.process.log.error("an imported module changed into something that can't be read; the last one stays", {
        node: this.planned.id,
        err: message,
      });
      return;
    }
    this.#broken = undefined;
    this.#module = module;
    this.#host.exportsChanged(this);
  }

  #read(diagnostics: Diagnostic[]): ImportedModule {
    const { modules, path } = this.#component.exports as unknown as ImportExports;
    return readModule(modules, path, this.#surroundings, diagnostics);
  }
}

/** Reads the texts of a module: only declarations and further imports may stand there. */
export function readModule(texts: readonly ModuleText[], path: string, outer: Surroundings, diagnostics: Diagnostic[]): ImportedModule {
  const files: ModuleFile[] = [];
  for (const { name, text } of texts) {
    const parsed = parse({ name, text });
    diagnostics.push(...parsed.diagnostics);
    files.push(parsed.file);
  }
  const templates = new Map<string, Template>();
  const surroundings: Surroundings = {
    ...outer,
    isModule: true,
    templates,
    variables: new Map([["module_path", path]]),
    unknownVariables: new Set(),
  };
  for (const { source, body } of files)
    for (const statement of body) {
      const name = statement.kind === "block" ? blockName(statement) : statement.name.text;
      if (statement.kind === "block" && name === "declare" && statement.label !== undefined) {
        const label = statement.label.text;
        templates.set(label, { name: label, source, body: [...imports(files), ...statement.body], surroundings });
      } else if (!isImport(name)) {
        const message = `only declare and import blocks are allowed in a module, got ${JSON.stringify(name)}`;
        diagnostics.push({
          severity: "error",
          code: "module.block",
          message,
          source,
          span: { start: statement.start, end: statement.end },
        });
      }
    }
  return { templates };
}

/** A module's own imports belong to each of its custom components: every instance has them as nodes of its own. */
function imports(files: readonly ModuleFile[]): ModuleFile["body"] {
  return files.flatMap(({ body }) => body.filter((statement) => statement.kind === "block" && isImport(blockName(statement))));
}

function isImport(name: string): boolean {
  return name.startsWith("import.");
}
