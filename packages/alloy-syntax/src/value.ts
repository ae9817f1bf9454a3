/**
 * What an expression evaluates to. Whole numbers are `bigint` (Alloy's int64 arithmetic), others `number` (float64), so that
 * `3 / 2` is 1 and `3.0 / 2` is 1.5. Objects have no prototype: any text is a safe key.
 */
export type Value = null | boolean | bigint | number | string | readonly Value[] | ObjectValue | FunctionValue | Secret | Capsule;

export interface ObjectValue {
  readonly [key: string]: Value;
}

/** A function of the standard library. Throws `EvaluationError` when its arguments are wrong. */
export interface FunctionValue {
  readonly kind: "function";
  readonly name: string;
  /** Set when the incumbent warns about its use. */
  readonly deprecated?: boolean;
  /** Set when the function may be used only with `--stability.level=experimental`. */
  readonly experimental?: boolean;
  call(args: readonly Value[]): Value;
}

/**
 * Text that is never printed, compared or concatenated in the open. `optional` is Alloy's OptionalSecret: an ordinary string until
 * it is known to be secret; it converts to `string` only when `isSecret` is false.
 */
export class Secret {
  readonly isSecret: boolean;
  readonly #text: string;
  constructor(text: string, isSecret = true) {
    this.#text = text;
    this.isSecret = isSecret;
  }
  /** The text itself: only for the component that sends it to where it belongs. */
  reveal(): string {
    return this.#text;
  }
  toString(): string {
    return this.isSecret ? "(secret)" : this.#text;
  }
  toJSON(): string {
    return this.toString();
  }
}

/** A value that only components understand: a receiver, an authentication handler. Compared by identity. */
export class Capsule<T = unknown> {
  /** As messages name it: `otelcol.Consumer`, `loki.LogsReceiver`. */
  readonly type: string;
  readonly value: T;
  constructor(type: string, value: T) {
    this.type = type;
    this.value = value;
  }
}

/** Builds an object value from entries; later keys win. */
export function objectOf(entries: Iterable<readonly [string, Value]>): ObjectValue {
  const object: Record<string, Value> = Object.create(null);
  for (const [key, value] of entries) object[key] = value;
  return object;
}

export function isObject(value: Value): value is ObjectValue {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Secret) &&
    !(value instanceof Capsule) &&
    !isFunction(value)
  );
}

export function isFunction(value: Value): value is FunctionValue {
  return (
    typeof value === "object" && value !== null && Object.getPrototypeOf(value) !== null && (value as FunctionValue).kind === "function"
  );
}

/** The name of a value's type as messages spell it. */
export function typeName(value: Value): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (value instanceof Secret) return "capsule";
  if (value instanceof Capsule) return "capsule";
  switch (typeof value) {
    case "boolean":
      return "bool";
    case "bigint":
    case "number":
      return "number";
    case "string":
      return "string";
    default:
      return isFunction(value) ? "function" : "object";
  }
}
