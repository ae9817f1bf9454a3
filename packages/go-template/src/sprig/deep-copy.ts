import { GoError, type GoValue, Typed } from "@invar/go-compat";

/** What sprig's deepCopy gives: an error for nil. */
export function copyOf(value: GoValue): GoValue {
  if (value === null) throw new GoError("reflect: call of reflect.Value.Type on zero Value");
  return deepCopy(value);
}

/** A copy that shares no list or map with the original. */
export function deepCopy(value: GoValue): GoValue {
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map(deepCopy);
  if (value instanceof Map) {
    const copy = new Map<string, GoValue>();
    for (const [key, element] of value) copy.set(key, typeof element === "object" ? deepCopy(element) : element);
    return copy;
  }
  if (value instanceof Uint8Array) return Uint8Array.from(value);
  const { type, raw } = value;
  if (Array.isArray(raw)) return new Typed(type, (raw as GoValue[]).map(deepCopy));
  if (raw instanceof Map) return new Typed(type, new Map([...raw].map(([key, element]) => [key, deepCopy(element as GoValue)])));
  if (type.kind === "ptr" && raw instanceof Typed) return new Typed(type, deepCopy(raw));
  return value;
}
