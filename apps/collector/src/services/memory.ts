import { totalmem } from "node:os";
import { getHeapStatistics } from "node:v8";

/** What the process may use: the container's limit, or the machine's memory. */
export function memoryLimitBytes(): number {
  const constrained = process.constrainedMemory();
  const total = totalmem();
  return constrained > 0 && constrained < total ? constrained : total;
}

const mostBytes = 1024 * 1024 * 1024;

/**
 * The share of the limit that data in flight may take: what remains beside the heap's ceiling and the program itself, at least a
 * sixteenth and at most half of the limit, and never more than a gibibyte: what waits longer belongs on disk.
 */
export function budgetBytes(limitBytes = memoryLimitBytes(), heapLimitBytes = getHeapStatistics().heap_size_limit): number {
  const programBytes = 96 * 1024 * 1024;
  const remaining = limitBytes - heapLimitBytes - programBytes;
  return Math.round(Math.min(mostBytes, limitBytes / 2, Math.max(limitBytes / 16, remaining)));
}
