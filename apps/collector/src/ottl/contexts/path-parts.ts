import type { Place } from "../syntax/tree.ts";
import type { Access, Key } from "./access.ts";
import type { ContextName } from "./context.ts";

/** A path without its context, keys compiled; what reads it takes off what it knows. */
export interface PathParts {
  readonly names: readonly string[];
  /** By position of the name. */
  readonly keys: readonly (readonly Key[])[];
  /** Where metrics are: whether the data points are the items, and the metric is a parent. */
  readonly context: ContextName;
}

/** Says that a path is not known; thrown by the readers of paths. */
export class PathFault extends Error {
  /** Which of the names behind the context is at fault, where one is. */
  readonly segment: number | undefined;
  readonly hint: string | undefined;
  /** Where that name stands; undefined: the whole path is meant. */
  place: Place | undefined;
  constructor(
    message: string,
    { segment, hint, place }: { readonly segment?: number; readonly hint?: string | undefined; readonly place?: Place } = {},
  ) {
    super(message);
    this.segment = segment;
    this.hint = hint;
    this.place = place;
  }
}

/** Refuses keys where a path can't be indexed, and names behind those that are used. */
export function withoutMore(path: PathParts, used: number, access: Access): Access | undefined {
  if (path.names.length > used)
    throw new PathFault(
      `the path section ${JSON.stringify(path.names[used])} was not used by the context - this likely means you are using extra path sections`,
      { segment: used },
    );
  const indexed = path.keys.findIndex((keys, i) => i < used && keys.length > 0);
  if (indexed >= 0)
    throw new PathFault(
      `the keys indexing ${JSON.stringify(path.names[indexed])} were not used by the context - this likely means you are trying to index a path that does not support indexing`,
      { segment: indexed },
    );
  return access;
}

/** As `withoutMore` for a path of one name whose keys are used. */
export function indexable(path: PathParts, access: Access): Access | undefined {
  return withoutMore({ ...path, keys: [[], ...path.keys.slice(1)] }, 1, access);
}
