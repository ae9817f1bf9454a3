import { type Diagnostic, EvaluationError, type ObjectValue, type Value } from "@invar/alloy-syntax";
import type { Decoded } from "../component/arguments.ts";
import { didYouMean } from "../component/did-you-mean.ts";
import type { ImportExports } from "../component/module-text.ts";
import { decodeNode, decodePart, evaluateIn, type Lookup, type NodeExports } from "./evaluate.ts";
import { nodeAt } from "./node-at.ts";
import { readModule } from "./nodes/import-node.ts";
import { argumentSchema, exportSchema, foreachSchema } from "./nodes/schemas.ts";
import { type ModuleFile, type Plan, type PlannedNode, planModule, templateBlock } from "./plan.ts";
import type { ImportedModule, Surroundings, Template } from "./surroundings.ts";

/** Reads the module of an `import.*` block without starting it; undefined where that needs the network. Throws where it can't be read. */
export type ReadImport = (name: string, args: Readonly<Record<string, unknown>>) => ImportExports | undefined;

/**
 * Finds everything in a configuration that can be known before it runs, and runs nothing. What it accepts, starts, unless the
 * surroundings (ports, files, network) stand against it.
 */
export function checkConfiguration(files: readonly ModuleFile[], surroundings: Surroundings, readImport: ReadImport): Diagnostic[] {
  const checking = new Checking(readImport);
  checking.module(files, surroundings, () => undefined, new Map(), []);
  return checking.findings();
}

/** An argument's value as far as it is known: undefined while it is not. */
type Given = ReadonlyMap<string, Value | undefined> | "unknown";

/** More blocks than this, all custom components spelled out, are a mistake or an attack. */
const mostNodes = 100_000;
/** Items of a foreach that are checked one by one; the rest is like them. */
const mostItems = 100;

class Checking {
  readonly #readImport: ReadImport;
  readonly #diagnostics: Diagnostic[] = [];
  #nodes = 0;

  constructor(readImport: ReadImport) {
    this.#readImport = readImport;
  }

  /** Each finding once, however often its text is instantiated. */
  findings(): Diagnostic[] {
    const seen = new Set<string>();
    return this.#diagnostics.filter(({ source, span, code, message }) => {
      const key = JSON.stringify([source.name, span.start, span.end, code, message]);
      return seen.has(key) ? false : seen.add(key);
    });
  }

  /** Checks one module and tells what it exports; undefined values are not known. */
  module(
    files: readonly ModuleFile[],
    outer: Surroundings,
    outerLookup: Lookup,
    given: Given,
    stack: readonly Template["body"][],
  ): Map<string, Value | undefined> {
    const imported = new Map<string, ImportedModule | null>();
    const surroundings: Surroundings = {
      ...outer,
      importedBy: (namespace) => (imported.has(namespace) ? imported.get(namespace) : outer.importedBy(namespace)),
    };
    const plan = planModule(files, surroundings, (path) => outerLookup(path) !== undefined, this.#diagnostics);
    const exported = new Map<string, Value | undefined>();
    this.#nodes += plan.order.length;
    if (this.#nodes > mostNodes) {
      const [first] = files;
      if (first !== undefined)
        this.#error(first.source, { start: 0, end: 0 }, "module.too-many", `custom components spell out to more than ${mostNodes} blocks`);
      return exported;
    }
    const known = new Map<string, NodeExports>();
    const lookup: Lookup = (path) => nodeAt(path, known) ?? outerLookup(path);
    const place = { plan, surroundings: plan.surroundings, lookup, given, stack, imported, exported };
    const used = new Set<Template>();
    for (const planned of plan.order) {
      this.#exportsExist(planned, known);
      known.set(planned.id, this.#node(planned, place, used));
      if (this.#nodes > mostNodes) return exported;
    }
    for (const template of plan.templates.values()) if (!used.has(template)) this.#template(template, "unknown", stack);
    this.#unused(plan, stack.length);
    return exported;
  }

  #node(planned: PlannedNode, place: CheckPlace, used: Set<Template>): NodeExports {
    const { surroundings, lookup } = place;
    const { what } = planned;
    switch (what.kind) {
      case "component":
        decodeNode(planned, what.definition, surroundings, lookup, this.#diagnostics);
        return { exports: undefined, exportTypes: what.definition.exports };
      case "service":
        decodeNode(planned, what.service.schema, surroundings, lookup, this.#diagnostics);
        return unknownExports;
      case "import":
        this.#import(planned, what.definition, place);
        return unknownExports;
      case "argument":
        return this.#argument(planned, place);
      case "export": {
        const { args } = decodeNode(planned, exportSchema, surroundings, lookup, this.#diagnostics);
        place.exported.set(planned.label, args?.value as Value | undefined);
        return unknownExports;
      }
      case "custom":
        return this.#custom(planned, what, place, used);
      case "foreach":
        this.#foreach(planned, place);
        return unknownExports;
      default:
        return what satisfies never;
    }
  }

  #import(planned: PlannedNode, definition: Parameters<typeof decodeNode>[1] & { readonly name: string }, place: CheckPlace): void {
    place.imported.set(planned.label, null);
    const { args } = decodeNode(planned, definition, place.surroundings, place.lookup, this.#diagnostics);
    if (args === undefined) return;
    try {
      const read = this.#readImport(definition.name, args);
      if (read !== undefined) place.imported.set(planned.label, readModule(read.modules, read.path, place.surroundings, this.#diagnostics));
    } catch (error) {
      this.#error(
        planned.source,
        nameSpan(planned),
        "import.read",
        `${planned.id}: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }

  #argument(planned: PlannedNode, { surroundings, lookup, given }: CheckPlace): NodeExports {
    const { args } = decodeNode(planned, argumentSchema, surroundings, lookup, this.#diagnostics);
    if (args === undefined || given === "unknown") return unknownExports;
    if (!given.has(planned.label)) {
      if (args.optional === true) return valueExport((args.default as Value | undefined) ?? null);
      this.#error(
        planned.source,
        planned.block,
        "module.argument-missing",
        `missing required argument ${JSON.stringify(planned.label)} to module`,
      );
      return unknownExports;
    }
    const value = given.get(planned.label);
    return value === undefined ? unknownExports : valueExport(value);
  }

  #custom(planned: PlannedNode, what: PlannedNode["what"] & { kind: "custom" }, place: CheckPlace, used: Set<Template>): NodeExports {
    const given = new Map<string, Value | undefined>();
    for (const statement of planned.block.body) {
      if (statement.kind === "block") {
        this.#error(planned.source, statement, "block.unknown", "blocks may not be given to a custom component, only attributes");
        continue;
      }
      try {
        const evaluated = evaluateIn(statement.value, place.surroundings, place.lookup);
        given.set(statement.name.text, "known" in evaluated ? evaluated.known : undefined);
      } catch (error) {
        if (!(error instanceof EvaluationError)) throw error;
        this.#error(planned.source, error.span ?? statement.value, error.code, error.message);
      }
    }
    const module = what.namespace === undefined ? undefined : place.surroundings.importedBy(what.namespace);
    if (module === null) return unknownExports;
    const template = what.namespace === undefined ? what.template : module?.templates.get(what.name);
    if (template === undefined) {
      const name = `${what.namespace ?? ""}.${what.name}`;
      const hint = didYouMean(what.name, [...(module?.templates.keys() ?? [])]);
      this.#error(
        planned.source,
        nameSpan(planned),
        "component.unknown",
        `the imported module does not declare ${JSON.stringify(name)}`,
        hint,
      );
      return unknownExports;
    }
    used.add(template);
    if (place.stack.includes(template.body)) {
      this.#error(planned.source, nameSpan(planned), "module.recursive", `custom component ${JSON.stringify(template.name)} uses itself`);
      return unknownExports;
    }
    this.#argumentsExist(planned, template);
    const exported = this.#template(template, given, place.stack);
    const values: Record<string, Value> = Object.create(null);
    for (const [name, value] of exported) {
      if (value === undefined) return unknownExports;
      values[name] = value;
    }
    return { exports: values, exportTypes: undefined };
  }

  #template(template: Template, given: Given, stack: readonly Template["body"][]): Map<string, Value | undefined> {
    return this.module([template], template.surroundings, () => undefined, given, [...stack, template.body]);
  }

  #argumentsExist(planned: PlannedNode, template: Template): void {
    const names = template.body.flatMap((statement) =>
      statement.kind === "block" && statement.name[0]?.text === "argument" && statement.label !== undefined ? [statement.label.text] : [],
    );
    for (const statement of planned.block.body) {
      if (statement.kind !== "attribute" || names.includes(statement.name.text)) continue;
      const message = `Provided argument ${JSON.stringify(statement.name.text)} is not defined in the module`;
      this.#error(planned.source, statement.name, "module.argument-unknown", message, didYouMean(statement.name.text, names));
    }
  }

  #foreach(planned: PlannedNode, { surroundings, lookup, stack }: CheckPlace): void {
    const { block, source } = planned;
    const template = templateBlock(block);
    if (template === undefined) {
      this.#error(source, nameSpan(planned), "block.missing", 'missing required block "template"');
      return;
    }
    const own = block.body.filter((statement) => statement !== template);
    const { args } = decodePart(own, nameSpan(planned), source, foreachSchema, surroundings, lookup, this.#diagnostics);
    const files = [{ source, body: template.body }];
    const inner = { ...surroundings, isModule: false };
    if (args === undefined) {
      const variable = own.find((statement) => statement.kind === "attribute" && statement.name.text === "var");
      const literal = variable?.kind === "attribute" && variable.value.kind === "literal" ? variable.value.value : undefined;
      const unknownVariables = new Set([...surroundings.unknownVariables, ...(typeof literal === "string" ? [literal] : [])]);
      this.module(files, { ...inner, unknownVariables }, lookup, new Map(), stack);
      return;
    }
    const { collection, var: variable } = args as Decoded<typeof foreachSchema>;
    for (const item of collection.slice(0, mostItems))
      this.module(files, { ...inner, variables: new Map([...surroundings.variables, [variable, item]]) }, lookup, new Map(), stack);
  }

  #exportsExist(planned: PlannedNode, known: ReadonlyMap<string, NodeExports>): void {
    for (const { target, rest, start, end } of planned.references) {
      const types = known.get(target)?.exportTypes;
      const [name] = rest;
      if (types === undefined || name === undefined || Object.hasOwn(types, name.text)) continue;
      const hint = didYouMean(name.text, Object.keys(types));
      this.#error(
        planned.source,
        { start, end },
        "export.unknown",
        `field ${JSON.stringify(name.text)} does not exist: ${target} does not export it`,
        hint,
      );
    }
  }

  /** A component that gives something to nobody: most likely a `forward_to` that was forgotten. */
  #unused(plan: Plan, depth: number): void {
    if (depth > 0) return;
    for (const planned of plan.order) {
      const { what, id, source } = planned;
      if (what.kind !== "component" || Object.keys(what.definition.exports).length === 0 || plan.mentioned.has(id)) continue;
      const message = `nothing refers to ${id}: what it exports (${Object.keys(what.definition.exports).join(", ")}) is not used`;
      this.#diagnostics.push({ severity: "warning", code: "component.unused", message, source, span: nameSpan(planned) });
    }
  }

  #error(
    source: PlannedNode["source"],
    { start, end }: { start: number; end: number },
    code: string,
    message: string,
    hint?: string,
  ): void {
    const diagnostic: Diagnostic = { severity: "error", code, message, source, span: { start, end } };
    this.#diagnostics.push(hint === undefined ? diagnostic : { ...diagnostic, hint });
  }
}

interface CheckPlace {
  readonly plan: Plan;
  readonly surroundings: Surroundings;
  readonly lookup: Lookup;
  readonly given: Given;
  readonly stack: readonly Template["body"][];
  readonly imported: Map<string, ImportedModule | null>;
  readonly exported: Map<string, Value | undefined>;
}

const unknownExports: NodeExports = { exports: undefined, exportTypes: undefined };

function valueExport(value: Value): NodeExports {
  const exports: ObjectValue = Object.assign(Object.create(null), { value });
  return { exports, exportTypes: undefined };
}

function nameSpan({ block }: PlannedNode): { start: number; end: number } {
  return { start: block.start, end: block.name.at(-1)?.end ?? block.start };
}
