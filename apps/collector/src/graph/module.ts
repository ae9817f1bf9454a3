import { blockName, type Diagnostic, type ObjectValue, type Value } from "@invar/alloy-syntax";
import type { Span } from "../component/tracing.ts";
import type { Lookup } from "./evaluate.ts";
import { nodeAt } from "./node-at.ts";
import { ComponentNode } from "./nodes/component-node.ts";
import { CustomNode } from "./nodes/custom-node.ts";
import { ForeachNode } from "./nodes/foreach-node.ts";
import { ImportNode } from "./nodes/import-node.ts";
import type { GraphNode, GraphProcess, Health, InnerModule, InnerModuleOptions, NodeHost, Place } from "./nodes/node.ts";
import { ArgumentNode, ExportNode, ServiceNode } from "./nodes/value-nodes.ts";
import { type ModuleFile, type Plan, type PlannedNode, planModule } from "./plan.ts";
import type { Surroundings, Template } from "./surroundings.ts";

export interface ModuleOptions extends InnerModuleOptions {
  readonly process: GraphProcess;
}

/** The root, a custom component, or one item of a foreach, with its nodes. */
export class Module implements InnerModule {
  readonly path: string;
  readonly #options: ModuleOptions;
  readonly #host: NodeHost;
  #plan: Plan | undefined;
  #nodes: ReadonlyMap<string, GraphNode> = new Map();
  #outer: Lookup = () => undefined;
  #pending: { plan: Plan; nodes: Map<string, GraphNode>; outer: Lookup } | undefined;
  #started = false;

  constructor(options: ModuleOptions) {
    this.path = options.path;
    this.#options = options;
    this.#host = {
      process: options.process,
      modulePath: options.path,
      exposesMetrics: options.exposesMetrics,
      newModule: (inner) => new Module({ process: options.process, ...inner }),
      exportsChanged: (node) => options.process.exportsChanged(this, node),
    };
  }

  get nodes(): ReadonlyMap<string, GraphNode> {
    return this.#nodes;
  }

  get plan(): Plan | undefined {
    return this.#plan;
  }

  async prepare(
    files: readonly ModuleFile[],
    surroundings: Surroundings,
    outer: Lookup,
    diagnostics: Diagnostic[],
    span?: Span,
  ): Promise<void> {
    const before = errorsIn(diagnostics);
    if (this.path.split("/").length > deepestModule) {
      const source = files[0]?.source ?? { name: this.path, text: "" };
      const message = `modules are nested more than ${deepestModule} deep; does one import itself?`;
      diagnostics.push({ severity: "error", code: "module.too-deep", message, source, span: { start: 0, end: 0 } });
      return;
    }
    const plan = planModule(files, this.#withImports(surroundings), (path) => outer(path) !== undefined, diagnostics);
    const nodes = new Map<string, GraphNode>();
    this.#pending = { plan, nodes, outer };
    if (errorsIn(diagnostics) > before) return;
    // Nodes stand ready before any is evaluated: a custom component looks for its import among them.
    for (const planned of plan.order) nodes.set(planned.id, this.#nodeFor(planned, plan));
    const place = this.#place(plan, nodes, outer);
    const findings = new Map<string, Diagnostic[]>();
    let isTooDeep = false;
    await afterWhatTheyReferTo(plan, async (planned) => {
      if (isTooDeep) return;
      const found: Diagnostic[] = [];
      findings.set(planned.id, found);
      const node = nodes.get(planned.id);
      if (node !== undefined) await this.#evaluateNode(node, planned, place, found, span);
      isTooDeep ||= found.at(-1)?.code === "module.too-deep";
    });
    // In the order of evaluation, whatever came first.
    for (const { id } of plan.order) diagnostics.push(...(findings.get(id) ?? []));
  }

  async commit(): Promise<void> {
    const pending = this.#pending;
    this.#pending = undefined;
    if (pending === undefined) return;
    const removed = [...this.#nodes.values()].filter((node) => pending.nodes.get(node.planned.id) !== node);
    const added = pending.plan.order
      .map((planned) => pending.nodes.get(planned.id))
      .filter((node) => node !== undefined && !this.#has(node));
    const oldPlan = this.#plan;
    this.#plan = pending.plan;
    this.#nodes = pending.nodes;
    this.#outer = pending.outer;
    // A new sink starts before a source that stays sends to it, and what left stops once nothing sends to it.
    if (this.#started) for (const node of added) await commitAndStart(node);
    for (const planned of pending.plan.order) await pending.nodes.get(planned.id)?.commit();
    await stopInOrder(removed, oldPlan, AbortSignal.timeout(removalDrainMs));
  }

  async abandon(): Promise<void> {
    const pending = this.#pending;
    this.#pending = undefined;
    for (const node of pending?.nodes.values() ?? []) await node.abandon();
  }

  /** Starts every node after those that it sends to. */
  async start(): Promise<void> {
    this.#started = true;
    if (this.#plan !== undefined) await afterWhatTheyReferTo(this.#plan, async ({ id }) => this.#nodes.get(id)?.start());
  }

  /** Stops every node after those that send to it. */
  async stop(deadline: AbortSignal): Promise<void> {
    await stopInOrder([...this.#nodes.values()], this.#plan, deadline);
  }

  /** Evaluates one node again because of what it refers to; what fails shows in its health. */
  async evaluate(node: GraphNode, span?: Span): Promise<void> {
    const plan = this.#plan;
    if (plan === undefined || this.#nodes.get(node.planned.id) !== node) return;
    const diagnostics: Diagnostic[] = [];
    await this.#evaluateNode(node, node.planned, this.#place(plan, this.#nodes, this.#outer), diagnostics, span);
    if (errorsIn(diagnostics) === 0) return node.commit();
    await node.abandon();
    node.evaluationFailed(diagnostics);
  }

  /** The nodes that refer to this one, in the order of evaluation. */
  dependants(of: GraphNode): GraphNode[] {
    return (this.#plan?.dependants.get(of.planned.id) ?? []).map((id) => this.#nodes.get(id)).filter((node) => node !== undefined);
  }

  /** Values of its exports, or undefined as long as one is missing. */
  exportValues(): ObjectValue | undefined {
    const values: Record<string, Value> = Object.create(null);
    for (const node of (this.#pending?.nodes ?? this.#nodes).values()) {
      if (!(node instanceof ExportNode)) continue;
      if (node.value === undefined) return undefined;
      values[node.planned.label] = node.value;
    }
    return values;
  }

  argumentNames(): ReadonlySet<string> {
    const names = new Set<string>();
    for (const { what, label } of (this.#pending?.plan ?? this.#plan)?.nodes.values() ?? []) if (what.kind === "argument") names.add(label);
    return names;
  }

  /** The worst of its nodes; `exited` counts as unhealthy. */
  health(): Health {
    for (const node of this.#nodes.values()) {
      const health = node.health();
      if (health.state === "unhealthy" || health.state === "exited")
        return { ...health, state: "unhealthy", message: `${node.planned.id}: ${health.message}` };
    }
    return { state: "healthy", message: "all nodes are healthy", updatedMs: this.#options.process.now() };
  }

  async #evaluateNode(node: GraphNode, planned: PlannedNode, place: Place, diagnostics: Diagnostic[], parent?: Span): Promise<void> {
    const { tracer } = this.#options.process;
    if (!tracer.isOn) return node.prepare(planned, place, diagnostics);
    const before = errorsIn(diagnostics);
    const span = tracer.start("EvaluateNode", "internal", parent);
    span.set("node_id", planned.id);
    if (this.path !== "") span.set("alloy.controller_id", this.path);
    await node.prepare(planned, place, diagnostics);
    span.end(errorsIn(diagnostics) > before ? diagnostics.findLast(({ severity }) => severity === "error")?.message : undefined);
  }

  #has(node: GraphNode): boolean {
    return this.#nodes.get(node.planned.id) === node;
  }

  #place(plan: Plan, nodes: ReadonlyMap<string, GraphNode>, outer: Lookup): { surroundings: Surroundings; lookup: Lookup } {
    return { surroundings: plan.surroundings, lookup: (path) => nodeAt(path, nodes) ?? outer(path) };
  }

  /** Inner modules find the imports of this one. */
  #withImports(surroundings: Surroundings): Surroundings {
    return {
      ...surroundings,
      importedBy: (namespace) => {
        for (const node of (this.#pending?.nodes ?? this.#nodes).values())
          if (node instanceof ImportNode && node.planned.label === namespace) return node.module;
        return surroundings.importedBy(namespace);
      },
    };
  }

  #nodeFor(planned: PlannedNode, plan: Plan): GraphNode {
    const known = this.#nodes.get(planned.id);
    if (known !== undefined && isSameKind(known.planned, planned)) return known;
    const { what } = planned;
    const host = this.#host;
    switch (what.kind) {
      case "component":
        return new ComponentNode(planned, what.definition, host);
      case "custom":
        return new CustomNode(planned, host, (current) => this.#templateOf(current, plan));
      case "service":
        return new ServiceNode(planned, what.service, host);
      case "import":
        return new ImportNode(planned, what.definition, host, plan.surroundings);
      case "argument":
        return new ArgumentNode(planned, host, (name) => this.#options.given(name));
      case "export":
        return new ExportNode(planned, host, () => this.#options.onExports());
      case "foreach":
        return new ForeachNode(planned, host);
      default:
        return what satisfies never;
    }
  }

  #templateOf({ what }: PlannedNode, plan: Plan): Template | undefined {
    if (what.kind !== "custom") return undefined;
    if (what.namespace === undefined) return what.template;
    return plan.surroundings.importedBy(what.namespace)?.templates.get(what.name);
  }
}

/** Deeper than anyone writes by hand, shallow enough to stop a module that imports itself. */
const deepestModule = 32;

/** How long components that a reload removed may take to hand on what they hold. */
const removalDrainMs = 30_000;

async function commitAndStart(node: GraphNode | undefined): Promise<void> {
  await node?.commit();
  await node?.start();
}

function isSameKind(left: PlannedNode, right: PlannedNode): boolean {
  return left.what.kind === right.what.kind && blockName(left.block) === blockName(right.block);
}

/**
 * Each as soon as everything that it refers to is done: what waits for disks and sockets does so at the same time. What holds modules takes its
 * turn alone, in order.
 */
async function afterWhatTheyReferTo(plan: Plan, task: (planned: PlannedNode) => Promise<void>): Promise<void> {
  const underWay = new Map<string, Promise<void>>();
  for (const planned of plan.order) {
    if (planned.what.kind !== "component") {
      await Promise.all(underWay.values());
      underWay.clear();
      await task(planned);
      continue;
    }
    const needed = planned.references.flatMap(({ target }) => underWay.get(target) ?? []);
    underWay.set(planned.id, needed.length === 0 ? task(planned) : Promise.all(needed).then(() => task(planned)));
  }
  await Promise.all(underWay.values());
}

/** Each as soon as everything that refers to it has stopped; what does not depend on each other drains at the same time. */
async function stopInOrder(nodes: readonly GraphNode[], plan: Plan | undefined, deadline: AbortSignal): Promise<void> {
  const byId = new Map(nodes.map((node) => [node.planned.id, node]));
  const stopped = new Map<string, Promise<void>>();
  // Dependants come later in the order, so that going backwards each finds the promises that it has to wait for.
  for (const planned of [...(plan?.order ?? [])].reverse()) {
    const node = byId.get(planned.id);
    if (node === undefined) continue;
    const dependants = (plan?.dependants.get(planned.id) ?? []).map((id) => stopped.get(id));
    stopped.set(
      planned.id,
      Promise.all(dependants).then(() => node.stop(deadline)),
    );
  }
  await Promise.all(stopped.values());
}

function errorsIn(diagnostics: readonly Diagnostic[]): number {
  return diagnostics.filter((diagnostic) => diagnostic.severity === "error").length;
}
