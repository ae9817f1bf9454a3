import {
  type Block,
  type Body,
  blockName,
  type Diagnostic,
  type Identifier,
  isFunction,
  isObject,
  type Reference,
  referencesIn,
  type Source,
  type Span,
  type Value,
} from "@invar/alloy-syntax";
import { permits } from "../component/decode.ts";
import type { Definition } from "../component/definition.ts";
import { didYouMean } from "../component/did-you-mean.ts";
import { nodeAt } from "./node-at.ts";
import type { ServiceBlock, Surroundings, Template } from "./surroundings.ts";

/** What a block of a module is. */
export type NodeKind =
  | { readonly kind: "component"; readonly definition: Definition }
  | { readonly kind: "custom"; readonly template: Template | undefined; readonly namespace: string | undefined; readonly name: string }
  | { readonly kind: "service"; readonly service: ServiceBlock }
  | { readonly kind: "import"; readonly definition: Definition }
  | { readonly kind: "argument" | "export" | "foreach" };

/** One block that becomes a node of the graph. */
export interface PlannedNode {
  /** `prometheus.scrape.default`, `logging`, `argument.url`. */
  readonly id: string;
  readonly what: NodeKind;
  readonly block: Block;
  readonly source: Source;
  readonly label: string;
  /** What its expressions name, with the node each leads to; names of enclosing modules are not among them. */
  readonly references: readonly ResolvedReference[];
}

export interface ResolvedReference extends Span {
  readonly target: string;
  /** What is read of the target's exports. */
  readonly rest: readonly Identifier[];
}

/** One text that belongs to a module. */
export interface ModuleFile {
  readonly source: Source;
  readonly body: Body;
}

/** A module's text as a graph: nothing is evaluated yet. */
export interface Plan {
  readonly surroundings: Surroundings;
  readonly nodes: ReadonlyMap<string, PlannedNode>;
  /** Every node after those that it refers to. */
  readonly order: readonly PlannedNode[];
  /** Who refers to a node, in the order of evaluation. */
  readonly dependants: ReadonlyMap<string, readonly string[]>;
  /** Every node that some text refers to, be it in a block that could not become a node. */
  readonly mentioned: ReadonlySet<string>;
  readonly templates: ReadonlyMap<string, Template>;
  /** References of this module to nodes of the modules around it. */
  readonly free: readonly Reference[];
}

/** Who else knows names: the nodes of enclosing modules, which a foreach's template may use. */
export type OuterNames = (path: readonly Identifier[]) => boolean;

/** Makes a plan of one module, and adds every finding about names, duplicates, references and cycles. */
export function planModule(
  files: readonly ModuleFile[],
  surroundings: Surroundings,
  outerNames: OuterNames,
  diagnostics: Diagnostic[],
): Plan {
  return new Planning(surroundings, outerNames, diagnostics).plan(files);
}

interface Draft {
  readonly id: string;
  readonly what: NodeKind;
  readonly block: Block;
  readonly source: Source;
  readonly label: string;
}

class Planning {
  readonly #surroundings: Surroundings;
  readonly #outerNames: OuterNames;
  readonly #diagnostics: Diagnostic[];
  readonly #drafts = new Map<string, Draft>();
  readonly #templates = new Map<string, Template>();
  readonly #namespaces = new Set<string>();
  readonly #free: Reference[] = [];
  /** Blocks that could not become nodes, which has been said: who refers to them is not at fault. */
  readonly #refused = new Map<string, Block>();

  constructor(surroundings: Surroundings, outerNames: OuterNames, diagnostics: Diagnostic[]) {
    this.#surroundings = surroundings;
    this.#outerNames = outerNames;
    this.#diagnostics = diagnostics;
  }

  plan(files: readonly ModuleFile[]): Plan {
    for (const { source, body } of files) this.#collectNames(source, body);
    for (const { source, body } of files) for (const statement of body) this.#statement(source, statement);
    const nodes = new Map<string, PlannedNode>();
    for (const draft of this.#drafts.values()) nodes.set(draft.id, { ...draft, references: this.#references(draft) });
    const order = this.#order(nodes);
    const dependants = new Map<string, string[]>();
    for (const { id, references: uses } of order)
      for (const target of new Set(uses.map((use) => use.target))) dependants.set(target, [...(dependants.get(target) ?? []), id]);
    const mentioned = new Set(dependants.keys());
    for (const refused of this.#refused.values())
      for (const { path } of referencesIn(refused.body)) mentioned.add(nodeAt(path, this.#drafts)?.node.id ?? "");
    return { surroundings: this.#surroundings, nodes, mentioned, order, dependants, templates: this.#templates, free: this.#free };
  }

  /** Custom components and namespaces first: they may be used above where they are defined. */
  #collectNames(source: Source, body: Body): void {
    for (const block of body) {
      if (block.kind !== "block" || block.label === undefined) continue;
      const name = blockName(block);
      const label = block.label.text;
      if (this.#surroundings.vocabulary.imports.has(name)) this.#namespaces.add(label);
      if (name !== "declare") continue;
      if (label === "declare") this.#error(source, block, "block.label", "'declare' is not a valid label for a declare block");
      const known = this.#templates.get(label);
      if (known !== undefined) this.#duplicate(source, block, `declare.${label}`, known);
      const templates = this.#templates;
      const outer = this.#surroundings;
      const surroundings: Surroundings = {
        ...outer,
        isModule: true,
        // Read when it is used: declares see each other wherever they stand.
        get templates() {
          return new Map([...outer.templates, ...templates]);
        },
      };
      this.#templates.set(label, { name: label, source, body: block.body, surroundings });
    }
  }

  #statement(source: Source, statement: Body[number]): void {
    if (statement.kind === "attribute") {
      this.#error(
        source,
        statement,
        "block.expected",
        `unrecognized attribute name ${JSON.stringify(statement.name.text)}: only blocks may stand here`,
      );
      return;
    }
    const name = blockName(statement);
    if (name === "declare") {
      if (statement.label === undefined) this.#error(source, statement, "block.label-missing", 'block "declare" requires non-empty label');
      return;
    }
    const label = statement.label?.text ?? "";
    const id = label === "" ? name : `${name}.${label}`;
    const what = this.#classify(source, statement, name);
    if (what === undefined) {
      this.#refused.set(id, statement);
      return;
    }
    const known = this.#drafts.get(id);
    if (known !== undefined) {
      this.#duplicate(source, statement, id, known);
      return;
    }
    this.#drafts.set(id, { id, what, block: statement, source, label });
  }

  #classify(source: Source, block: Block, name: string): NodeKind | undefined {
    const { vocabulary, isModule } = this.#surroundings;
    const definition = vocabulary.components.get(name);
    const labelled = (needed: boolean) => this.#labelFits(source, block, name, needed);
    if (definition !== undefined) {
      if (!this.#permitted(source, block, "component", name, definition.stability)) return undefined;
      return labelled(definition.unlabelled !== true) ? { kind: "component", definition } : undefined;
    }
    const service = vocabulary.serviceBlocks.get(name);
    if (service !== undefined) {
      if (isModule) {
        this.#error(source, block, "block.not-in-module", `service blocks not allowed inside a module: ${JSON.stringify(name)}`);
        return undefined;
      }
      if (!this.#permitted(source, block, "config block", name, service.stability)) return undefined;
      return labelled(service.labelled === true) ? { kind: "service", service } : undefined;
    }
    if (name === "argument" || name === "export") {
      if (!isModule) {
        this.#error(source, block, "block.only-in-module", `${name} blocks only allowed inside a module`);
        return undefined;
      }
      return labelled(true) ? { kind: name } : undefined;
    }
    if (name === "foreach") {
      if (!this.#permitted(source, block, "config block", name, "experimental")) return undefined;
      return labelled(true) ? { kind: "foreach" } : undefined;
    }
    const importing = vocabulary.imports.get(name);
    if (importing !== undefined) return labelled(true) ? { kind: "import", definition: importing } : undefined;
    return this.#custom(source, block, name);
  }

  #custom(source: Source, block: Block, name: string): NodeKind | undefined {
    const template = this.#templates.get(name) ?? this.#surroundings.templates.get(name);
    if (template !== undefined)
      return this.#labelFits(source, block, name, true) ? { kind: "custom", template, namespace: undefined, name } : undefined;
    const dot = name.indexOf(".");
    const namespace = dot < 0 ? undefined : name.slice(0, dot);
    if (namespace !== undefined && (this.#namespaces.has(namespace) || this.#surroundings.importedBy(namespace) !== undefined))
      return this.#labelFits(source, block, name, true)
        ? { kind: "custom", template: undefined, namespace, name: name.slice(dot + 1) }
        : undefined;
    const { vocabulary } = this.#surroundings;
    const hint = didYouMean(name, [
      ...vocabulary.components.keys(),
      ...vocabulary.serviceBlocks.keys(),
      ...this.#templates.keys(),
      "declare",
      "foreach",
    ]);
    const span = { start: block.start, end: block.name.at(-1)?.end ?? block.start };
    this.#error(source, span, "component.unknown", `cannot find the definition of component name ${JSON.stringify(name)}`, hint);
    return undefined;
  }

  #labelFits(source: Source, block: Block, name: string, needed: boolean): boolean {
    if (needed && block.label === undefined) {
      this.#error(source, block, "block.label-missing", `block ${JSON.stringify(name)} requires non-empty label`);
      return false;
    }
    if (!needed && block.label !== undefined) {
      this.#error(source, block.label, "block.label-unexpected", `block ${JSON.stringify(name)} does not support specifying labels`);
      return false;
    }
    return true;
  }

  #permitted(source: Source, block: Block, what: string, name: string, stability: Definition["stability"]): boolean {
    const { vocabulary } = this.#surroundings;
    if (permits(vocabulary.stability, stability)) return true;
    this.#error(
      source,
      block,
      "stability",
      `${what} ${JSON.stringify(name)} is at stability level ${JSON.stringify(stability)}, which is below the minimum allowed stability level ${JSON.stringify(vocabulary.stability)}. Use --stability.level command-line flag to enable ${JSON.stringify(stability)} features`,
    );
    return false;
  }

  #references(draft: Draft): ResolvedReference[] {
    const resolved: ResolvedReference[] = [];
    const template = draft.what.kind === "foreach" ? templateVariable(draft.block) : undefined;
    const inner = draft.what.kind === "foreach" ? innerNames(draft.block) : undefined;
    for (const reference of referencesIn(draft.block.body)) {
      this.#warnOfFunction(draft, reference);
      const target = nodeAt(reference.path, this.#drafts);
      if (target !== undefined) {
        resolved.push({ target: target.node.id, rest: reference.path.slice(target.length), start: reference.start, end: reference.end });
        continue;
      }
      const first = reference.path[0]?.text ?? "";
      if (first === template || this.#isVisible(first) || inner?.(reference.path) || nodeAt(reference.path, this.#refused)) continue;
      if (this.#outerNames(reference.path)) this.#free.push(reference);
      else this.#unknownReference(draft, reference, first);
    }
    for (const namespace of namespacesOf(draft.what))
      for (const other of this.#drafts.values())
        if (other.what.kind === "import" && other.label === namespace)
          resolved.push({ target: other.id, rest: [], start: draft.block.start, end: draft.block.start });
    return resolved;
  }

  #warnOfFunction(draft: Draft, reference: Reference): void {
    let value: Value | undefined = this.#surroundings.vocabulary.library;
    for (const part of reference.path) {
      if (value === undefined || value === null || !isObject(value)) return;
      value = value[part.text];
    }
    if (value === undefined || value === null || !isFunction(value) || value.deprecated !== true) return;
    this.#diagnostics.push({
      severity: "warning",
      code: "function.deprecated",
      message: "this stdlib function is deprecated; please refer to the documentation for updated usage and alternatives",
      source: draft.source,
      span: { start: reference.start, end: reference.end },
    });
  }

  #isVisible(name: string): boolean {
    const { vocabulary, variables, unknownVariables } = this.#surroundings;
    return Object.hasOwn(vocabulary.library, name) || variables.has(name) || unknownVariables.has(name);
  }

  #unknownReference(draft: Draft, reference: Reference, first: string): void {
    const written = reference.path.map((part) => part.text).join(".");
    const candidates = [
      ...this.#drafts.keys(),
      ...Object.keys(this.#surroundings.vocabulary.library),
      ...this.#surroundings.variables.keys(),
    ];
    // The fields behind a component's id are its exports: compare as many words as the candidates have.
    const near =
      didYouMean(
        reference.path
          .slice(0, 3)
          .map((part) => part.text)
          .join("."),
        candidates,
      ) ?? didYouMean(first, candidates);
    this.#error(
      draft.source,
      reference,
      "reference.unknown",
      `component ${JSON.stringify(written)} does not exist or is out of scope`,
      near,
    );
  }

  /** Depth first, in the order of the text; a reference back into the path is a cycle. */
  #order(nodes: ReadonlyMap<string, PlannedNode>): PlannedNode[] {
    const order: PlannedNode[] = [];
    const state = new Map<string, "open" | "done">();
    for (const root of nodes.values()) {
      const path: { readonly node: PlannedNode; next: number }[] = [];
      const open = (node: PlannedNode) => {
        state.set(node.id, "open");
        path.push({ node, next: 0 });
      };
      if (!state.has(root.id)) open(root);
      for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
        const reference = top.node.references[top.next++];
        if (reference === undefined) {
          state.set(top.node.id, "done");
          order.push(top.node);
          path.pop();
          continue;
        }
        const target = nodes.get(reference.target);
        if (target === undefined) continue;
        if (state.get(target.id) === undefined) open(target);
        else if (state.get(target.id) === "open") {
          const from = path.findIndex((step) => step.node === target);
          const cycle = [...path.slice(from).map((step) => step.node.id), target.id].join(" → ");
          const message = cycle === `${target.id} → ${target.id}` ? "self reference" : `cycle: ${cycle}`;
          this.#error(top.node.source, reference, "reference.cycle", message);
        }
      }
    }
    return order;
  }

  #duplicate(source: Source, block: Block, id: string, first: { readonly source: Source; readonly block?: Block }): void {
    const line =
      first.block === undefined ? "" : ` at ${first.source.name}:${first.source.text.slice(0, first.block.start).split("\n").length}`;
    this.#error(
      source,
      { start: block.start, end: block.name.at(-1)?.end ?? block.start },
      "block.duplicate",
      `block ${id} already declared${line}`,
    );
  }

  #error(source: Source, { start, end }: Span, code: string, message: string, hint?: string): void {
    const diagnostic: Diagnostic = { severity: "error", code, message, source, span: { start, end } };
    this.#diagnostics.push(hint === undefined ? diagnostic : { ...diagnostic, hint });
  }
}

/** The variable that a foreach's template may use, as far as it is written as plain text. */
export function templateVariable(block: Block): string | undefined {
  for (const statement of block.body)
    if (statement.kind === "attribute" && statement.name.text === "var" && statement.value.kind === "literal")
      return typeof statement.value.value === "string" ? statement.value.value : undefined;
  return undefined;
}

export function templateBlock(block: Block): Block | undefined {
  for (const statement of block.body) if (statement.kind === "block" && blockName(statement) === "template") return statement;
  return undefined;
}

/** Whether a path names a block inside a foreach's template: that is the template's own affair. */
function innerNames(block: Block): (path: readonly Identifier[]) => boolean {
  const blocks = new Map<string, Block>();
  for (const statement of templateBlock(block)?.body ?? [])
    if (statement.kind === "block")
      blocks.set(statement.label === undefined ? blockName(statement) : `${blockName(statement)}.${statement.label.text}`, statement);
  return (path) => nodeAt(path, blocks) !== undefined;
}

/** The import namespaces that a custom component may draw on: its own, and those of the blocks inside its template. */
function namespacesOf(what: NodeKind): ReadonlySet<string> {
  const found = new Set<string>();
  if (what.kind !== "custom") return found;
  if (what.namespace !== undefined) found.add(what.namespace);
  const seen = new Set<Body>();
  const visit = (body: Body, templates: ReadonlyMap<string, Template>) => {
    if (seen.has(body)) return;
    seen.add(body);
    for (const statement of body) {
      if (statement.kind !== "block") continue;
      const name = blockName(statement);
      if (statement.name.length > 1) found.add(statement.name[0]?.text ?? "");
      const template = templates.get(name);
      if (template !== undefined) visit(template.body, template.surroundings.templates);
      if (name === "declare" || name === "template" || name === "foreach") visit(statement.body, templates);
    }
  };
  if (what.template !== undefined) visit(what.template.body, what.template.surroundings.templates);
  return found;
}
