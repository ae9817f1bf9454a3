/** How peers reach each other: gRPC in production, a simulation in tests. */
export interface PeerNetwork {
  /** Makes one call. Never rejects. */
  call(address: string, method: PeerMethod, message: Uint8Array, timeoutMs: number): Promise<PeerAnswer>;
  /** The address is not used any more, for now. */
  forget(address: string): void;
}

export const peerMethods = ["Hello", "Give", "Copy"] as const;

export type PeerMethod = (typeof peerMethods)[number];

export type PeerAnswer =
  | { readonly kind: "answered"; readonly message: Uint8Array }
  /** The machine is there, and says that nobody listens: the process is gone, not cut off. */
  | { readonly kind: "refused"; readonly reason: string }
  /** Nothing came, or something that is no answer: it may be there and be cut off. */
  | { readonly kind: "silent"; readonly reason: string };

/** What a collector answers to its peers. */
export type PeerHandler = (method: PeerMethod, message: Uint8Array) => Uint8Array;
