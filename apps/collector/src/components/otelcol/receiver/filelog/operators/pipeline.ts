import type { Entry } from "../entry.ts";
import { type Expression, isTrue } from "../expr/expression.ts";
import { ExpressionError } from "../expr/parse.ts";
import { type Attribute, attributers } from "./attributers.ts";
import { containerOperator } from "./container.ts";
import { scopeNameReader, severityReader, traceReader } from "./marks.ts";
import { type Emit, EntryError, type Operator } from "./operator.ts";
import { csvParse, jsonArrayParse, jsonParse, keyValueParse, parserOperator, regexParse, uriParse } from "./parsers.ts";
import { recombineOperator } from "./recombine.ts";
import { isObject, type Plain, Settings } from "./settings.ts";
import { syslogParse } from "./syslog.ts";
import { timeReader } from "./time.ts";
import { type Transform, transforms } from "./transformers.ts";

export interface PipelineOptions {
  readonly now: () => number;
  readonly random: () => number;
  /** What is wrong with the operators. */
  readonly report: (message: string) => void;
  /** An entry that an operator could not work on; `isDropped`: it goes no further. */
  readonly failed: (operator: string, message: string, isDropped: boolean, isQuiet: boolean) => void;
  /** An entry that an operator let go. */
  readonly dropped: (operator: string) => void;
}

type OnError = "send" | "send_quiet" | "drop" | "drop_quiet";

interface Node {
  readonly id: string;
  readonly operator: Operator | undefined;
  readonly condition: Expression | undefined;
  readonly onError: OnError;
  readonly routes: readonly Route[] | undefined;
  outputs: Node[];
  readonly outputIds: readonly string[];
}

interface Route {
  readonly condition: Expression | undefined;
  readonly outputIds: readonly string[];
  readonly attributes: readonly Attribute[];
  outputs: Node[];
}

const elsewhere: Readonly<Record<string, string>> = {
  file_input: "an input",
  journald_input: "an input",
  stdin: "an input",
  syslog_input: "an input",
  tcp_input: "an input",
  udp_input: "an input",
  windows_eventlog_input: "an input",
  file_output: "an output",
  stdout: "an output",
};

const marks: Readonly<Record<string, (settings: Settings, now: () => number) => Transform>> = {
  time_parser: (settings, now) => timeReader(settings, settings.optionalField("parse_from"), now),
  severity_parser: (settings) => severityReader(settings),
  trace_parser: (settings) => traceReader(settings),
  scope_name_parser: (settings) => scopeNameReader(settings),
};
const parsers = {
  regex_parser: regexParse,
  json_parser: jsonParse,
  json_array_parser: jsonArrayParse,
  key_value_parser: keyValueParse,
  csv_parser: csvParse,
  uri_parser: uriParse,
  syslog_parser: syslogParse,
} as const;

/** Operators one after another, or along the outputs that they name. */
export class Pipeline {
  readonly #nodes: readonly Node[];
  readonly #options: PipelineOptions;
  readonly #emit: Emit;

  /** What the last operator hands on goes to `emit`. */
  constructor(configs: readonly Plain[], options: PipelineOptions, emit: Emit) {
    this.#options = options;
    this.#emit = emit;
    const ids = new Set<string>();
    this.#nodes = configs.map((config, i) => nodeOf(config, i, ids, options));
    for (const [i, node] of this.#nodes.entries()) {
      const next = this.#nodes.slice(i + 1, i + 2);
      node.outputs = node.outputIds.length === 0 ? next : this.#find(node.id, node.outputIds);
      for (const route of node.routes ?? []) route.outputs = this.#find(node.id, route.outputIds);
    }
    this.#refuseCircles();
  }

  get isHolding(): boolean {
    return this.#nodes.some(({ operator }) => operator?.isHolding === true);
  }

  process(entry: Entry): void {
    const [first] = this.#nodes;
    if (first === undefined) this.#emit(entry);
    else this.#run(first, entry);
  }

  /** Hands on what was kept for too long; everything where `nowMs` is infinite. */
  flush(nowMs: number): void {
    for (const node of this.#nodes) node.operator?.flush?.(nowMs, (entry) => this.#send(node.outputs, entry));
  }

  #run(node: Node, entry: Entry): void {
    try {
      if (node.condition !== undefined && !isTrue(node.condition, entry)) {
        this.#send(node.outputs, entry);
        return;
      }
      if (node.routes !== undefined) this.#route(node, node.routes, entry);
      else node.operator?.process(entry, (changed) => this.#send(node.outputs, changed));
    } catch (error) {
      if (!(error instanceof EntryError || error instanceof ExpressionError)) throw error;
      const isDropped = node.onError.startsWith("drop");
      this.#options.failed(node.id, error.message, isDropped, node.onError.endsWith("quiet"));
      if (!isDropped) this.#send(node.outputs, entry);
    }
  }

  #route(node: Node, routes: readonly Route[], entry: Entry): void {
    for (const route of routes) {
      if (route.condition !== undefined && !matchesRoute(route.condition, entry)) continue;
      for (const attribute of route.attributes) attribute(entry);
      this.#send(route.outputs, entry);
      return;
    }
    this.#options.dropped(node.id);
  }

  #send(outputs: readonly Node[], entry: Entry): void {
    if (outputs.length === 0) this.#emit(entry);
    for (const [i, output] of outputs.entries()) this.#run(output, i === outputs.length - 1 ? entry : entry.copy());
  }

  #find(from: string, ids: readonly string[]): Node[] {
    return ids.flatMap((id) => {
      const found = this.#nodes.find((node) => node.id === id);
      if (found === undefined) this.#options.report(`operator ${from}: output ${id} is no operator of this list`);
      return found === undefined ? [] : [found];
    });
  }

  #refuseCircles(): void {
    const done = new Set<Node>();
    const visit = (node: Node, above: readonly Node[]): void => {
      if (above.includes(node)) {
        this.#options.report(`operators lead to each other in a circle: ${[...above, node].map(({ id }) => id).join(", ")}`);
        node.outputs = [];
        for (const route of node.routes ?? []) route.outputs = [];
        return;
      }
      if (done.has(node)) return;
      for (const next of [...node.outputs, ...(node.routes ?? []).flatMap(({ outputs }) => outputs)]) visit(next, [...above, node]);
      done.add(node);
    };
    for (const node of this.#nodes) visit(node, []);
  }
}

/** An entry on which a route's condition can't be evaluated does not take that route. */
function matchesRoute(condition: Expression, entry: Entry): boolean {
  try {
    return isTrue(condition, entry);
  } catch (error) {
    if (error instanceof ExpressionError) return false;
    throw error;
  }
}

function nodeOf(config: Plain, index: number, ids: Set<string>, options: PipelineOptions): Node {
  const none: Node = {
    id: `#${index}`,
    operator: undefined,
    condition: undefined,
    onError: "send",
    routes: undefined,
    outputs: [],
    outputIds: [],
  };
  if (!isObject(config)) {
    options.report(`operator ${index + 1} must be an object`);
    return none;
  }
  const type = typeof config.type === "string" ? config.type : "";
  const settings = new Settings(config, `operator ${index + 1} (${type})`, options.report);
  settings.value("type");
  const id = uniqueId(settings.text("id", type), settings, ids);
  const onError = settings.text("on_error", "send");
  if (!["send", "send_quiet", "drop", "drop_quiet"].includes(onError))
    settings.wrong("on_error must be one of `send`, `send_quiet`, `drop`, `drop_quiet`");
  const node: Node = {
    id,
    condition: type === "router" ? undefined : settings.expression("if"),
    onError: onError as OnError,
    outputs: [],
    outputIds: settings.texts("output"),
    routes: type === "router" ? routesOf(settings) : undefined,
    operator: type === "router" ? undefined : operatorOf(type, id, settings, options),
  };
  settings.finish();
  return node;
}

function uniqueId(id: string, settings: Settings, ids: Set<string>): string {
  let unique = id;
  for (let i = 1; ids.has(unique); i++) unique = `${id}${i}`;
  if (unique !== id && settings.has("id")) settings.wrong(`operator with id '${id}' already exists in pipeline`);
  ids.add(unique);
  return unique;
}

function operatorOf(type: string, id: string, settings: Settings, options: PipelineOptions): Operator | undefined {
  const { now } = options;
  if (Object.hasOwn(parsers, type)) return parserOperator(settings, parsers[type as keyof typeof parsers](settings, now), now);
  if (Object.hasOwn(transforms, type)) return changing((transforms[type] as (given: Settings) => Transform)(settings));
  if (Object.hasOwn(marks, type)) return changing((marks[type] as (given: Settings, now: () => number) => Transform)(settings, now));
  switch (type) {
    case "container":
      return containerOperator(settings, now);
    case "recombine":
      return recombineOperator(settings, now);
    case "filter":
      return filterOperator(settings, id, options);
    case "":
      settings.wrong("missing required argument type");
      return undefined;
    default:
      if (elsewhere[type] !== undefined) settings.wrong(`${type} is ${elsewhere[type]}: it can't be among the operators here`);
      else settings.wrong(`unsupported type '${type}'`);
      return undefined;
  }
}

function changing(transform: Transform): Operator {
  return {
    process(entry, emit) {
      transform(entry);
      emit(entry);
    },
  };
}

/** Lets go of entries for which the expression holds, or of a share of them. */
function filterOperator(settings: Settings, id: string, { random, dropped }: PipelineOptions): Operator {
  if (!settings.has("expr")) settings.wrong("missing required argument expr");
  const condition = settings.expression("expr");
  const ratio = settings.number("drop_ratio", 1);
  if (ratio > 1) settings.wrong("drop_ratio must be a number between 0 and 1");
  return {
    process(entry, emit) {
      if (condition !== undefined && isTrue(condition, entry) && random() < ratio) dropped(id);
      else emit(entry);
    },
  };
}

function routesOf(settings: Settings): Route[] {
  const routes = settings.nestedList("routes").map((route): Route => {
    const made: Route = {
      condition: route.expression("expr"),
      outputIds: route.texts("output"),
      attributes: attributers(route, "attributes"),
      outputs: [],
    };
    if (!route.has("expr")) route.wrong("missing required argument expr");
    if (made.outputIds.length === 0) route.wrong("missing required argument output");
    route.finish();
    return made;
  });
  const otherwise = settings.texts("default");
  if (otherwise.length > 0) routes.push({ condition: undefined, outputIds: otherwise, attributes: [], outputs: [] });
  if (routes.length === 0) settings.wrong("missing required argument routes");
  return routes;
}
