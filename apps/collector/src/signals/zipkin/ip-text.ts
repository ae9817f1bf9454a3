import { isIP } from "node:net";

/** The text of an address in the form in which Go prints it; undefined: it is none. */
export function ipText(text: string): string | undefined {
  if (text.includes("%")) return undefined;
  switch (isIP(text)) {
    case 4:
      return text;
    case 6:
      return ipv6Text(text);
    default:
      return undefined;
  }
}

/** The text of an address of 4 or 16 bytes; others are printed as Go prints what is no address. */
export function ipOfBytes(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join(".");
  if (bytes.length !== 16) return `?${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("hex")}`;
  const groups: string[] = [];
  for (let i = 0; i < 16; i += 2) groups.push((((bytes[i] as number) << 8) | (bytes[i + 1] as number)).toString(16));
  return ipv6Text(groups.join(":"));
}

function ipv6Text(text: string): string {
  const canonical = new URL(`http://[${text}]`).hostname.slice(1, -1);
  const [, high, low] = /^::ffff:([0-9a-f]+):([0-9a-f]+)$/.exec(canonical) ?? [];
  if (high === undefined || low === undefined) return canonical;
  const [upper, lower] = [Number.parseInt(high, 16), Number.parseInt(low, 16)];
  return `${upper >> 8}.${upper & 0xff}.${lower >> 8}.${lower & 0xff}`;
}
