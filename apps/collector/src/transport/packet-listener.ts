import { createSocket, type RemoteInfo } from "node:dgram";
import { isIPv6 } from "node:net";
import type { Logger } from "../component/context.ts";
import { addressText, parseAddress } from "./address.ts";
import type { PacketLoss } from "./packet-metrics.ts";

export interface PacketListenerOptions {
  readonly endpoint: string;
  /** 0: the system's. */
  readonly socketBufferBytes: number;
  readonly maxPacketBytes: number;
  readonly maxWaiting: number;
  readonly workers: number;
  /** Resolves to false where `stopping` was aborted before the packet was taken. */
  readonly take: (packet: Buffer, stopping: AbortSignal, sender: RemoteInfo) => Promise<boolean>;
  readonly lost: (reason: PacketLoss, packets?: number) => void;
  readonly budget: { reserve(bytes: number): boolean; release(bytes: number): void };
  readonly log: Logger;
}

export interface PacketListener {
  readonly host: string;
  readonly port: number;
  /** Takes no more, and resolves once what waited was handed on, or `deadline` is aborted: then the rest is lost and counted. */
  close(deadline: AbortSignal): Promise<void>;
}

/** Listens for packets. Rejects where it can't. */
export async function listenForPackets(options: PacketListenerOptions): Promise<PacketListener> {
  const { endpoint, socketBufferBytes, take, lost, budget, log } = options;
  const address = parseAddress(endpoint);
  if (typeof address === "string") throw new Error(address);
  const { host, port } = address;
  const socket = createSocket({
    type: host === undefined || isIPv6(host) ? "udp6" : "udp4",
    ...(socketBufferBytes > 0 && { recvBufferSize: socketBufferBytes }),
  });
  await new Promise<void>((resolve, reject) => {
    socket.once("error", (error) => reject(new Error(`listen udp ${addressText(host, port)}: ${error.message}`, { cause: error })));
    socket.bind({ port, ...(host !== undefined && { address: host }) }, resolve);
  });
  socket.removeAllListeners("error");
  socket.on("error", (error) => log.error("the listener for packets failed", { endpoint, err: error.message }));

  const waiting: { readonly packet: Buffer; readonly sender: RemoteInfo }[] = [];
  const stopping = new AbortController();
  let working = 0;
  let idle = () => {};
  const work = async () => {
    working++;
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const { packet, sender } = next;
      try {
        if (!(await take(packet, stopping.signal, sender))) lost("stopping");
      } catch (error) {
        log.error("a packet could not be taken", { err: error instanceof Error ? (error.stack ?? error.message) : String(error) });
      }
      budget.release(packet.length);
    }
    working--;
    if (working === 0) idle();
  };
  socket.on("message", (packet, sender) => {
    if (packet.length > options.maxPacketBytes) lost("too_large");
    else if (waiting.length >= options.maxWaiting && working >= options.workers) lost("queue_full");
    else if (!budget.reserve(packet.length)) lost("memory_budget");
    else {
      waiting.push({ packet, sender });
      if (working < options.workers) void work();
    }
  });
  const bound = socket.address();
  return {
    host: bound.address,
    port: bound.port,
    async close(deadline) {
      await new Promise<void>((resolve) => socket.close(() => resolve()));
      if (working === 0) return;
      await new Promise<void>((resolve) => {
        const abort = () => {
          lost("stopping", waiting.length);
          for (const { packet } of waiting.splice(0)) budget.release(packet.length);
          stopping.abort();
          resolve();
        };
        idle = () => {
          deadline.removeEventListener("abort", abort);
          resolve();
        };
        deadline.addEventListener("abort", abort, { once: true });
        if (deadline.aborted) abort();
      });
    },
  };
}
