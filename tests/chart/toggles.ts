/** A value of which a user chooses one of few. */
export interface Toggle {
  readonly path: readonly string[];
  readonly choices: readonly unknown[];
}

interface Schema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, unknown>>;
}

/** The flags and choices of a schema, at any depth. */
export function togglesOf(schema: unknown, path: readonly string[]): Toggle[] {
  const { type, enum: choices, properties = {} } = schema as Schema;
  if (type === "boolean") return [{ path, choices: [false, true] }];
  if (choices !== undefined) return [{ path, choices }];
  return Object.entries(properties).flatMap(([key, property]) => togglesOf(property, [...path, key]));
}

/**
 * Rows that hold every pair of choices of any two toggles, each as the index of the choice for each toggle. Found greedily: a row is the best of some
 * random ones, by how many new pairs it holds.
 */
export function pairwise(toggles: readonly Toggle[], random: () => number): number[][] {
  const pick = (): number[] => toggles.map(({ choices }) => Math.floor(random() * choices.length));
  const missing = new Set<string>();
  for (let left = 0; left < toggles.length; left++)
    for (let right = left + 1; right < toggles.length; right++)
      for (let first = 0; first < (toggles[left] as Toggle).choices.length; first++)
        for (let second = 0; second < (toggles[right] as Toggle).choices.length; second++)
          missing.add(`${left}.${first} ${right}.${second}`);
  const rows: number[][] = [];
  while (missing.size > 0) {
    const candidates = Array.from({ length: 12 }, pick);
    // One pair that is still missing goes into every candidate, so that each row brings the end nearer.
    const [wanted = ""] = missing;
    for (const place of wanted.split(" ")) {
      const [toggle, choice] = place.split(".").map(Number) as [number, number];
      for (const candidate of candidates) candidate[toggle] = choice;
    }
    const pairsOf = (row: readonly number[]): string[] => {
      const pairs: string[] = [];
      for (let left = 0; left < row.length; left++)
        for (let right = left + 1; right < row.length; right++) {
          const pair = `${left}.${row[left]} ${right}.${row[right]}`;
          if (missing.has(pair)) pairs.push(pair);
        }
      return pairs;
    };
    const scored = candidates.map((row) => ({ row, pairs: pairsOf(row) })).sort((a, b) => b.pairs.length - a.pairs.length);
    const best = scored[0] as { row: number[]; pairs: string[] };
    for (const pair of best.pairs) missing.delete(pair);
    rows.push(best.row);
  }
  return rows;
}

/** Sets a value at a path in a tree of objects, which is changed. */
export function setAt(tree: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [key, ...rest] = path as [string, ...string[]];
  if (rest.length === 0) tree[key] = value;
  else {
    if (typeof tree[key] !== "object") tree[key] = {};
    setAt(tree[key] as Record<string, unknown>, rest, value);
  }
}
