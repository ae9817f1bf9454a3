import { isIPv4, isIPv6 } from "node:net";

/** The bytes of an IP address: 4 where it has a form of version 4; undefined where the text is none. */
export function ipBytes(text: string): Uint8Array | undefined {
  if (isIPv4(text)) return Uint8Array.from(text.split("."), Number);
  if (!isIPv6(text) || text.includes("%")) return undefined;
  const bytes = ipv6Bytes(text);
  const isMapped = bytes.subarray(0, 10).every((byte) => byte === 0) && bytes[10] === 0xff && bytes[11] === 0xff;
  return isMapped ? bytes.subarray(12) : bytes;
}

export interface Network {
  readonly address: Uint8Array;
  readonly bits: number;
}

/** A network in CIDR notation; undefined where the text is none. */
export function parseNetwork(text: string): Network | undefined {
  const slash = text.lastIndexOf("/");
  if (slash < 0) return undefined;
  const host = text.slice(0, slash);
  const prefix = text.slice(slash + 1);
  const address = isIPv4(host) ? ipBytes(host) : isIPv6(host) && !host.includes("%") ? ipv6Bytes(host) : undefined;
  if (address === undefined || !/^(?:0|[1-9]\d{0,2})$/.test(prefix) || Number(prefix) > address.length * 8) return undefined;
  return { address, bits: Number(prefix) };
}

export function contains({ address, bits }: Network, ip: Uint8Array): boolean {
  if (ip.length !== address.length) return false;
  for (let i = 0; i < address.length; i++) {
    const significant = Math.min(8, Math.max(0, bits - i * 8));
    const mask = (0xff00 >> significant) & 0xff;
    if (((address[i] as number) & mask) !== ((ip[i] as number) & mask)) return false;
  }
  return true;
}

function ipv6Bytes(text: string): Uint8Array {
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  const tail = dotted === null ? [] : (dotted[2] as string).split(".").map(Number);
  const words = dotted === null ? text : `${dotted[1]}${hexWord(tail, 0)}:${hexWord(tail, 2)}`;
  const [head = "", rest] = words.split("::");
  const before = head === "" ? [] : head.split(":");
  const after = rest === undefined || rest === "" ? [] : rest.split(":");
  const zeros = new Array<string>(8 - before.length - after.length).fill("0");
  const bytes = new Uint8Array(16);
  for (const [i, group] of [...before, ...zeros, ...after].entries()) {
    const value = Number.parseInt(group, 16);
    bytes[i * 2] = value >> 8;
    bytes[i * 2 + 1] = value & 0xff;
  }
  return bytes;
}

function hexWord(bytes: readonly number[], at: number): string {
  return (((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)).toString(16);
}
