import type { EntryValue } from "../entry.ts";
import type { Frame, Part } from "./frame.ts";
import { directed } from "./functions.ts";
import { ExpressionError } from "./parse.ts";
import { arithmetic, boolOf, listOf, textOf } from "./values.ts";

/** Asks about one element after the other. */
type Ask = (index: number) => EntryValue;

/** Compiles a function that asks a predicate about each element of a list: `filter(list, {# > 1})`. */
export function predicateCall(name: string, parts: readonly Part[]): Part {
  const [list, predicate, extra] = parts as [Part, Part | undefined, Part | undefined];
  const run = runs[name];
  if (run === undefined) throw new ExpressionError(`the function ${name} is not available`);
  return (frame) => {
    const elements = listOf(list(frame));
    const given = extra?.(frame);
    const { element, index, accumulated } = frame;
    try {
      const ask = (at: number) => {
        frame.element = elements[at] ?? null;
        frame.index = at;
        return predicate === undefined ? frame.element : predicate(frame);
      };
      return run(elements, ask, given, frame);
    } finally {
      Object.assign(frame, { element, index, accumulated });
    }
  };
}

type Run = (elements: readonly EntryValue[], ask: Ask, given: EntryValue | undefined, frame: Frame) => EntryValue;

const runs: Readonly<Record<string, Run>> = {
  all: (elements, ask) => elements.every((_, i) => boolOf(ask(i))),
  none: (elements, ask) => !elements.some((_, i) => boolOf(ask(i))),
  any: (elements, ask) => elements.some((_, i) => boolOf(ask(i))),
  one: (elements, ask) => elements.filter((_, i) => boolOf(ask(i))).length === 1,
  count: (elements, ask) => BigInt(elements.filter((_, i) => boolOf(ask(i))).length),
  filter: (elements, ask) => elements.filter((_, i) => boolOf(ask(i))),
  map: (elements, ask) => elements.map((_, i) => ask(i)),
  sum: (elements, ask) => elements.reduce<EntryValue>((sum, _, i) => arithmetic("+", sum, ask(i)), 0n),
  find: (elements, ask) => elements.find((_, i) => boolOf(ask(i))) ?? null,
  findIndex: (elements, ask) => position(elements.findIndex((_, i) => boolOf(ask(i)))),
  findLast: (elements, ask) => elements.findLast((_, i) => boolOf(ask(i))) ?? null,
  findLastIndex: (elements, ask) => position(elements.findLastIndex((_, i) => boolOf(ask(i)))),
  groupBy(elements, ask) {
    const groups = new Map<string, EntryValue[]>();
    for (const [i, element] of elements.entries()) {
      const key = textOf(ask(i));
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [element]);
      else group.push(element);
    }
    return groups;
  },
  sortBy(elements, ask, order = "asc") {
    const by = directed(order);
    const keyed = elements.map((element, i) => ({ element, key: ask(i) }));
    return keyed.sort((a, b) => by(a.key, b.key)).map(({ element }) => element);
  },
  reduce(elements, ask, initial, frame) {
    if (initial === undefined && elements.length === 0) throw new ExpressionError("reduce of empty array with no initial value");
    frame.accumulated = initial ?? elements[0] ?? null;
    for (let i = initial === undefined ? 1 : 0; i < elements.length; i++) frame.accumulated = ask(i);
    return frame.accumulated;
  },
};

function position(index: number): EntryValue {
  return index < 0 ? null : BigInt(index);
}
