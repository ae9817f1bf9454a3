import { hash, randomBytes, randomUUID } from "node:crypto";
import { bytesFromText, textFromBytes } from "@invar/go-compat";
import type { Getter } from "../getter.ts";
import type { Frame } from "../telemetry/frame.ts";
import { Id, type IdKind, StatementError, typeName } from "../value.ts";
import { communityId } from "./community-id.ts";
import { decoderFor } from "./decoders.ts";
import { bytesLike, define, type FunctionDefinition, integer, optional, string, value } from "./function.ts";
import { murmur3, murmur3Of128 } from "./murmur3.ts";
import { xxh3, xxh128 } from "./xxh3.ts";

/** Converters that hash, encode and make ids. */
export const hashFunctions: readonly FunctionDefinition[] = [
  define("MD5", { target: string }, digest("md5")),
  define("SHA1", { target: string }, digest("sha1")),
  define("SHA256", { target: string }, digest("sha256")),
  define("SHA512", { target: string }, digest("sha512")),
  define(
    "FNV",
    { target: string },
    ({ target }) =>
      (frame) =>
        fnv64a(bytesFromText(target.get(frame))),
  ),
  define(
    "Murmur3Hash",
    { target: string },
    ({ target }) =>
      (frame) =>
        murmur3(bytesFromText(target.get(frame))),
  ),
  define(
    "Murmur3Hash128",
    { target: string },
    ({ target }) =>
      (frame) =>
        murmur3Of128(bytesFromText(target.get(frame))),
  ),
  define(
    "XXH3",
    { target: string },
    ({ target }) =>
      (frame) =>
        xxh3(bytesFromText(target.get(frame))),
  ),
  define(
    "XXH128",
    { target: string },
    ({ target }) =>
      (frame) =>
        xxh128(bytesFromText(target.get(frame))),
  ),
  define("UUID", {}, () => () => randomUUID()),
  define("UUIDv7", {}, () => uuidV7),
  define("TraceID", { target: bytesLike }, ({ target }) => id("TraceID", 16, target)),
  define("SpanID", { target: bytesLike }, ({ target }) => id("SpanID", 8, target)),
  define("ProfileID", { target: bytesLike }, ({ target }) => id("ProfileID", 16, target)),
  define("Base64Decode", { target: string }, ({ target }) => {
    const decode = decoderFor("base64");
    return (frame) => decode(bytesFromText(target.get(frame)), "");
  }),
  define("Base64Encode", { target: string, variant: optional(string) }, ({ target, variant }) => (frame) => {
    const bytes = Buffer.from(bytesFromText(target.get(frame)));
    const name = variant?.get(frame) ?? "base64";
    switch (name) {
      case "base64":
        return bytes.toString("base64");
      case "base64-raw":
        return bytes.toString("base64").replace(/=+$/, "");
      case "base64-raw-url":
        return bytes.toString("base64url");
      case "base64-url":
        return bytes.toString("base64").replaceAll("+", "-").replaceAll("/", "_");
      default:
        throw new StatementError(`unsupported base64 variant: ${name}`);
    }
  }),
  define("Decode", { target: value, encoding: string }, ({ target, encoding }) => {
    const known = encoding.literal === undefined ? undefined : decoderFor(encoding.literal.value);
    return (frame) => {
      const found = target.get(frame);
      const decode = known ?? decoderFor(encoding.get(frame));
      if (typeof found === "string") return decode(bytesFromText(found), "could not decode: ");
      if (found instanceof Uint8Array) return decode(found, "could not decode: ");
      throw new StatementError(`unsupported type provided to Decode function: ${typeName(found)}`);
    };
  }),
  define(
    "CommunityID",
    {
      source_ip: string,
      source_port: integer,
      destination_ip: string,
      destination_port: integer,
      protocol: optional(string),
      seed: optional(integer),
    },
    (args) => (frame) =>
      communityId({
        source: { address: args.source_ip.get(frame), port: args.source_port.get(frame) },
        destination: { address: args.destination_ip.get(frame), port: args.destination_port.get(frame) },
        protocol: args.protocol?.get(frame) ?? "TCP",
        seed: args.seed?.get(frame) ?? 0n,
      }),
  ),
];

function digest(algorithm: string): (args: { readonly target: Getter<string> }) => (frame: Frame) => string {
  return ({ target }) =>
    (frame) =>
      hash(algorithm, bytesFromText(target.get(frame)), "hex");
}

const FNV_PRIME = 0x100000001b3n;

function fnv64a(bytes: Uint8Array): bigint {
  let state = 0xcbf29ce484222325n;
  for (const byte of bytes) state = BigInt.asUintN(64, (state ^ BigInt(byte)) * FNV_PRIME);
  return BigInt.asIntN(64, state);
}

/** The bytes of an id, or their hexadecimal digits. */
function id(kind: IdKind, size: number, target: Getter<Uint8Array>): (frame: Frame) => Id {
  if (target.literal !== undefined) {
    const known = idOf(kind, size, target.literal.value);
    return () => known;
  }
  return (frame) => idOf(kind, size, target.get(frame));
}

function idOf(kind: IdKind, size: number, bytes: Uint8Array): Id {
  if (bytes.length === size) return new Id(kind, Buffer.from(bytes).toString("hex"));
  if (bytes.length !== size * 2)
    throw new StatementError(`${kind}: could not decode ID: invalid length: expected ${size} or ${size * 2} bytes, got ${bytes.length}`);
  const text = textFromBytes(bytes);
  if (!/^[0-9a-fA-F]*$/.test(text)) throw new StatementError(`${kind}: could not decode ID: invalid hex`);
  return new Id(kind, text.toLowerCase());
}

/** RFC 9562: milliseconds since 1970, then random bits. */
function uuidV7(): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(Date.now(), 0, 6);
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x70;
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80;
  const text = bytes.toString("hex");
  return `${text.slice(0, 8)}-${text.slice(8, 12)}-${text.slice(12, 16)}-${text.slice(16, 20)}-${text.slice(20)}`;
}
