import { elementsOf, entriesOf, type GoValue, rawOf, Typed, typeOf } from "@invar/go-compat";

/** Go's `reflect.DeepEqual`: the same types, and the same contents all the way down. */
export function isDeepEqual(a: GoValue, b: GoValue): boolean {
  if (a === null || b === null) return a === b;
  const type = typeOf(a);
  if (type.name !== typeOf(b).name) return false;
  const left = rawOf(a);
  const right = rawOf(b);
  if (left === null || right === null) return left === right;
  switch (type.kind) {
    case "slice":
    case "array": {
      const others = elementsOf(b) as readonly GoValue[];
      const elements = elementsOf(a) as readonly GoValue[];
      return elements.length === others.length && elements.every((element, index) => isDeepEqual(element, others[index] as GoValue));
    }
    case "map": {
      const others = entriesOf(b) as ReadonlyMap<unknown, GoValue>;
      const entries = entriesOf(a) as ReadonlyMap<unknown, GoValue>;
      if (entries.size !== others.size) return false;
      return [...entries].every(([key, value]) => others.has(key) && isDeepEqual(value, others.get(key) as GoValue));
    }
    case "struct":
      return isSameStruct(left, right);
    case "ptr":
      return left === right || isDeepEqual(left as GoValue, right as GoValue);
    case "complex128":
      return isSameStruct(left, right);
    default:
      return left === right;
  }
}

function isSameStruct(a: unknown, b: unknown): boolean {
  if (a instanceof Map && b instanceof Map) return [...a].every(([name, value]) => isDeepEqual(value as GoValue, b.get(name) as GoValue));
  if (a instanceof Typed || b instanceof Typed) return isDeepEqual(a as GoValue, b as GoValue);
  const left = a as Readonly<Record<string, unknown>>;
  const right = b as Readonly<Record<string, unknown>>;
  return Object.keys(left).every((name) => left[name] === right[name]);
}
