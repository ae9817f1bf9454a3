import { type BlowfishState, encipher, expandKey, newState } from "./blowfish.ts";

const ALPHABET = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const MAX_PASSWORD = 72;

/** What goes wrong with a password that is too long, in Go's words; undefined when it fits. */
export function passwordProblem(password: Uint8Array): string | undefined {
  return password.length > MAX_PASSWORD ? "bcrypt: password length exceeds 72 bytes" : undefined;
}

/** A bcrypt hash as crypt(3) writes it: `$2a$10$` salt hash. */
export function bcryptHash(password: Uint8Array, salt: Uint8Array, cost: number): string {
  const state = setUp(password, salt, cost);
  // "OrpheanBeholderScryDoubt"
  const words = Uint32Array.of(0x4f727068, 0x65616e42, 0x65686f6c, 0x64657253, 0x63727944, 0x6f756274);
  for (let pair = 0; pair < 6; pair += 2) for (let round = 0; round < 64; round++) encipher(state, words, pair);
  const hash = new Uint8Array(24);
  const view = new DataView(hash.buffer);
  words.forEach((word, index) => {
    view.setUint32(4 * index, word);
  });
  // The last byte is left out, as the first implementation did.
  return `$2a$${String(cost).padStart(2, "0")}$${encode(salt)}${encode(hash.subarray(0, 23))}`;
}

function setUp(password: Uint8Array, salt: Uint8Array, cost: number): BlowfishState {
  // With the closing NUL of C.
  const key = Uint8Array.from([...password, 0]);
  const state = newState();
  expandKey(state, key, salt);
  for (let round = 0; round < 2 ** cost; round++) {
    expandKey(state, key);
    expandKey(state, salt);
  }
  return state;
}

/** Base 64 with bcrypt's own alphabet and without padding. */
function encode(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 3) {
    const left = bytes.length - at;
    const group = ((bytes[at] as number) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    text += ALPHABET[group >> 18] as string;
    text += ALPHABET[(group >> 12) & 63] as string;
    if (left > 1) text += ALPHABET[(group >> 6) & 63] as string;
    if (left > 2) text += ALPHABET[group & 63] as string;
  }
  return text;
}
