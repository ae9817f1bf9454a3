/** Tells where members may be. */
export interface AddressSource {
  /** For messages: where the addresses come from. */
  readonly description: string;
  /** Who is no longer listed is gone for good: true for what an orchestrator says, false for what somebody once wrote down. */
  readonly isAuthoritative: boolean;
  /** Tells all addresses now and whenever they change, and why they can't be had. The returned function ends it. */
  start(listener: AddressListener): () => void;
}

export interface AddressListener {
  found(addresses: readonly string[]): void;
  /** Tried again by the source itself, for ever. What was found stays. */
  failed(reason: string): void;
}
