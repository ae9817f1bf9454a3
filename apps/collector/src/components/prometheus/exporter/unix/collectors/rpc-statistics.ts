import { linesOf, numberOf, wordsOf } from "../text-table.ts";

/** Lines of numbers by their name, as the kernel's RPC code writes them for clients and servers. A line that is missing counts nothing. */
export interface RpcLines {
  /** The number in a column, the first behind the line's name being 0. */
  at(line: string, column: number): number;
}

/** `lengths` says how many numbers a known line has: one, or at least so many after a number that counts them. */
export function rpcLines(file: string, text: string, lengths: Readonly<Record<string, number>>): RpcLines {
  const lines = new Map<string, number[]>();
  for (const line of linesOf(text)) {
    const [name = "", ...words] = wordsOf(line);
    const length = lengths[name];
    if (length === undefined) throw new Error(`${file} has a line ${JSON.stringify(name)}, which is not known`);
    const numbers = words.map((word, index) => (name === "th" && index >= length ? 0 : numberOf(word)));
    if (numbers.length < length) throw new Error(`${file} has ${numbers.length} numbers in the line ${name}, at least ${length} are known`);
    lines.set(name, numbers);
  }
  return { at: (line, column) => lines.get(line)?.[column] ?? 0 };
}
