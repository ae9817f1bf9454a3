export interface GraphNode {
  readonly id: string;
  readonly to: readonly string[];
}

export interface PlacedNode {
  readonly id: string;
  /** Distance from the sources: column from the left. */
  readonly layer: number;
  /** Place from the top within the column. */
  readonly row: number;
}

/**
 * Places nodes in columns so that data flows to the right: each one column behind the last that sends to it. Within a column nodes stand near
 * those that they are connected with.
 */
export function layout(nodes: readonly GraphNode[]): PlacedNode[] {
  const known = new Map(nodes.map((node) => [node.id, node]));
  const layers = layersOf(nodes, known);
  const columns: string[][] = [];
  for (const { id } of nodes) {
    const layer = layers.get(id) ?? 0;
    const column = columns[layer] ?? [];
    columns[layer] = column;
    column.push(id);
  }
  const before = new Map<string, string[]>();
  for (const { id, to } of nodes) for (const target of to) before.set(target, [...(before.get(target) ?? []), id]);
  const rows = new Map<string, number>();
  const number = (column: readonly string[]) => {
    for (const [row, id] of column.entries()) rows.set(id, row);
  };
  for (const column of columns) number(column);
  for (let pass = 0; pass < sweeps; pass++) {
    const forward = pass % 2 === 0;
    for (const column of forward ? columns : [...columns].reverse()) {
      const weight = (id: string) =>
        mean(((forward ? before.get(id) : known.get(id)?.to) ?? []).map((other) => rows.get(other) ?? 0)) ?? rows.get(id) ?? 0;
      column.sort((a, b) => weight(a) - weight(b) || (a < b ? -1 : 1));
      number(column);
    }
  }
  return nodes.map(({ id }) => ({ id, layer: layers.get(id) ?? 0, row: rows.get(id) ?? 0 }));
}

/** Passes back and forth; more change little. */
const sweeps = 4;

function layersOf(nodes: readonly GraphNode[], known: ReadonlyMap<string, GraphNode>): Map<string, number> {
  const layers = new Map(nodes.map(({ id }) => [id, 0]));
  // As many rounds as there are nodes settle every chain, and end where data flows in a circle.
  for (let round = 0; round < nodes.length; round++) {
    let moved = false;
    for (const { id, to } of nodes)
      for (const target of to) {
        const least = (layers.get(id) ?? 0) + 1;
        if (!known.has(target) || target === id || (layers.get(target) ?? 0) >= least || least >= nodes.length) continue;
        layers.set(target, least);
        moved = true;
      }
    if (!moved) break;
  }
  return layers;
}

function mean(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length;
}
