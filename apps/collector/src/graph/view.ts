import { type Block, blockName, type Source } from "@invar/alloy-syntax";
import type { Schema, TypeShape } from "../component/arguments.ts";
import { encodeArguments, encodeDebugInfo, encodeExports, type JsonStatement } from "../component/encode.ts";
import type { ComponentDetail, ComponentSummary, GraphView } from "../component/graph-view.ts";
import { ComponentNode } from "./nodes/component-node.ts";
import { CustomNode } from "./nodes/custom-node.ts";
import { ForeachNode } from "./nodes/foreach-node.ts";
import { type GraphNode, globalId, type InnerModule } from "./nodes/node.ts";

/** Shows a running configuration. `isDebugging` tells whether live debugging is switched on. */
export function viewOf(root: InnerModule, isDebugging: () => boolean): GraphView {
  return {
    list(moduleId) {
      const module = moduleNamed(root, moduleId);
      return module === undefined ? undefined : shownNodes(module).map((node) => summary(module, node, isDebugging()));
    },
    detail(id) {
      const slash = id.lastIndexOf("/");
      const module = moduleNamed(root, id.slice(0, Math.max(slash, 0)));
      const node = module?.nodes.get(id.slice(slash + 1));
      return module === undefined || node === undefined ? undefined : detail(module, node, isDebugging());
    },
    unhealthy() {
      const found: { id: string; message: string }[] = [];
      for (const module of allModules(root))
        for (const node of module.nodes.values()) {
          if (innerModules(node).length > 0) continue;
          const { state, message } = node.health();
          if (state === "unhealthy" || state === "exited") found.push({ id: globalId(module.path, node.planned.id), message });
        }
      return found;
    },
  };
}

/** A module and all inside it. */
export function* allModules(module: InnerModule): Generator<InnerModule> {
  yield module;
  for (const node of module.nodes.values()) for (const inner of innerModules(node)) yield* allModules(inner);
}

function innerModules(node: GraphNode): readonly InnerModule[] {
  if (node instanceof CustomNode) return [node.module];
  if (node instanceof ForeachNode) return [...node.modules.values()];
  return [];
}

function moduleNamed(root: InnerModule, id: string): InnerModule | undefined {
  if (id === "") return root;
  for (const module of allModules(root)) if (module.path === id) return module;
  return undefined;
}

/** Arguments, exports and configuration blocks are the graph's own affair; pages show components, custom ones and foreach. */
function shownNodes(module: InnerModule): GraphNode[] {
  return [...module.nodes.values()].filter(
    (node) => node instanceof ComponentNode || node instanceof CustomNode || node instanceof ForeachNode,
  );
}

function summary(module: InnerModule, node: GraphNode, liveDebuggingEnabled: boolean): ComponentSummary {
  const { planned } = node;
  const { state, message, updatedMs } = node.health();
  const inner = innerModules(node);
  return {
    name: blockName(planned.block),
    type: "block",
    localID: planned.id,
    moduleID: module.path,
    ...(planned.label === "" ? {} : { label: planned.label }),
    referencesTo: [...new Set(planned.references.map((reference) => reference.target))],
    referencedBy: module.plan?.dependants.get(planned.id) ?? [],
    dataFlowEdgesTo: dataFlow(module, node),
    health: { state, message, updatedTime: new Date(updatedMs).toISOString() },
    original: originalText(planned.block, planned.source, node instanceof ComponentNode ? node.definition : {}),
    ...(inner.length === 0 ? {} : { createdModuleIDs: inner.map((each) => each.path) }),
    liveDebuggingEnabled,
  };
}

function detail(module: InnerModule, node: GraphNode, liveDebuggingEnabled: boolean): ComponentDetail {
  const base = summary(module, node, liveDebuggingEnabled);
  if (!(node instanceof ComponentNode)) {
    const exports: JsonStatement[] = node.exports === undefined ? [] : encodeExports({}, node.exports);
    return { ...base, arguments: [], exports };
  }
  const debugInfo = node.debugInfo();
  return {
    ...base,
    arguments: node.args === undefined ? [] : encodeArguments(node.definition, node.args),
    exports: encodeExports(node.definition.exports, node.exports ?? {}),
    ...(debugInfo === undefined ? {} : { debugInfo: encodeDebugInfo(debugInfo) }),
  };
}

/** Receivers are sent to by who refers to them; any other export flows to who refers to it. */
function dataFlow(module: InnerModule, node: GraphNode): string[] {
  const edges = new Set<string>();
  const { planned } = node;
  for (const reference of planned.references) {
    const type = exportType(module.nodes.get(reference.target), reference.rest[0]?.text);
    if (type !== undefined && isReceiver(type)) edges.add(reference.target);
  }
  for (const id of module.plan?.dependants.get(planned.id) ?? []) {
    const uses = module.nodes.get(id)?.planned.references.filter((reference) => reference.target === planned.id) ?? [];
    if (uses.some((use) => !isReceiver(exportType(node, use.rest[0]?.text) ?? { kind: "any" }))) edges.add(id);
  }
  return [...edges];
}

function exportType(node: GraphNode | undefined, name: string | undefined): TypeShape | undefined {
  return name === undefined ? undefined : node?.exportTypes?.[name]?.type;
}

function isReceiver(type: TypeShape): boolean {
  return type.kind === "capsule" && ["otelcol.Consumer", "loki.LogsReceiver", "storage.Appendable"].includes(type.capsule);
}

/** The block as it was written, literals of secret arguments blanked. */
function originalText(block: Block, source: Source, schema: Schema): string {
  let text = "";
  let from = block.start;
  for (const { start, end } of secretSpans(block.body, schema)) {
    text += `${source.text.slice(from, start)}(secret)`;
    from = end;
  }
  return text + source.text.slice(from, block.end);
}

function secretSpans(body: Block["body"], schema: Schema): { start: number; end: number }[] {
  const spans: { start: number; end: number }[] = [];
  for (const statement of body) {
    if (statement.kind === "attribute") {
      const type = schema.arguments?.[statement.name.text]?.type;
      if (type !== undefined && holdsSecret(type)) spans.push({ start: statement.value.start, end: statement.value.end });
      continue;
    }
    const name = blockName(statement);
    const inner = schema.blocks?.[name] ?? schema.ordered?.blocks[name];
    if (inner !== undefined) spans.push(...secretSpans(statement.body, inner.inside?.() ?? inner));
  }
  return spans;
}

function holdsSecret(type: TypeShape): boolean {
  if (type.kind === "list" || type.kind === "map") return holdsSecret(type.of);
  return type.kind === "secret" || type.kind === "optional_secret";
}
