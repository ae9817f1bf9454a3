import { type Path, pathText } from "../syntax/tree.ts";
import { copyOf, type Value } from "../value.ts";
import type { Access } from "./access.ts";
import { checkSettable } from "./access.ts";
import { expectMap, getIn, setIn, textKey } from "./keys.ts";
import { PathFault, type PathParts } from "./path-parts.ts";

/** A map that statements keep for each other while they work on one item. */
export function cachePath({ names, keys }: PathParts, path: Path): Access {
  if (names.length > 1)
    throw new PathFault(
      `the path section ${JSON.stringify(names[1])} of ${JSON.stringify(pathText(path))} was not used by the context - this likely means you are using extra path sections`,
      { segment: 1 },
    );
  const [inside = []] = keys;
  if (inside.length === 0)
    return {
      get: (frame) => frame.cache,
      set: (frame, value) => {
        frame.cache = copyOf(expectMap(value)) as Map<string, Value>;
      },
    };
  const [first] = inside;
  return {
    get: (frame) => (first === undefined ? null : (getIn(frame, frame.cache.get(textKey(frame, first)) ?? null, inside, 1) ?? null)),
    set: (frame, value) => {
      if (first === undefined) return;
      checkSettable(value);
      const key = textKey(frame, first);
      frame.cache.set(key, setIn(frame, frame.cache.get(key) ?? null, inside, 1, value));
    },
  };
}
