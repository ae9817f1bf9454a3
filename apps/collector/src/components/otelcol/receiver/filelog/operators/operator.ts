import type { Entry } from "../entry.ts";

/** Hands an entry on. */
export type Emit = (entry: Entry) => void;

/** One step that entries go through. */
export interface Operator {
  /** Changes an entry and hands it on, keeps it for later, or lets it go. Throws `EntryError` where the entry is not what it needs. */
  process(entry: Entry, emit: Emit): void;
  /** Hands on what was kept for too long; all of it where `nowMs` is infinite. */
  flush?(nowMs: number, emit: Emit): void;
  /** Whether entries are kept. */
  readonly isHolding?: boolean;
}

/** An entry is not what an operator needs. What becomes of it says `on_error`. */
export class EntryError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "EntryError";
  }
}
