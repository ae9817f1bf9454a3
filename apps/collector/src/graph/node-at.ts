import type { Identifier } from "@invar/alloy-syntax";

/** Finds what the beginning of a path names: `a.b.c` may lead to `a`, `a.b` or `a.b.c`. */
export function nodeAt<Node>(
  path: readonly Identifier[],
  nodes: ReadonlyMap<string, Node>,
): { readonly node: Node; readonly length: number } | undefined {
  let id = "";
  for (const [index, part] of path.entries()) {
    id = index === 0 ? part.text : `${id}.${part.text}`;
    const node = nodes.get(id);
    if (node !== undefined) return { node, length: index + 1 };
  }
  return undefined;
}
