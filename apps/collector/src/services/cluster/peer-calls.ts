import type { IncomingMessage, ServerResponse } from "node:http";
import { grpcCodes } from "../../transport/grpc-status.ts";
import { mostPeerMessageBytes, peerService } from "./grpc-network.ts";
import { type PeerHandler, peerMethods } from "./network.ts";

/**
 * Answers a gRPC call of a peer that came to the process's own server, HTTP/2 with or without TLS. Peers share the port with everything else, so
 * that the platform's HTTP/2 reads it; a call is one message each way.
 */
export async function answerPeerCall(request: IncomingMessage, response: ServerResponse, handle: PeerHandler): Promise<void> {
  const path = request.url ?? "";
  const method = peerMethods.find((name) => path === `${peerService}${name}`);
  if (request.httpVersionMajor !== 2 || !(request.headers["content-type"] ?? "").startsWith("application/grpc")) {
    request.resume();
    response.writeHead(415, { "Content-Type": "text/plain" }).end("Peers speak gRPC over HTTP/2.\n");
    return;
  }
  if (method === undefined) return refuse(request, response, grpcCodes.UNIMPLEMENTED, "unknown method of peers");
  const body = await bodyOf(request);
  if (typeof body === "string") return refuse(request, response, grpcCodes.RESOURCE_EXHAUSTED, body);
  if (body.length < 5 || body[0] !== 0 || body.readUInt32BE(1) !== body.length - 5)
    return refuse(request, response, grpcCodes.INTERNAL, "a call is one message that is not compressed");
  let answer: Uint8Array;
  try {
    answer = handle(method, body.subarray(5));
  } catch (error) {
    return refuse(request, response, grpcCodes.INVALID_ARGUMENT, error instanceof Error ? error.message : String(error));
  }
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(answer.length, 1);
  response.writeHead(200, { "content-type": "application/grpc" });
  response.addTrailers({ "grpc-status": "0" });
  response.end(Buffer.concat([prefix, answer]));
}

/** An answer without a message: its trailers come as headers. */
function refuse(request: IncomingMessage, response: ServerResponse, code: number, message: string): void {
  request.resume();
  response.writeHead(200, {
    "content-type": "application/grpc",
    "grpc-status": String(code),
    "grpc-message": encodeURIComponent(message),
  });
  response.end();
}

async function bodyOf(request: IncomingMessage): Promise<Buffer | string> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    bytes += piece.length;
    if (bytes > mostPeerMessageBytes) return `a message of peers has at most ${mostPeerMessageBytes} bytes`;
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}
