import {
  bitsOf,
  COMPLEX128,
  elementsOf,
  entriesOf,
  formatValue,
  GoError,
  type GoFunction,
  type GoKey,
  type GoType,
  type GoValue,
  isFloatKind,
  isSignedKind,
  isUnsignedKind,
  normalizeText,
  quote,
  rawOf,
  sortedKeys,
  Typed,
  typeOf,
} from "@invar/go-compat";
import { assignTo, canBeNil, functionOf, withType, zeroOf } from "./assign.ts";
import { BUILTINS, printable, VALUE_TYPE } from "./builtins.ts";
import type {
  BranchNode,
  ChainNode,
  CommandNode,
  FieldNode,
  IdentifierNode,
  ListNode,
  Node,
  NumberNode,
  Operand,
  PipeNode,
  TemplateNode,
  VariableNode,
} from "./nodes.ts";
import { nodeText } from "./nodes.ts";
import type { Tree } from "./parser.ts";
import { sequenceOf } from "./sequence.ts";
import { placeOf, TemplateError } from "./template-error.ts";
import { type Evaluated, indirect, isTrue } from "./truth.ts";

export interface ExecuteOptions {
  /** What a key that a map does not have gives: no value, the zero of the map's type, or an error. */
  readonly missingKey?: "default" | "zero" | "error";
  /** Functions of this run; they stand before those of the set. */
  readonly functions?: ReadonlyMap<string, GoFunction>;
  /** Nested `{{template}}` calls. */
  readonly maxDepth?: number;
  /** Shared by everything that runs together (templates inside functions of templates). */
  readonly budget?: Budget;
  /** Told what the run reads and calls. */
  readonly observer?: Observer;
  /** Gets, for every text that is written, its place in the output and the node that wrote it. */
  readonly onWrite?: (offset: number, node: Node) => void;
}

/** What may be watched of a run; `template` is the one that runs, which may differ from where the node is written. */
export interface Observer {
  /** A key of a map was read by its name. */
  readonly field: (container: ReadonlyMap<GoKey, GoValue>, key: string, node: Node, template: string) => void;
  /** A function or method was called. */
  readonly call: (name: string, args: readonly GoValue[], result: GoValue, node: Node, template: string) => void;
  /** The elements of a list or map were visited. */
  readonly range: (container: GoValue, node: Node, template: string) => void;
  /** A value was printed. */
  readonly print: (value: GoValue, node: Node, template: string) => void;
}

/** What a run may still use. Bounds hostile templates in time and memory. */
export interface Budget {
  /** Nodes walked, and a share of the sizes that functions take and give. */
  steps: number;
  /** UTF-16 units of output, that of inner templates counted again where it is copied. */
  output: number;
}

/** Enough for any chart: tens of seconds, a quarter of a gigabyte. */
export function defaultBudget(): Budget {
  return { steps: 200_000_000, output: 1 << 28 };
}

export interface Templates {
  readonly trees: { readonly get: (name: string) => Tree | undefined };
  readonly functions: ReadonlyMap<string, GoFunction>;
}

const DEFAULT_MAX_DEPTH = 100_000;

/** Runs the named template. Throws `GoError` with Go's text. */
export function executeTree(templates: Templates, name: string, data: GoValue, options: ExecuteOptions): string {
  const tree = templates.trees.get(name);
  if (tree === undefined) throw new GoError(`template: no template ${quote(name)} associated with template ${quote(name)}`);
  const run = new Execution(templates, options);
  try {
    run.walkTree(tree, data === null ? undefined : data);
  } catch (error) {
    // Our stack is smaller than Go's: the same mistake, found earlier.
    if (isStackOverflow(error)) throw new GoError(`template: ${name}: exceeded maximum template depth`, { cause: error });
    throw error;
  }
  return normalizeText(run.output);
}

// Stands for the value from the pipeline where there is none.
const MISSING = Symbol("missing");
type Final = Evaluated | typeof MISSING;

interface Variable {
  readonly name: string;
  value: Evaluated;
  /** Came out of an interface (an element of a list): messages name that type instead of the value's own. */
  isInterface: boolean;
}

// How a list ended.
const DONE = 0;
const BREAK = 1;
const CONTINUE = 2;
type Flow = typeof DONE | typeof BREAK | typeof CONTINUE;

// Sizes are charged to the budget in units of this many characters or elements.
const SIZE_UNIT = 64;

class Execution {
  output = "";
  readonly #templates: Templates;
  readonly #extraFunctions: ReadonlyMap<string, GoFunction> | undefined;
  readonly #missingKey: "default" | "zero" | "error";
  readonly #maxDepth: number;
  readonly #budget: Budget;
  readonly #observer: Observer | undefined;
  readonly #onWrite: ((offset: number, node: Node) => void) | undefined;
  /** The template that runs, and the node at work: where errors are. */
  #template = "";
  #node: Node | undefined;
  #depth = 0;
  #variables: Variable[] = [];
  #isDotInterface = false;
  /** Whether the value that a field or dot gave last came out of an interface. */
  #isLastInterface = false;

  constructor(templates: Templates, options: ExecuteOptions) {
    this.#templates = templates;
    this.#extraFunctions = options.functions;
    this.#missingKey = options.missingKey ?? "default";
    this.#maxDepth = options.maxDepth ?? DEFAULT_MAX_DEPTH;
    this.#budget = options.budget ?? defaultBudget();
    this.#observer = options.observer;
    this.#onWrite = options.onWrite;
  }

  /** Runs a template's body; it sees no variable but `$`. */
  walkTree(tree: Tree, data: Evaluated): void {
    const template = this.#template;
    const node = this.#node;
    const variables = this.#variables;
    const isDotInterface = this.#isDotInterface;
    this.#template = tree.name;
    this.#variables = [{ name: "$", value: data, isInterface: false }];
    this.#isDotInterface = false;
    this.#walkList(data, tree.root);
    this.#template = template;
    this.#node = node;
    this.#variables = variables;
    this.#isDotInterface = isDotInterface;
  }

  #fail(problem: string, cause?: unknown): never {
    if (this.#node === undefined) throw new GoError(`template: ${this.#template}: ${problem}`, { cause });
    throw new TemplateError(placeOf(this.#node, this.#template), problem, cause);
  }

  #charge(size: number): void {
    this.#budget.steps -= 1 + Math.floor(size / SIZE_UNIT);
    if (this.#budget.steps < 0) this.#fail("the template takes too many steps");
  }

  #write(text: string): void {
    this.#budget.output -= text.length;
    if (this.#budget.output < 0) this.#fail("the output is too large");
    if (this.#onWrite !== undefined && text !== "" && this.#node !== undefined) this.#onWrite(this.output.length, this.#node);
    this.output += text;
  }

  // Statements.

  #walkList(dot: Evaluated, list: ListNode): Flow {
    this.#node = list;
    for (const node of list.nodes) {
      this.#charge(0);
      this.#node = node;
      switch (node.kind) {
        case "text":
          this.#write(node.text);
          break;
        case "action": {
          const value = this.#pipeline(dot, node.pipe);
          if (node.pipe.variables.length === 0) this.#print(node, value);
          break;
        }
        case "if":
        case "with": {
          const flow = this.#walkIf(dot, node);
          if (flow !== DONE) return flow;
          break;
        }
        case "range": {
          const flow = this.#walkRange(dot, node);
          if (flow !== DONE) return flow;
          break;
        }
        case "template":
          this.#walkTemplate(dot, node);
          break;
        case "break":
          return BREAK;
        case "continue":
          return CONTINUE;
        default:
          node satisfies never;
      }
    }
    return DONE;
  }

  #print(node: Node, value: Evaluated): void {
    this.#node = node;
    if (this.#observer !== undefined && value !== undefined) this.#observer.print(value, node, this.#template);
    if (typeof value === "string") {
      this.#write(value);
      return;
    }
    const shown = printable(value);
    if (shown instanceof Typed && shown.type.kind === "func" && shown.type.text === undefined) {
      this.#fail(`can't print ${nodeText(node)} of type ${shown.type.name}`);
    }
    this.#write(formatValue(shown));
  }

  #walkIf(dot: Evaluated, node: BranchNode): Flow {
    const mark = this.#variables.length;
    const value = this.#pipeline(dot, node.pipe);
    let flow: Flow = DONE;
    if (!isTrue(value)) {
      if (node.elseList !== undefined) flow = this.#walkList(dot, node.elseList);
    } else if (node.kind === "with") {
      const isDotInterface = this.#isDotInterface;
      this.#isDotInterface = false;
      flow = this.#walkList(value, node.list);
      this.#isDotInterface = isDotInterface;
    } else flow = this.#walkList(dot, node.list);
    this.#variables.length = mark;
    return flow;
  }

  #walkTemplate(dot: Evaluated, node: TemplateNode): void {
    const tree = this.#templates.trees.get(node.name);
    if (tree === undefined) this.#fail(`template ${quote(node.name)} not defined`);
    if (this.#depth === this.#maxDepth) this.#fail(`exceeded maximum template depth (${this.#maxDepth})`);
    const data = node.pipe === undefined ? undefined : this.#pipeline(dot, node.pipe);
    this.#depth++;
    this.walkTree(tree, data);
    this.#depth--;
  }

  #walkRange(dot: Evaluated, node: BranchNode): Flow {
    const mark = this.#variables.length;
    const isDotInterface = this.#isDotInterface;
    const { value } = indirect(this.#pipeline(dot, node.pipe));
    const turns = this.#rangeTurns(node, value);
    this.#isDotInterface = isDotInterface;
    let flow: Flow = DONE;
    if (turns === 0 && node.elseList !== undefined) flow = this.#walkList(dot, node.elseList);
    this.#variables.length = mark;
    return flow;
  }

  /** Walks the body for each element; gives the number of turns begun. */
  #rangeTurns(node: BranchNode, value: Evaluated): number {
    if (value === undefined || value === null) return 0;
    this.#observer?.range(value, node, this.#template);
    const type = typeOf(value);
    const { kind } = type;
    if (isSignedKind(kind) || isUnsignedKind(kind)) {
      if (node.pipe.variables.length > 1) this.#fail(`can't use ${formatValue(value)} to iterate over more than one variable`);
      const end = rawOf(value) as bigint;
      let turns = 0;
      for (let at = 0n; at < end; at++) {
        turns++;
        if (this.#turn(node, undefined, withType(type, at), false) === BREAK) break;
      }
      return turns;
    }
    const isInterface = type.elem?.kind === "interface";
    const elements = elementsOf(value);
    if (elements !== undefined) {
      let turns = 0;
      for (const element of elements) {
        if (this.#turn(node, BigInt(turns++), element, isInterface) === BREAK) break;
      }
      return turns;
    }
    const entries = entriesOf(value);
    if (entries !== undefined) return this.#rangeEntries(node, type, entries, isInterface);
    return this.#rangeSequence(node, value);
  }

  #rangeEntries(node: BranchNode, type: GoType, entries: ReadonlyMap<GoKey, GoValue>, isInterface: boolean): number {
    // A snapshot: the body may change the map.
    const pairs = sortedKeys(entries.keys()).map((key) => [key, entries.get(key) as GoValue] as const);
    let turns = 0;
    for (const [key, element] of pairs) {
      turns++;
      if (this.#turn(node, withType(type.key as GoType, key), element, isInterface) === BREAK) break;
    }
    return turns;
  }

  #rangeSequence(node: BranchNode, value: GoValue): number {
    const sequence = sequenceOf(value);
    if (sequence === undefined) this.#fail(`range can't iterate over ${formatValue(value)}`);
    const isPair = node.pipe.variables.length > 1;
    if (sequence.arity === 1 && isPair) this.#fail(`can't use ${formatValue(value)} iterate over more than one variable`);
    let turns = 0;
    for (const [first, second] of sequence.iterate()) {
      turns++;
      const flow = isPair ? this.#turn(node, first, second, false) : this.#turn(node, undefined, first, false);
      if (flow === BREAK) break;
    }
    return turns;
  }

  #turn(node: BranchNode, index: Evaluated, element: Evaluated, isInterface: boolean): Flow {
    this.#charge(0);
    const { variables, isAssign } = node.pipe;
    if (variables.length > 0) {
      const last = variables[variables.length - 1] as VariableNode;
      const first = variables.length > 1 ? (variables[0] as VariableNode) : undefined;
      if (isAssign) {
        if (first !== undefined) this.#setVariable(first.name, index, false);
        this.#setVariable(last.name, element, isInterface);
      } else {
        const top = this.#variables.length - 1;
        replaceVariable(this.#variables[top] as Variable, element, isInterface);
        if (first !== undefined) replaceVariable(this.#variables[top - 1] as Variable, index, false);
      }
    }
    const mark = this.#variables.length;
    this.#isDotInterface = isInterface;
    const flow = this.#walkList(element, node.list);
    this.#variables.length = mark;
    return flow;
  }

  // Variables.

  #variable(name: string): Variable {
    for (let at = this.#variables.length - 1; at >= 0; at--) {
      const variable = this.#variables[at] as Variable;
      if (variable.name === name) return variable;
    }
    return this.#fail(`undefined variable: ${name}`);
  }

  #setVariable(name: string, value: Evaluated, isInterface: boolean): void {
    replaceVariable(this.#variable(name), value, isInterface);
  }

  // Expressions.

  #pipeline(dot: Evaluated, pipe: PipeNode): Evaluated {
    this.#node = pipe;
    let value: Final = MISSING;
    for (const command of pipe.commands) {
      value = this.#command(dot, command, value);
      // Out of the interface: nil in one is no value.
      if (value === null) value = undefined;
    }
    const result = value as Evaluated;
    for (const variable of pipe.variables) {
      if (pipe.isAssign) this.#setVariable(variable.name, result, false);
      else this.#variables.push({ name: variable.name, value: result, isInterface: false });
    }
    return result;
  }

  #command(dot: Evaluated, command: CommandNode, final: Final): Evaluated {
    const first = command.words[0] as Operand;
    switch (first.kind) {
      case "identifier":
        return this.#function(dot, first, command, command.words, final);
      case "field":
        return this.#field(dot, first, command.words, final);
      case "variable":
        return this.#variableFields(dot, first, command.words, final);
      case "chain":
        return this.#chain(dot, first, command.words, final);
      case "pipe":
        this.#refuseArguments(command.words, final);
        return this.#pipeline(dot, first);
      default:
        this.#node = first;
        this.#refuseArguments(command.words, final);
        if (first.kind === "nil") this.#fail("nil is not a command");
        return this.#literal(dot, first);
    }
  }

  #refuseArguments(words: readonly Operand[] | undefined, final: Final): void {
    if (final === MISSING && (words === undefined || words.length <= 1)) return;
    this.#fail(`can't give argument to non-function ${words === undefined ? "%!s(<nil>)" : nodeText(words[0] as Operand)}`);
  }

  #literal(dot: Evaluated, node: Operand): Evaluated {
    switch (node.kind) {
      case "bool":
        return node.value;
      case "string":
        return node.value;
      case "number":
        return this.#idealConstant(node);
      default:
        return dot;
    }
  }

  /** A number where nothing says which type it must have: its spelling does. */
  #idealConstant(node: NumberNode): GoValue {
    this.#node = node;
    const { text, int, float, complex } = node.literal;
    if (complex !== undefined) return new Typed(COMPLEX128, complex);
    const isHexInteger = /^0[xX]/.test(text) && text.length > 2 && !/[pP]/.test(text);
    if (float !== undefined && !isHexInteger && !text.startsWith("'") && /[.eEpP]/.test(text)) return float;
    if (int !== undefined) return int;
    return this.#fail(`${text} overflows int`);
  }

  #field(dot: Evaluated, node: FieldNode, words: readonly Operand[] | undefined, final: Final): Evaluated {
    this.#node = node;
    this.#isLastInterface = this.#isDotInterface;
    return this.#fieldChain(dot, dot, node, node.names, words, final);
  }

  #chain(dot: Evaluated, node: ChainNode, words: readonly Operand[] | undefined, final: Final): Evaluated {
    this.#node = node;
    const value = this.#argument(dot, undefined, node.operand);
    this.#isLastInterface = false;
    return this.#fieldChain(dot, value, node, node.fields, words, final);
  }

  #variableFields(dot: Evaluated, node: VariableNode, words: readonly Operand[] | undefined, final: Final): Evaluated {
    this.#node = node;
    const variable = this.#variable(node.name);
    if (node.fields.length === 0) {
      this.#refuseArguments(words, final);
      this.#isLastInterface = variable.isInterface;
      return variable.value;
    }
    this.#isLastInterface = variable.isInterface;
    return this.#fieldChain(dot, variable.value, node, node.fields, words, final);
  }

  #fieldChain(
    dot: Evaluated,
    start: Evaluated,
    node: Node,
    names: readonly string[],
    words: readonly Operand[] | undefined,
    final: Final,
  ): Evaluated {
    let receiver = start;
    const last = names.length - 1;
    for (let at = 0; at < last; at++) receiver = this.#fieldOf(dot, names[at] as string, node, undefined, MISSING, receiver);
    // A method at the end gets the arguments.
    return this.#fieldOf(dot, names[last] as string, node, words, final, receiver);
  }

  #fieldOf(dot: Evaluated, name: string, node: Node, words: readonly Operand[] | undefined, final: Final, receiver: Evaluated): Evaluated {
    // By far the most frequent case first.
    if (receiver instanceof Map) {
      if ((words !== undefined && words.length > 1) || final !== MISSING) this.#fail(`${name} is not a method but has arguments`);
      this.#isLastInterface = true;
      this.#observer?.field(receiver, name, node, this.#template);
      const found = receiver.get(name);
      return found === undefined ? this.#missing(name, null) : found;
    }
    if (receiver === undefined) {
      if (this.#missingKey === "error") this.#fail(`nil data; no entry for key ${quote(name)}`);
      return undefined;
    }
    const typeName = this.#isLastInterface || receiver === null ? "interface {}" : typeOf(receiver).name;
    if (receiver === null) return this.#fail(`nil pointer evaluating ${typeName}.${name}`);
    const method = methodOf(receiver, name);
    if (method !== undefined) {
      this.#isLastInterface = false;
      return this.#call(dot, bindReceiver(method.method, method.receiver), node, name, words, final);
    }
    const { value: target, isNil } = indirect(receiver);
    const hasArguments = (words !== undefined && words.length > 1) || final !== MISSING;
    if (isNil) {
      const pointed = receiver instanceof Typed ? receiver.type.elem : undefined;
      const hasNoSuchField = pointed?.kind === "struct" && pointed.fields !== undefined && !pointed.fields.includes(name);
      if (!hasNoSuchField) this.#fail(`nil pointer evaluating ${typeName}.${name}`);
    } else if (target instanceof Typed && target.type.kind === "struct" && target.raw instanceof Map) {
      const field = (target.raw as ReadonlyMap<string, GoValue>).get(name);
      if (field !== undefined) {
        if (hasArguments) this.#fail(`${name} has arguments but cannot be invoked as function`);
        this.#isLastInterface = false;
        return field;
      }
    } else if (target !== undefined && target !== null) {
      const entries = entriesOf(target);
      const type = typeOf(target);
      if (entries !== undefined && (type.key?.kind === "string" || type.key?.kind === "interface")) {
        if (hasArguments) this.#fail(`${name} is not a method but has arguments`);
        this.#isLastInterface = type.elem?.kind === "interface";
        this.#observer?.field(entries, name, node, this.#template);
        const found = entries.get(name);
        return found === undefined ? this.#missing(name, zeroOf(type.elem as GoType)) : found;
      }
    }
    return this.#fail(`can't evaluate field ${name} in type ${typeName}`);
  }

  #missing(name: string, zero: GoValue): Evaluated {
    if (this.#missingKey === "error") this.#fail(`map has no entry for key ${quote(name)}`);
    return this.#missingKey === "zero" ? zero : undefined;
  }

  // Calls.

  #function(dot: Evaluated, node: IdentifierNode, command: Node, words: readonly Operand[] | undefined, final: Final): Evaluated {
    this.#node = node;
    const { name } = node;
    const own = this.#extraFunctions?.get(name) ?? this.#templates.functions.get(name);
    if (own !== undefined) return this.#call(dot, own, command, name, words, final);
    const builtin = BUILTINS.get(name);
    if (builtin === undefined) return this.#fail(`${quote(name)} is not a defined function`);
    this.#checkCount(builtin, name, words, final);
    if (name === "and" || name === "or") return this.#logic(dot, name === "or", words, final);
    if (name === "call") return this.#callValue(dot, command, words, final);
    return this.#call(dot, builtin, command, name, words, final);
  }

  #checkCount(callee: GoFunction, name: string, words: readonly Operand[] | undefined, final: Final): void {
    const written = words === undefined ? 0 : words.length - 1;
    const given = written + (final === MISSING ? 0 : 1);
    const declared = callee.params.length;
    if (callee.isVariadic) {
      if (given < declared - 1) this.#fail(`wrong number of args for ${name}: want at least ${declared - 1} got ${written}`);
    } else if (given !== declared) this.#fail(`wrong number of args for ${name}: want ${declared} got ${given}`);
  }

  /** `and` and `or` stop at the argument that decides. */
  #logic(dot: Evaluated, isOr: boolean, words: readonly Operand[] | undefined, final: Final): Evaluated {
    let value: Evaluated;
    for (let at = 1; words !== undefined && at < words.length; at++) {
      value = this.#argument(dot, VALUE_TYPE, words[at] as Operand);
      if (isTrue(value) === isOr) return value;
    }
    return final === MISSING ? value : final;
  }

  /** `call`: the first argument is the function. */
  #callValue(dot: Evaluated, command: Node, words: readonly Operand[] | undefined, final: Final): Evaluated {
    const values: Evaluated[] = [];
    for (let at = 1; words !== undefined && at < words.length; at++) values.push(this.#argument(dot, VALUE_TYPE, words[at] as Operand));
    if (final !== MISSING) values.push(final);
    const written = words?.[1];
    const name = written === undefined ? describeCallee(values[0]) : nodeText(written);
    try {
      const callee = values.shift();
      if (callee === undefined || callee === null) throw new GoError("call of nil");
      const body = functionOf(callee);
      if (body === undefined) throw new GoError(`non-function ${name} of type ${typeOf(callee).name}`);
      return body.call(...preparedArguments(body, name, values));
    } catch (error) {
      this.#node = command;
      return this.#failedCall("call", error);
    }
  }

  #call(dot: Evaluated, callee: GoFunction, node: Node, name: string, words: readonly Operand[] | undefined, final: Final): Evaluated {
    this.#checkCount(callee, name, words, final);
    const { params, isVariadic } = callee;
    const lastParam = params.length - 1;
    const written = words === undefined ? 0 : words.length - 1;
    const values: GoValue[] = [];
    for (let at = 0; at < written; at++) {
      const type = params[isVariadic && at > lastParam ? lastParam : at] as GoType;
      values.push(this.#argument(dot, type, (words as readonly Operand[])[at + 1] as Operand) as GoValue);
    }
    if (final !== MISSING)
      values.push(this.#validated(final, params[isVariadic && written > lastParam ? lastParam : written] as GoType) as GoValue);
    let size = 0;
    for (const value of values) size += sizeOf(value);
    this.#charge(size);
    let result: GoValue;
    try {
      result = callee.call(...values);
    } catch (error) {
      this.#node = node;
      return this.#failedCall(name, error);
    }
    this.#charge(sizeOf(result));
    this.#observer?.call(name, values, result, node, this.#template);
    return result;
  }

  #failedCall(name: string, error: unknown): never {
    if (error instanceof GoError) this.#fail(`error calling ${name}: ${error.message}`, error);
    if (error instanceof RangeError && error.message.includes("string length"))
      this.#fail(`error calling ${name}: the result is too large`, error);
    throw error;
  }

  /** Evaluates an argument for a parameter of this type; no type for the head of a chain. */
  #argument(dot: Evaluated, type: GoType | undefined, node: Operand): Evaluated {
    this.#node = node;
    switch (node.kind) {
      case "dot":
        return this.#validated(dot, type);
      case "nil":
        if (type === undefined || canBeNil(type)) return type === VALUE_TYPE || type === undefined ? undefined : zeroOf(type);
        return this.#fail(`cannot assign nil to ${type.name}`);
      case "field":
        return this.#validated(this.#field(dot, node, undefined, MISSING), type);
      case "variable":
        return this.#validated(this.#variableFields(dot, node, undefined, MISSING), type);
      case "pipe":
        return this.#validated(this.#pipeline(dot, node), type);
      case "identifier":
        return this.#validated(this.#function(dot, node, node, undefined, MISSING), type);
      case "chain":
        return this.#validated(this.#chain(dot, node, undefined, MISSING), type);
      default:
        return this.#constant(type as GoType, node);
    }
  }

  /** A literal for a parameter: the parameter's type decides what a number becomes. */
  #constant(type: GoType, node: Operand & { kind: "bool" | "number" | "string" }): GoValue {
    const { kind } = type;
    if (kind === "interface" || type === VALUE_TYPE) {
      return node.kind === "number" ? this.#idealConstant(node) : node.value;
    }
    const literal = node.kind === "number" ? node.literal : undefined;
    if (kind === "string")
      return node.kind === "string" ? withType(type, node.value) : this.#fail(`expected string; found ${nodeText(node)}`);
    if (kind === "bool") return node.kind === "bool" ? withType(type, node.value) : this.#fail(`expected bool; found ${nodeText(node)}`);
    if (isSignedKind(kind)) {
      return literal?.int === undefined
        ? this.#fail(`expected integer; found ${nodeText(node)}`)
        : withType(type, BigInt.asIntN(bitsOf(kind), literal.int));
    }
    if (isUnsignedKind(kind)) {
      if (literal?.uint === undefined) return this.#fail(`expected unsigned integer; found ${nodeText(node)}`);
      return withType(type, BigInt.asUintN(bitsOf(kind), literal.uint));
    }
    if (isFloatKind(kind))
      return literal?.float === undefined ? this.#fail(`expected float; found ${nodeText(node)}`) : withType(type, literal.float);
    if (kind === "complex128") {
      return literal?.complex === undefined ? this.#fail(`expected complex; found ${nodeText(node)}`) : withType(type, literal.complex);
    }
    return this.#fail(`can't handle ${nodeText(node)} for arg of type ${type.name}`);
  }

  #validated(value: Evaluated, type: GoType | undefined): Evaluated {
    if (type === undefined || type === VALUE_TYPE) return value;
    if (value === undefined) {
      if (canBeNil(type)) return zeroOf(type);
      return this.#fail(`invalid value; expected ${type.name}`);
    }
    if (value === null) {
      return type.kind === "interface" ? null : this.#fail(`wrong type for value; expected ${type.name}; got interface {}`);
    }
    const assigned = assignTo(value, type);
    if (assigned !== undefined) return assigned;
    if (value instanceof Typed && value.type.kind === "ptr" && value.type.elem?.name === type.name) {
      return value.raw === null ? this.#fail(`dereference of nil pointer of type ${type.name}`) : (value.raw as GoValue);
    }
    return this.#fail(`wrong type for value; expected ${type.name}; got ${typeOf(value).name}`);
  }
}

function replaceVariable(variable: Variable, value: Evaluated, isInterface: boolean): void {
  variable.value = value;
  variable.isInterface = isInterface;
}

function methodOf(receiver: Exclude<GoValue, null>, name: string): { method: GoFunction; receiver: GoValue } | undefined {
  let current: GoValue = receiver;
  while (current instanceof Typed) {
    const method = current.type.methods !== undefined && Object.hasOwn(current.type.methods, name) ? current.type.methods[name] : undefined;
    if (method !== undefined) return { method, receiver: current };
    if (current.type.kind !== "ptr" || current.raw === null) return undefined;
    current = current.raw as GoValue;
  }
  return undefined;
}

function bindReceiver(method: GoFunction, receiver: GoValue): GoFunction {
  return { params: method.params, isVariadic: method.isVariadic, call: (...args) => method.call(receiver, ...args) };
}

/** Arguments of `call`, converted between integer types where Go does. */
function preparedArguments(callee: GoFunction, name: string, values: readonly Evaluated[]): GoValue[] {
  const { params, isVariadic } = callee;
  const last = params.length - 1;
  if (isVariadic && values.length < last) throw new GoError(`wrong number of args for ${name}: got ${values.length} want at least ${last}`);
  if (!isVariadic && values.length !== params.length)
    throw new GoError(`wrong number of args for ${name}: got ${values.length} want ${params.length}`);
  return values.map((value, index) => {
    const type = params[isVariadic && index > last ? last : index] as GoType;
    if (value === undefined || value === null) {
      if (!canBeNil(type)) throw new GoError(`arg ${index}: value is nil; should be of type ${type.name}`);
      return zeroOf(type);
    }
    const assigned = assignTo(value, type);
    if (assigned !== undefined) return assigned;
    const given = typeOf(value);
    const isWhole = (kind: GoType["kind"]): boolean => isSignedKind(kind) || isUnsignedKind(kind);
    if (isWhole(given.kind) && isWhole(type.kind)) return integerAs(type, rawOf(value) as bigint);
    throw new GoError(`arg ${index}: value has type ${given.name}; should be ${type.name}`);
  });
}

function integerAs(type: GoType, value: bigint): GoValue {
  const bits = bitsOf(type.kind);
  return withType(type, isSignedKind(type.kind) ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value));
}

function describeCallee(callee: Evaluated): string {
  if (callee === undefined || callee === null) return "<invalid Value>";
  return typeof callee === "string" ? callee : `<${typeOf(callee).name} Value>`;
}

function sizeOf(value: Evaluated): number {
  if (typeof value === "string") return value.length;
  if (Array.isArray(value)) return value.length;
  if (value instanceof Typed && Array.isArray(value.raw)) return value.raw.length;
  return value instanceof Uint8Array ? value.length : 0;
}

function isStackOverflow(error: unknown): boolean {
  return error instanceof RangeError && error.message.includes("call stack");
}
