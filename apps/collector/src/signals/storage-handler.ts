/** A place on disk that a component offers to others: for queues, for positions. */
export interface StorageHandler {
  /** The component that offers it, for messages. */
  readonly id: string;
  /** The folder, which exists. Its users make folders of their own in it. */
  readonly directory: string;
  /** Whether every write is to be followed by fsync. */
  readonly fsync: boolean;
}
