import { GoError } from "@invar/go-compat";

const MAX_SIZE = 1 << 26;

/** The size again, unless it is one that only a mistake or an attack asks for. */
export function checkedSize(size: number, what: string): number {
  if (size > MAX_SIZE) throw new GoError(`${what} would have a size of ${size}; the limit is ${MAX_SIZE}`);
  return size;
}
