import { isObject, type Value } from "../value.ts";
import { failure } from "./function.ts";
import { parseJson } from "./json.ts";
import { applyFunction, applyOperator } from "./json-path-operators.ts";
import { type Filter, nothing, type Operand, parseJsonPath, type Step } from "./json-path-parser.ts";

/** Everything that a JSONPath selects in a JSON text, in the order of the text; children before their parents after `..`. */
export function selectByJsonPath(json: string, path: string): Value[] {
  const steps = parseJsonPath(path);
  const text = json.replace(/^\ufeff/, "");
  const root = text.trim() === "" ? null : parseJson(text, wholeOrFraction);
  return steps.length === 0 ? [] : select(steps, root, root);
}

// Runs a path from `current`; `$` in it, and in filters, is `root`.
function select(steps: readonly Step[], current: Value, root: Value): Value[] {
  const budget = { left: MAX_VISITS };
  let values: Value[] = [current];
  steps.forEach((step, at) => {
    const isLast = at === steps.length - 1;
    const next: Value[] = [];
    for (const value of values) take(step, value, root, isLast, next, budget);
    values = next;
  });
  return values;
}

// A path of many `..` selects the same values again and again.
const MAX_VISITS = 1_000_000;

function take(step: Step, value: Value, root: Value, isLast: boolean, found: Value[], budget: { left: number }): void {
  budget.left--;
  if (budget.left < 0) throw failure(`the path selects more than ${MAX_VISITS} values`);
  switch (step.kind) {
    case "root":
      found.push(root);
      return;
    case "current":
      found.push(value);
      return;
    case "wildcard":
      for (const child of childrenOf(value)) found.push(child);
      return;
    case "child":
      takeMember(step.name, value, found);
      return;
    case "nth":
      takeMember(step.index, value, found);
      return;
    case "union":
      for (const member of step.members) takeMember(member, value, found);
      return;
    case "slice":
      takeSlice(step, value, found);
      return;
    case "filter":
      for (const child of childrenOf(value)) if (matches(step.filter, child, root)) found.push(child);
      return;
    case "descent":
      if (isLast) takeAllBelow(value, found, budget);
      else takeContainers(value, found, budget);
      if (isLast && isContainer(value)) found.push(value);
      return;
    default:
      step satisfies never;
  }
}

function takeMember(member: string | number, value: Value, found: Value[]): void {
  if (Array.isArray(value) && typeof member === "number") {
    const item = value.at(member);
    if (item !== undefined) found.push(item);
  } else if (value !== null && isObject(value) && typeof member === "string" && Object.hasOwn(value, member)) {
    found.push(value[member] ?? null);
  }
}

function takeSlice({ start, end, step }: Step & { kind: "slice" }, value: Value, found: Value[]): void {
  if (!Array.isArray(value) || step === 0) return;
  const length = value.length;
  const from = start < 0 ? Math.max(0, length + start) : start;
  const to = Math.min(end < 0 ? length + end : end, length);
  if (from >= length) return;
  if (step > 0) for (let at = from; at < to; at += step) found.push(value[at]);
  else for (let at = from; at > Math.max(to, -1); at += step) found.push(value[at]);
}

// The containers at or below a value, the inner ones first.
function takeContainers(value: Value, found: Value[], budget: { left: number }): void {
  if (!isContainer(value)) return;
  budget.left--;
  for (const child of childrenOf(value)) takeContainers(child, found, budget);
  found.push(value);
}

function takeAllBelow(value: Value, found: Value[], budget: { left: number }): void {
  const children = childrenOf(value);
  budget.left -= children.length;
  for (const child of children) found.push(child);
  for (const child of children) takeAllBelow(child, found, budget);
}

function isContainer(value: Value): boolean {
  return Array.isArray(value) || (value !== null && isObject(value));
}

function childrenOf(value: Value): readonly Value[] {
  if (Array.isArray(value)) return value;
  return value !== null && isObject(value) ? Object.values(value) : [];
}

function wholeOrFraction(literal: string): bigint | number {
  if (!/^-?\d+$/.test(literal) || literal.length > 20) return Number(literal);
  const whole = BigInt(literal);
  return BigInt.asIntN(64, whole) === whole ? whole : Number(literal);
}

// A result, and whether it was read from the document: what is there counts as true, whatever it is.
interface Result {
  readonly value: Operand;
  readonly isFound: boolean;
}

/** Whether a value satisfies a condition. A path that selects many values satisfies it when one of them does. */
function matches(filter: Filter, current: Value, root: Value): boolean {
  const choices = new Map<Filter, Value[]>();
  collectChoices(filter, current, root, choices);
  const many = [...choices].filter(([, values]) => values.length > 1);
  const combinations = many.reduce((product, [, values]) => product * values.length, 1);
  if (combinations > MAX_COMBINATIONS) throw failure(`a filter compares more than ${MAX_COMBINATIONS} combinations of values`);
  for (let combination = 0; combination < combinations; combination++) {
    let rest = combination;
    const chosen = new Map<Filter, number>();
    for (const [path, values] of many) {
      chosen.set(path, rest % values.length);
      rest = Math.floor(rest / values.length);
    }
    const result = evaluate(filter, (path) => choices.get(path)?.[chosen.get(path) ?? 0], choices);
    if (isTrue(result)) return true;
  }
  return false;
}

const MAX_COMBINATIONS = 100_000;

function collectChoices(filter: Filter, current: Value, root: Value, choices: Map<Filter, Value[]>): void {
  switch (filter.kind) {
    case "constant":
      return;
    case "path":
      choices.set(filter, select(filter.steps, current, root));
      return;
    case "not":
      collectChoices(filter.operand, current, root, choices);
      return;
    case "function":
      if (filter.name === "count") {
        // The count is one value, however many it counts.
        const values = filter.left.kind === "path" ? select(filter.left.steps, current, current) : undefined;
        choices.set(filter, values === undefined ? [] : [BigInt(values.length)]);
        return;
      }
      collectChoices(filter.left, current, root, choices);
      if (filter.right !== undefined) collectChoices(filter.right, current, root, choices);
      return;
    case "operation":
      collectChoices(filter.left, current, root, choices);
      collectChoices(filter.right, current, root, choices);
      return;
    default:
      filter satisfies never;
  }
}

function evaluate(filter: Filter, choose: (path: Filter) => Value | undefined, choices: ReadonlyMap<Filter, Value[]>): Result {
  switch (filter.kind) {
    case "constant":
      return { value: filter.value, isFound: false };
    case "path": {
      const value = choose(filter);
      return value === undefined ? { value: nothing, isFound: false } : { value, isFound: true };
    }
    case "not":
      return { value: !isTrue(evaluate(filter.operand, choose, choices)), isFound: false };
    case "function": {
      if (filter.name === "count") return { value: choices.get(filter)?.[0] ?? nothing, isFound: false };
      const left = evaluate(filter.left, choose, choices).value;
      const right = filter.right === undefined ? nothing : evaluate(filter.right, choose, choices).value;
      return { value: applyFunction(filter.name, left, right), isFound: false };
    }
    case "operation": {
      const left = evaluate(filter.left, choose, choices);
      const right = evaluate(filter.right, choose, choices);
      if (filter.operator === "&&") return { value: isTrue(left) && isTrue(right), isFound: false };
      if (filter.operator === "||") return { value: isTrue(left) || isTrue(right), isFound: false };
      return { value: applyOperator(filter.operator, left.value, right.value), isFound: false };
    }
    default:
      return filter satisfies never;
  }
}

function isTrue({ value, isFound }: Result): boolean {
  return isFound || value === true;
}
