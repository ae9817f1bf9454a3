import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseAllDocuments } from "yaml";

const known = new Map<string, ReadonlyMap<string, number>>();
const MOST_KNOWN = 64;

/** The line of each key and list element of a text's first document, by its path with zero characters between the keys. */
export function yamlLines(text: string): ReadonlyMap<string, number> {
  const found = known.get(text);
  if (found !== undefined) return found;
  const lines = findLines(text);
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(text, lines);
  return lines;
}

function findLines(text: string): Map<string, number> {
  const counter = new LineCounter();
  const [document] = parseAllDocuments(text, {
    schema: "failsafe",
    version: "1.1",
    uniqueKeys: false,
    lineCounter: counter,
    logLevel: "silent",
  });
  const lines = new Map<string, number>();
  const lineOf = (node: Node): number => counter.linePos(node.range?.[0] ?? 0).line;
  const visit = (node: Node | null, path: string): void => {
    if (isMap(node)) {
      for (const { key, value } of node.items) {
        const name = isScalar(key) ? String(key.value ?? "") : "";
        const own = path === "" ? name : `${path}\0${name}`;
        if (isScalar(key)) lines.set(own, lineOf(key));
        visit(value as Node | null, own);
      }
    } else if (isSeq(node)) {
      node.items.forEach((item, index) => {
        const own = path === "" ? `${index}` : `${path}\0${index}`;
        lines.set(own, lineOf(item as Node));
        visit(item as Node, own);
      });
    } else if (isAlias(node)) return;
  };
  visit((document?.contents ?? null) as Node | null, "");
  return lines;
}
