/** What `adjtimex` tells; units are the kernel's. */
export interface ClockState {
  readonly state: number;
  readonly offset: number;
  readonly frequency: number;
  readonly maxError: number;
  readonly estimatedError: number;
  readonly status: number;
  readonly constant: number;
  readonly tick: number;
  readonly pulseFrequency: number;
  readonly jitter: number;
  readonly shift: number;
  readonly stability: number;
  readonly jitters: number;
  readonly calibrations: number;
  readonly errors: number;
  readonly instabilities: number;
  readonly atomicOffset: number;
}

/** The state of the kernel's clock, which is only read; undefined where the call can't be made: by this Node, on this machine or by its rules. */
export function clockState(): ClockState | undefined {
  functions ??= load();
  if (functions === "none") return undefined;
  // struct timex of 64-bit Linux: the first field, which is 0, says that nothing is to be changed.
  const bytes = Buffer.alloc(208);
  const state = functions.adjtimex(bytes);
  if (state < 0) return undefined;
  const longs = new BigInt64Array(bytes.buffer, bytes.byteOffset, bytes.length / 8);
  const ints = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  const long = (offset: number) => Number(longs[offset / 8]);
  const int = (offset: number) => ints[offset / 4] ?? 0;
  return {
    state,
    offset: long(8),
    frequency: long(16),
    maxError: long(24),
    estimatedError: long(32),
    status: int(40),
    constant: long(48),
    tick: long(88),
    pulseFrequency: long(96),
    jitter: long(104),
    shift: int(112),
    stability: long(120),
    jitters: long(128),
    calibrations: long(136),
    errors: long(144),
    instabilities: long(152),
    atomicOffset: int(160),
  };
}

interface Functions {
  adjtimex(state: Buffer): number;
}

let functions: Functions | "none" | undefined;

/** Processors on which a long has 64 bits. */
const wide = new Set(["x64", "arm64", "loong64", "ppc64", "riscv64", "s390x"]);

function load(): Functions | "none" {
  const foreign = wide.has(process.arch) ? withoutWarning(() => process.getBuiltinModule("node:ffi")) : undefined;
  if (foreign === undefined) return "none";
  try {
    return foreign.dlopen(null, { adjtimex: { arguments: ["buffer"], return: "int32" } }).functions;
  } catch {
    // A build without foreign functions, or a C library that has no such call.
    return "none";
  }
}

/** A kludge: Node warns on stderr, in the midst of the log, that the module is experimental. Without it a collector is absent, which is said. */
function withoutWarning<T>(run: () => T): T {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return run();
  } finally {
    process.emitWarning = emitWarning;
  }
}
