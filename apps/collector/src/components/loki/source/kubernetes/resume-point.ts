/** Up to where a container's log was taken: everything before this moment, and this many lines of it. */
export interface ResumePoint {
  /** Since the epoch. */
  readonly seconds: number;
  readonly nanos: number;
  readonly lines: number;
  /** How often the container had been started anew. */
  readonly restarts: number;
}

/** Leaves out the lines that were taken before, since the API server begins at whole seconds, and counts those that come. */
export class ResumeFilter {
  #from: ResumePoint | undefined;
  /** Lines of the moment of `#from` that were met again. */
  #met = 0;
  #last: ResumePoint | undefined;
  #restarts: number;

  constructor(from: ResumePoint | undefined, restarts: number) {
    this.#from = from;
    this.#last = from;
    this.#restarts = restarts;
  }

  /** Where to go on after what has passed. */
  get point(): ResumePoint | undefined {
    return this.#last;
  }

  /** Whether a line is new. */
  passes(seconds: number, nanos: number): boolean {
    const from = this.#from;
    if (from !== undefined) {
      if (seconds < from.seconds || (seconds === from.seconds && nanos < from.nanos)) return false;
      if (seconds === from.seconds && nanos === from.nanos && this.#met++ < from.lines) return false;
      if (seconds !== from.seconds || nanos !== from.nanos) this.#from = undefined;
    }
    const last = this.#last;
    const isSameMoment = last !== undefined && last.seconds === seconds && last.nanos === nanos;
    this.#last = { seconds, nanos, lines: isSameMoment ? last.lines + 1 : 1, restarts: this.#restarts };
    return true;
  }
}

export function readResumePoint(value: unknown): ResumePoint | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { seconds, nanos, lines, restarts } = value as Record<string, unknown>;
  const isPoint = [seconds, nanos, lines, restarts].every((part) => typeof part === "number" && Number.isSafeInteger(part));
  return isPoint ? (value as ResumePoint) : undefined;
}
