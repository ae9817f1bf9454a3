import { FLOAT32, type GoFunction, type GoType, type GoValue, type Raw, rawOf, Typed, typeOf } from "@invar/go-compat";

/** The zero value of a type. */
export function zeroOf(type: GoType): GoValue {
  switch (type.kind) {
    case "interface":
      return null;
    case "string":
      return type.name === "string" ? "" : new Typed(type, "");
    case "bool":
      return type.name === "bool" ? false : new Typed(type, false);
    case "int":
      return type.name === "int" ? 0n : new Typed(type, 0n);
    case "float64":
      return type.name === "float64" ? 0 : new Typed(type, 0);
    case "float32":
      return new Typed(FLOAT32, 0);
    case "complex128":
      return new Typed(type, { re: 0, im: 0 });
    case "struct":
      return new Typed(type, new Map());
    case "slice":
    case "array":
    case "map":
    case "ptr":
    case "func":
      return new Typed(type, null);
    default:
      return new Typed(type, 0n);
  }
}

/** Whether nil can stand for a value of the type. */
export function canBeNil(type: GoType): boolean {
  const { kind } = type;
  return kind === "interface" || kind === "map" || kind === "slice" || kind === "ptr" || kind === "func" || type.name === "reflect.Value";
}

/** The value as a parameter of that type takes it, or undefined when Go does not allow the assignment. */
export function assignTo(value: Exclude<GoValue, null>, type: GoType): GoValue | undefined {
  if (type.kind === "interface") return value;
  const given = typeOf(value);
  if (given.name === type.name) return value;
  // A named map or slice fits its unnamed form, and the other way round.
  if (given.kind !== type.kind || (given.kind !== "map" && given.kind !== "slice")) return undefined;
  const isUnnamed = (candidate: GoType): boolean => /^(?:map\[|\[\])/.test(candidate.name);
  if (!isUnnamed(given) && !isUnnamed(type)) return undefined;
  if (given.elem?.name !== type.elem?.name || given.key?.name !== type.key?.name) return undefined;
  return withType(type, rawOf(value));
}

/** The raw value under this type, in the plain form where there is one. */
export function withType(type: GoType, raw: Raw): GoValue {
  if (raw !== null) {
    switch (type.name) {
      case "string":
      case "int":
      case "bool":
      case "float64":
      case "[]interface {}":
      case "map[string]interface {}":
        return raw as GoValue;
    }
  }
  return new Typed(type, raw);
}

/** Whether this is a function value with a body to call. */
export function functionOf(value: GoValue): GoFunction | undefined {
  return value instanceof Typed && value.type.kind === "func" && value.raw !== null ? (value.raw as GoFunction) : undefined;
}
