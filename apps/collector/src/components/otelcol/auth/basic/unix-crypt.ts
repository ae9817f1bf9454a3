import { createHash } from "node:crypto";

/** The letters in which these hashes write six bits. */
const letters = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** Hashes a password as `$1$` (crypt) and `$apr1$` (Apache) do: a thousand rounds of MD5. Gives the whole text with salt and hash. */
export function md5Crypt(password: string, magic: "$1$" | "$apr1$", salt: string): string {
  const key = Buffer.from(password, "utf8");
  const salted = Buffer.from(salt.slice(0, 8), "latin1");
  const inner = createHash("md5").update(key).update(salted).update(key).digest();
  const first = createHash("md5").update(key).update(magic).update(salted);
  for (let left = key.length; left > 0; left -= 16) first.update(inner.subarray(0, Math.min(left, 16)));
  for (let bits = key.length; bits > 0; bits >>= 1) first.update(bits & 1 ? Buffer.from([0]) : key.subarray(0, 1));
  let hash = first.digest();
  for (let round = 0; round < 1000; round++) {
    const next = createHash("md5").update(round & 1 ? key : hash);
    if (round % 3 !== 0) next.update(salted);
    if (round % 7 !== 0) next.update(key);
    hash = next.update(round & 1 ? hash : key).digest();
  }
  const order = [0, 6, 12, 1, 7, 13, 2, 8, 14, 3, 9, 15, 4, 10, 5];
  return `${magic}${salted.toString("latin1")}$${encode(hash, order, [11])}`;
}

const defaultRounds = 5000;
const leastRounds = 1000;
/** The format allows 999,999,999: minutes of one request. */
const mostRounds = 1_000_000;

/** Hashes a password as `$5$` (SHA-256) and `$6$` (SHA-512) of crypt do. `rounds`: as the hash says it, undefined where it does not. */
export function shaCrypt(password: string, bits: 256 | 512, salt: string, rounds: number | undefined): string {
  const size = bits / 8;
  const algorithm = `sha${bits}`;
  const key = Buffer.from(password, "utf8");
  const salted = Buffer.from(salt.slice(0, 16), "latin1");
  const inner = createHash(algorithm).update(key).update(salted).update(key).digest();
  const first = createHash(algorithm).update(key).update(salted);
  for (let left = key.length; left > 0; left -= size) first.update(inner.subarray(0, Math.min(left, size)));
  for (let rest = key.length; rest > 0; rest >>= 1) first.update(rest & 1 ? inner : key);
  let hash = first.digest();
  const keyHash = createHash(algorithm);
  for (let i = 0; i < key.length; i++) keyHash.update(key);
  const keyBytes = stretched(keyHash.digest(), key.length);
  const saltHash = createHash(algorithm);
  for (let i = 0; i < 16 + (hash[0] ?? 0); i++) saltHash.update(salted);
  const saltBytes = stretched(saltHash.digest(), salted.length);
  const count = Math.min(Math.max(rounds ?? defaultRounds, leastRounds), mostRounds);
  for (let round = 0; round < count; round++) {
    const next = createHash(algorithm).update(round & 1 ? keyBytes : hash);
    if (round % 3 !== 0) next.update(saltBytes);
    if (round % 7 !== 0) next.update(keyBytes);
    hash = next.update(round & 1 ? hash : keyBytes).digest();
  }
  const said = rounds === undefined ? "" : `rounds=${count}$`;
  return `$${bits === 256 ? 5 : 6}$${said}${salted.toString("latin1")}$${encode(hash, ...order(size))}`;
}

function stretched(hash: Buffer, length: number): Buffer {
  const target = Buffer.alloc(length);
  for (let at = 0; at < length; at += hash.length) hash.copy(target, at, 0, Math.min(hash.length, length - at));
  return target;
}

/** Three bytes, each a third of the hash apart, turned by one place from group to group; and what is left. */
function order(size: number): [number[], number[]] {
  const groups = Math.floor(size / 3);
  const bytes: number[] = [];
  let places = [0, groups, 2 * groups];
  for (let i = 0; i < groups; i++) {
    bytes.push(...places);
    const [a = 0, b = 0, c = 0] = places;
    places = size === 32 ? [c + 1, a + 1, b + 1] : [b + 1, c + 1, a + 1];
  }
  return [bytes, size === 32 ? [31, 30] : [63]];
}

/** Each three bytes, the last named lowest, as four letters, lowest bits first. */
function encode(hash: Buffer, threes: readonly number[], rest: readonly number[]): string {
  let text = "";
  for (let i = 0; i < threes.length; i += 3) text += sixes(threes.slice(i, i + 3).map((at) => hash[at] ?? 0));
  return text + sixes(rest.map((at) => hash[at] ?? 0));
}

function sixes(bytes: readonly number[]): string {
  let value = 0;
  for (const byte of bytes) value = value * 256 + byte;
  let text = "";
  for (let left = bytes.length * 8; left > 0; left -= 6) {
    text += letters[value & 63];
    value = Math.floor(value / 64);
  }
  return text;
}
