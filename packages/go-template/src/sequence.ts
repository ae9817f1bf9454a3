import { type GoType, type GoValue, Typed } from "@invar/go-compat";

/** What Go calls an iterator function: a value that only `range` understands. */
export interface GoSequence {
  /** Values a turn: one, or a key and a value. */
  readonly arity: 1 | 2;
  readonly iterate: () => Iterable<readonly GoValue[]>;
}

/** Wraps an iterator so that templates can range over it. */
export function sequence(typeName: string, value: GoSequence): Typed {
  const type: GoType = { name: typeName, kind: "func" };
  return new Typed(type, value as unknown as GoValue);
}

export function sequenceOf(value: GoValue): GoSequence | undefined {
  if (!(value instanceof Typed) || value.type.kind !== "func" || value.raw === null) return undefined;
  const raw = value.raw as unknown;
  return typeof raw === "object" && raw !== null && "iterate" in raw ? (raw as GoSequence) : undefined;
}
