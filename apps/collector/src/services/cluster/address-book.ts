import type { PeerAnswer } from "./network.ts";

/** An address where a member may be, and what came of asking there. */
export interface Place {
  readonly address: string;
  /** The source of addresses names it now, or did once. */
  isListed: boolean;
  wasListed: boolean;
  /** When it was last named by a member, or a member spoke from it. */
  namedMs: number;
  outcome: "unknown" | "self" | "answered" | "refused" | "silent" | "rejected";
  reason: string;
  /** Whoever answered there last. */
  instance: number | undefined;
  nextMs: number;
  isAsking: boolean;
  /** There is news for it since it was asked. */
  isDue: boolean;
}

/** Addresses that only members named, and where nobody answers, are forgotten after so long. */
const namedForMs = 60_000;

/** All addresses where members may be. */
export class AddressBook {
  readonly #places = new Map<string, Place>();

  get(address: string): Place | undefined {
    return this.#places.get(address);
  }

  all(): IterableIterator<Place> {
    return this.#places.values();
  }

  /** The source names these, and no others any more. */
  list(addresses: readonly string[], nowMs: number): void {
    for (const place of this.#places.values()) place.isListed = false;
    for (const address of addresses) {
      const place = this.name(address, nowMs);
      place.isListed = true;
      place.wasListed = true;
    }
  }

  name(address: string, nowMs: number): Place {
    let place = this.#places.get(address);
    if (place === undefined) {
      place = {
        address,
        isListed: false,
        wasListed: false,
        namedMs: nowMs,
        outcome: "unknown",
        reason: "not asked yet",
        instance: undefined,
        nextMs: nowMs,
        isAsking: false,
        isDue: false,
      };
      this.#places.set(address, place);
    }
    place.namedMs = nowMs;
    return place;
  }

  /** Whether somebody whom we ask at another address already is there too. */
  isAskedElsewhere(instance: number, address: string): boolean {
    for (const place of this.#places.values())
      if (place.address !== address && place.instance === instance && place.outcome === "answered") return true;
    return false;
  }

  note(place: Place, answer: Exclude<PeerAnswer, { kind: "answered" }>): void {
    place.outcome = answer.kind;
    place.reason = answer.reason;
  }

  forgetOld(nowMs: number, forget: (address: string) => void): void {
    for (const [address, place] of this.#places)
      if (!place.isListed && place.outcome !== "answered" && nowMs - place.namedMs > namedForMs) {
        this.#places.delete(address);
        forget(address);
      }
  }
}
