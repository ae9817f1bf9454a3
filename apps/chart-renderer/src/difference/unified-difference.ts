/** The difference of two texts with one line around each change, as `diff -u` prints it; nothing for equal ones. */
export function unifiedDifference(before: string, after: string): string {
  const a = before.split("\n");
  const b = after.split("\n");
  const edits = editsOf(a, b);
  if (edits.every(({ sign }) => sign === " ")) return "";
  const out = ["--- Expected", "+++ Actual"];
  for (const { from, to } of hunks(edits)) {
    const part = edits.slice(from, to);
    const start = edits.slice(0, from);
    const count = (list: readonly Edit[], sign: string): number => list.filter((edit) => edit.sign === " " || edit.sign === sign).length;
    out.push(`@@ -${count(start, "-") + 1},${count(part, "-")} +${count(start, "+") + 1},${count(part, "+")} @@`);
    out.push(...part.map(({ sign, line }) => sign + line));
  }
  return `${out.join("\n")}\n`;
}

interface Edit {
  readonly sign: " " | "-" | "+";
  readonly line: string;
}

// Beyond it, comparing each line with each other takes too much memory: the texts are shown one after the other.
const MOST_CELLS = 4_000_000;

function editsOf(a: readonly string[], b: readonly string[]): Edit[] {
  if (a.length * b.length > MOST_CELLS) return [...a.map(edit("-")), ...b.map(edit("+"))];
  const width = b.length + 1;
  const longest = new Uint32Array((a.length + 1) * width);
  for (let x = a.length - 1; x >= 0; x--) {
    for (let y = b.length - 1; y >= 0; y--) {
      longest[x * width + y] =
        a[x] === b[y]
          ? (longest[(x + 1) * width + y + 1] as number) + 1
          : Math.max(longest[(x + 1) * width + y] as number, longest[x * width + y + 1] as number);
    }
  }
  const edits: Edit[] = [];
  let x = 0;
  let y = 0;
  while (x < a.length || y < b.length) {
    if (x < a.length && y < b.length && a[x] === b[y]) {
      edits.push({ sign: " ", line: a[x++] as string });
      y++;
    } else if (x < a.length && (y === b.length || (longest[(x + 1) * width + y] as number) >= (longest[x * width + y + 1] as number))) {
      edits.push({ sign: "-", line: a[x++] as string });
    } else edits.push({ sign: "+", line: b[y++] as string });
  }
  return edits;
}

function edit(sign: "-" | "+"): (line: string) => Edit {
  return (line) => ({ sign, line });
}

/** Changes with the line before and behind them; those that touch are one. */
function hunks(edits: readonly Edit[]): { from: number; to: number }[] {
  const found: { from: number; to: number }[] = [];
  edits.forEach(({ sign }, at) => {
    if (sign === " ") return;
    const from = Math.max(0, at - 1);
    const to = Math.min(edits.length, at + 2);
    const last = found.at(-1);
    if (last !== undefined && from <= last.to) last.to = to;
    else found.push({ from, to });
  });
  return found;
}
