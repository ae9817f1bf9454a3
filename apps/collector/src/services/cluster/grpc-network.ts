import type { Clock } from "../../component/clock.ts";
import type { Logger } from "../../component/context.ts";
import { type GrpcClient, grpcClient } from "../../transport/grpc-client.ts";
import { grpcCodes } from "../../transport/grpc-status.ts";
import type { TlsClientSettings } from "../../transport/tls/settings.ts";
import type { PeerAnswer, PeerMethod, PeerNetwork } from "./network.ts";

/** Calls are made to paths below this; peers of another version of the protocol have another. */
export const peerService = "/invar.cluster.v1.Peers/";

export const mostPeerMessageBytes = 64 * 1024 * 1024;

interface Surroundings {
  /** Undefined: without TLS. */
  readonly tls: TlsClientSettings | undefined;
  readonly userAgent: string;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Peers over gRPC, one connection each. A connection that failed is made anew with the next call: waits that grow are not for peers. */
export class GrpcPeerNetwork implements PeerNetwork {
  readonly #around: Surroundings;
  readonly #clients = new Map<string, GrpcClient>();

  constructor(around: Surroundings) {
    this.#around = around;
  }

  async call(address: string, method: PeerMethod, message: Uint8Array, timeoutMs: number): Promise<PeerAnswer> {
    const client = this.#clientOf(address);
    if (typeof client === "string") return { kind: "silent", reason: client };
    const { status, body } = await client.unary(`${peerService}${method}`, [message], { timeoutMs });
    if (status.code === grpcCodes.OK && body !== undefined) return { kind: "answered", message: body };
    if (this.#clients.get(address) === client) this.forget(address);
    // The only way in which the client tells why a connection could not be made is its message.
    return { kind: status.message.includes("ECONNREFUSED") ? "refused" : "silent", reason: status.message };
  }

  forget(address: string): void {
    const client = this.#clients.get(address);
    this.#clients.delete(address);
    void client?.close(AbortSignal.timeout(lastWordsMs));
  }

  #clientOf(address: string): GrpcClient | string {
    const known = this.#clients.get(address);
    if (known !== undefined) return known;
    const { tls, userAgent, clock, log } = this.#around;
    try {
      const made = grpcClient({
        endpoint: address,
        tls,
        balancer: "pick_first",
        waitForReady: false,
        userAgent,
        maxResponseBytes: mostPeerMessageBytes,
        clock,
        log,
        // Peers are near: no proxy stands between.
        environment: {},
      });
      this.#clients.set(address, made);
      return made;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }
}

const lastWordsMs = 1_000;
