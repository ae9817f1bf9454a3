import { hash } from "node:crypto";
import { StatementError } from "../value.ts";
import { ipBytes } from "./ip-address.ts";

const PROTOCOLS: ReadonlyMap<string, number> = new Map([
  ["ICMP", 1],
  ["TCP", 6],
  ["UDP", 17],
  ["RSVP", 46],
  ["ICMP6", 58],
  ["SCTP", 132],
]);

interface Endpoint {
  readonly address: string;
  readonly port: bigint;
}

/** The Community ID, version 1, of a network flow: the same in both directions. */
export function communityId(flow: { source: Endpoint; destination: Endpoint; protocol: string; seed: bigint }): string {
  const source = endpoint(flow.source, "source");
  const destination = endpoint(flow.destination, "destination");
  const protocol = PROTOCOLS.get(flow.protocol);
  if (protocol === undefined) throw new StatementError(`unsupported protocol: ${flow.protocol}`);
  if (flow.seed < 0n || flow.seed > 65535n) throw new StatementError(`seed must be between 0 and 65535, got ${flow.seed}`);
  const [first, second] = isBefore(destination, source) ? [destination, source] : [source, destination];
  const tuple = Buffer.concat([
    word(Number(flow.seed)),
    first.address,
    second.address,
    Buffer.of(protocol, 0),
    word(first.port),
    word(second.port),
  ]);
  return `1:${hash("sha1", tuple, "base64")}`;
}

function endpoint({ address, port }: Endpoint, name: string): { readonly address: Uint8Array; readonly port: number } {
  if (port < 0n || port > 65535n) throw new StatementError(`${name} port must be between 0 and 65535, got ${port}`);
  const bytes = ipBytes(address);
  if (bytes === undefined) throw new StatementError(`invalid ${name} IP: ${address}`);
  return { address: bytes, port: Number(port) };
}

function isBefore(one: { address: Uint8Array; port: number }, other: { address: Uint8Array; port: number }): boolean {
  if (one.address.length !== other.address.length) return one.address.length < other.address.length;
  const order = Buffer.compare(one.address, other.address);
  return order < 0 || (order === 0 && one.port < other.port);
}

function word(value: number): Buffer {
  return Buffer.of(value >> 8, value & 0xff);
}
