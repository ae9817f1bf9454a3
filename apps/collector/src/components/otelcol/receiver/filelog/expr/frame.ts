import type { Entry, EntryValue } from "../entry.ts";

/** What an expression is evaluated on. One stands for all evaluations of an expression, which never overlap. */
export interface Frame {
  entry: Entry;
  /** Of the innermost predicate: what it is asked about, where that stands in its list, and what `reduce` has so far. */
  element: EntryValue;
  index: number;
  accumulated: EntryValue;
  /** By `let` its value. */
  readonly variables: EntryValue[];
}

/** A compiled part of an expression. */
export type Part = (frame: Frame) => EntryValue;
