import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { Budget } from "../../delivery/budget.ts";

export interface BodyLimits {
  readonly maxBytes: number;
  /** A client that sends nothing for so long is given up. */
  readonly idleMs: number;
  /** The body counts in it while it is read and until `release`. */
  readonly budget: Budget | undefined;
}

export type ReadBody =
  | { readonly kind: "read"; readonly pieces: Uint8Array[]; readonly bytes: number; release(): void }
  | { readonly kind: "too_large" | "no_memory" | "too_slow" | "gone" };

type Timed = Pick<Socket, "setTimeout" | "once" | "off">;

/** Reads a request's body in the pieces that came. What is too large is noticed as early as its length is known. */
export function readBody(request: IncomingMessage, limits: BodyLimits): Promise<ReadBody> {
  const { maxBytes, idleMs, budget } = limits;
  const announced = Number(request.headers["content-length"] ?? Number.NaN);
  if (announced > maxBytes) return Promise.resolve({ kind: "too_large" });
  let reserved = 0;
  const reserve = (bytes: number): boolean => {
    if (budget !== undefined && !budget.reserve(bytes)) return false;
    reserved += bytes;
    return true;
  };
  const release = () => {
    budget?.release(reserved);
    reserved = 0;
  };
  if (announced > 0 && !reserve(announced)) return Promise.resolve({ kind: "no_memory" });
  // On a connection of HTTP/2 other requests may go on while this one stands still.
  const watched: Timed = "stream" in request ? (request.stream as Timed) : request.socket;
  return new Promise((resolve) => {
    const pieces: Uint8Array[] = [];
    let bytes = 0;
    const finish = (outcome: ReadBody) => {
      request.off("data", onData).off("end", onEnd).off("close", onGone).off("error", onGone).off("timeout", onSlow);
      watched.setTimeout(0);
      if (watched !== request.socket) watched.off("timeout", onSlow);
      if (outcome.kind !== "read") {
        pieces.length = 0;
        release();
      }
      resolve(outcome);
    };
    const onData = (piece: Uint8Array) => {
      bytes += piece.length;
      if (bytes > maxBytes) return finish({ kind: "too_large" });
      if (bytes > reserved && !reserve(bytes - reserved)) return finish({ kind: "no_memory" });
      pieces.push(piece);
    };
    const onEnd = () => finish({ kind: "read", pieces, bytes, release });
    const onGone = () => finish({ kind: "gone" });
    const onSlow = () => finish({ kind: "too_slow" });
    request.on("data", onData).on("end", onEnd).on("close", onGone).on("error", onGone).on("timeout", onSlow);
    watched.setTimeout(idleMs);
    if (watched !== request.socket) watched.once("timeout", onSlow);
  });
}
