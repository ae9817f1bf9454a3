import { totalmem } from "node:os";
import { getHeapStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** The memory of this process, for who limits it. */
export interface ProcessMemory {
  /** Heap and buffers, garbage included. */
  usedBytes(): number;
  /** What there is for this process: the container's limit, or the machine's memory. */
  totalBytes(): number;
  /** Frees what nobody refers to any more. Takes up to some hundred milliseconds, during which nothing else runs. */
  collectGarbage(): void;
}

export const processMemory: ProcessMemory = {
  usedBytes() {
    const { used_heap_size: heap, external_memory: external } = getHeapStatistics();
    return heap + external;
  },
  totalBytes() {
    const machine = totalmem();
    const container = process.constrainedMemory();
    return container > 0 && container < machine ? container : machine;
  },
  collectGarbage() {
    collect ??= exposedCollector();
    // The first run finds dead buffers and frees them in the background; the second one waits for that and counts it.
    collect();
    collect();
  },
};

let collect: (() => void) | undefined;

/** V8 shows its collector only to contexts made after the flag was set. */
function exposedCollector(): () => void {
  setFlagsFromString("--expose-gc");
  const found: unknown = runInNewContext("gc");
  if (typeof found !== "function") throw new Error(`gc should be a function, is ${typeof found}`);
  return () => void found();
}
