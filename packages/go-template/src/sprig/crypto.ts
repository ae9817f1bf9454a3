import { createCipheriv, createDecipheriv, createHash, createHmac, randomBytes, randomInt, randomUUID, scryptSync } from "node:crypto";
import { byteLength, bytesFromText, GoError, type GoFunction, type Typed, textFromBytes, UINT32 } from "@invar/go-compat";
import { fn, int, type Param, text } from "../function.ts";
import { checkedSize } from "../size-limit.ts";
import { base64Problem, bytesFromBase64 } from "./base-encoding.ts";
import { bcryptHash, passwordProblem } from "./bcrypt.ts";

const BCRYPT_COST = 10;
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const DIGITS = "0123456789";
const PRINTABLE = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index)).join("");

const uint32: Param<number> = { type: UINT32, read: (value) => Number((value as Typed).raw) };

/** Hashes, passwords, encryption and everything random. */
export const CRYPTO_FUNCTIONS: Readonly<Record<string, GoFunction>> = {
  sha1sum: fn([text], (input) => hexDigest("sha1", input)),
  sha256sum: fn([text], (input) => hexDigest("sha256", input)),
  sha512sum: fn([text], (input) => hexDigest("sha512", input)),
  adler32sum: fn([text], (input) => String(adler32(bytesFromText(input)))),
  bcrypt: fn([text], bcrypt),
  htpasswd: fn([text, text], (user, password) => (user.includes(":") ? `invalid username: ${user}` : `${user}:${bcrypt(password)}`)),
  derivePassword: fn([uint32, text, text, text, text], derivePassword),
  encryptAES: fn([text, text], encrypt),
  decryptAES: fn([text, text], decrypt),
  randBytes: fn([int], (count) => randomBytes(checkedCount(count)).toString("base64")),
  randAlphaNum: fn([int], (count) => randomText(LETTERS + DIGITS, count)),
  randAlpha: fn([int], (count) => randomText(LETTERS, count)),
  randNumeric: fn([int], (count) => randomText(DIGITS, count)),
  randAscii: fn([int], (count) => randomText(PRINTABLE, count)),
  randInt: fn([int, int], (low, high) => {
    if (high <= low) throw new GoError("invalid argument to Intn");
    return low + BigInt(randomInt(Number(high - low)));
  }),
  shuffle: fn([text], shuffle),
  uuidv4: fn([], () => randomUUID()),
};

function hexDigest(algorithm: string, input: string): string {
  return createHash(algorithm).update(bytesFromText(input)).digest("hex");
}

function adler32(bytes: Uint8Array): number {
  let low = 1;
  let high = 0;
  for (const byte of bytes) {
    low = (low + byte) % 65_521;
    high = (high + low) % 65_521;
  }
  return high * 65_536 + low;
}

function bcrypt(password: string): string {
  const bytes = bytesFromText(password);
  const problem = passwordProblem(bytes);
  return problem === undefined ? bcryptHash(bytes, randomBytes(16), BCRYPT_COST) : `failed to encrypt string with bcrypt: ${problem}`;
}

function checkedCount(count: bigint): number {
  if (count < 0n) throw new GoError("runtime error: makeslice: len out of range");
  return checkedSize(Number(count), "the text");
}

/** Go's helper gives "" for a negative count. */
function randomText(alphabet: string, count: bigint): string {
  let result = "";
  if (count > 0n) checkedSize(Number(count), "the text");
  for (let left = count; left > 0n; left--) result += alphabet[randomInt(alphabet.length)] as string;
  return result;
}

function shuffle(input: string): string {
  const characters = [...input];
  for (let at = characters.length - 1; at > 0; at--) {
    const other = randomInt(at + 1);
    [characters[at], characters[other]] = [characters[other] as string, characters[at] as string];
  }
  return characters.join("");
}

/** AES-256-CBC; the password is the key, cut or filled with zeros. */
function encrypt(password: string, plain: string): string {
  if (plain === "") return "";
  const iv = randomBytes(16);
  const cipher = createCipheriv("aes-256-cbc", keyOf(password), iv);
  return Buffer.concat([iv, cipher.update(bytesFromText(plain)), cipher.final()]).toString("base64");
}

function decrypt(password: string, encoded: string): string {
  if (encoded === "") return "";
  const bytes = bytesFromBase64(encoded);
  if (typeof bytes === "number") throw new GoError(base64Problem(bytes));
  if (bytes.length < 16) throw new GoError(`runtime error: slice bounds out of range [:16] with capacity ${bytes.length}`);
  if (bytes.length % 16 !== 0) throw new GoError("crypto/cipher: input not full blocks");
  const decipher = createDecipheriv("aes-256-cbc", keyOf(password), bytes.subarray(0, 16));
  decipher.setAutoPadding(false);
  const padded = Buffer.concat([decipher.update(bytes.subarray(16)), decipher.final()]);
  const padding = padded.at(-1) ?? 0;
  if (padding > padded.length || padded.length === 0)
    throw new GoError(`runtime error: slice bounds out of range [:${padded.length - padding}]`);
  return textFromBytes(padded.subarray(0, padded.length - padding));
}

function keyOf(password: string): Uint8Array {
  const key = new Uint8Array(32);
  key.set(bytesFromText(password).subarray(0, 32));
  return key;
}

// The Master Password algorithm: shapes of passwords, and the letters that each sign of a shape stands for.
const SEED = "com.lyndir.masterpassword";
const SHAPES: Readonly<Record<string, string>> = {
  maximum: "anoxxxxxxxxxxxxxxxxx axxxxxxxxxxxxxxxxxno",
  long: "CvcvnoCvcvCvcv CvcvCvcvnoCvcv CvcvCvcvCvcvno CvccnoCvcvCvcv CvccCvcvnoCvcv CvccCvcvCvcvno CvcvnoCvccCvcv CvcvCvccnoCvcv CvcvCvccCvcvno CvcvnoCvcvCvcc CvcvCvcvnoCvcc CvcvCvcvCvccno CvccnoCvccCvcv CvccCvccnoCvcv CvccCvccCvcvno CvcvnoCvccCvcc CvcvCvccnoCvcc CvcvCvccCvccno CvccnoCvcvCvcc CvccCvcvnoCvcc CvccCvcvCvccno",
  medium: "CvcnoCvc CvcCvcno",
  short: "Cvcn",
  basic: "aaanaaan aannaaan aaannaaa",
  pin: "nnnn",
};
const VOWELS = "AEIOU";
const CONSONANTS = "BCDFGHJKLMNPQRSTVWXYZ";
const LOWER_FIRST = `${VOWELS}${VOWELS.toLowerCase()}${CONSONANTS}${CONSONANTS.toLowerCase()}`;
const SIGNS: Readonly<Record<string, string>> = {
  V: VOWELS,
  C: CONSONANTS,
  v: VOWELS.toLowerCase(),
  c: CONSONANTS.toLowerCase(),
  A: VOWELS + CONSONANTS,
  a: LOWER_FIRST,
  n: DIGITS,
  o: "@&%?,=[]_:-+*$#!'^~;()/.",
  x: `${LOWER_FIRST}${DIGITS}!@#$%^&*()`,
};

function derivePassword(counter: number, kind: string, password: string, user: string, site: string): string {
  const shapes = Object.hasOwn(SHAPES, kind) ? (SHAPES[kind] as string).split(" ") : undefined;
  if (shapes === undefined) return `cannot find password template ${kind}`;
  const salt = Buffer.concat([Buffer.from(SEED), bigEndian(byteLength(user)), bytesFromText(user)]);
  const key = scryptSync(bytesFromText(password), salt, 64, { N: 32_768, r: 8, p: 2, maxmem: 1 << 27 });
  const message = Buffer.concat([Buffer.from(SEED), bigEndian(byteLength(site)), bytesFromText(site), bigEndian(counter)]);
  const seed = createHmac("sha256", key).update(message).digest();
  const shape = shapes[(seed[0] as number) % shapes.length] as string;
  return Array.from(shape, (sign, index) => {
    const letters = SIGNS[sign] as string;
    return letters[(seed[index + 1] as number) % letters.length];
  }).join("");
}

function bigEndian(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
