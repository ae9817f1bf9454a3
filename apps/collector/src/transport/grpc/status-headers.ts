import { type GrpcStatus, grpcCodes } from "../grpc-status.ts";
import { headerValue } from "../http2/header-rules.ts";
import { encodeHeaders } from "../http2/hpack-encoder.ts";

/** Made once, sent with every answer. */
export const answerHeaders = encodeHeaders([":status", "200", "content-type", "application/grpc"]);
export const okTrailers = encodeHeaders(["grpc-status", "0"]);

/** Headers that are the whole answer. */
export function onlyTrailers(status: GrpcStatus, more: readonly string[] = []): Buffer {
  return encodeHeaders([":status", "200", "content-type", "application/grpc", ...statusPairs(status), ...more]);
}

export function statusTrailers(status: GrpcStatus): Buffer {
  return encodeHeaders(statusPairs(status));
}

function statusPairs({ code, message, details }: GrpcStatus): string[] {
  const pairs = ["grpc-status", String(code), "grpc-message", encodeMessage(message)];
  if (details !== undefined) pairs.push("grpc-status-details-bin", Buffer.from(details).toString("base64").replace(/=+$/, ""));
  return pairs;
}

/** The status that trailers carry, or what stands in for it where they carry none. */
export function statusOf(pairs: readonly string[], httpStatus: number): GrpcStatus {
  const code = headerValue(pairs, "grpc-status");
  if (code === undefined || !/^\d{1,3}$/.test(code)) {
    const stand = httpCodes[httpStatus] ?? (httpStatus === 200 ? grpcCodes.UNKNOWN : grpcCodes.UNKNOWN);
    const what =
      httpStatus === 200
        ? "the server ended the call without a grpc-status"
        : `unexpected HTTP status code received from server: ${httpStatus}`;
    return { code: stand, message: what };
  }
  const details = headerValue(pairs, "grpc-status-details-bin");
  return {
    code: Number(code),
    message: decodeMessage(headerValue(pairs, "grpc-message") ?? ""),
    ...(details !== undefined && { details: Buffer.from(details, "base64") }),
  };
}

const httpCodes: Readonly<Record<number, number>> = {
  400: grpcCodes.INTERNAL,
  401: grpcCodes.UNAUTHENTICATED,
  403: grpcCodes.PERMISSION_DENIED,
  404: grpcCodes.UNIMPLEMENTED,
  429: grpcCodes.UNAVAILABLE,
  502: grpcCodes.UNAVAILABLE,
  503: grpcCodes.UNAVAILABLE,
  504: grpcCodes.UNAVAILABLE,
};

/** Everything but printable ASCII without the percent sign goes as %XX of its UTF-8. */
export function encodeMessage(message: string): string {
  if (/^[ -$&-~]*$/.test(message)) return message;
  let text = "";
  for (const byte of Buffer.from(message, "utf8"))
    text +=
      byte >= 0x20 && byte <= 0x7e && byte !== 0x25 ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  return text;
}

/** What is no valid escape stays as it is. */
export function decodeMessage(text: string): string {
  if (!text.includes("%")) return text;
  const bytes: number[] = [];
  for (let i = 0; i < text.length; i++) {
    const hex = text[i] === "%" ? /^[0-9a-fA-F]{2}/.exec(text.slice(i + 1, i + 3))?.[0] : undefined;
    bytes.push(hex === undefined ? text.charCodeAt(i) & 0xff : Number.parseInt(hex, 16));
    if (hex !== undefined) i += 2;
  }
  return Buffer.from(bytes).toString("utf8");
}
