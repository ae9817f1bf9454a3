// Blowfish's tables are the digits of pi after the point, in hexadecimal: 18 words for P, four times 256 for S.

const P_WORDS = 18;
const S_WORDS = 1024;

export interface BlowfishState {
  readonly p: Uint32Array;
  readonly s: Uint32Array;
}

let initial: BlowfishState | undefined;

export function newState(): BlowfishState {
  initial ??= digitsOfPi();
  return { p: initial.p.slice(), s: initial.s.slice() };
}

/** Mixes a key, and a salt when there is one, into the state. */
export function expandKey(state: BlowfishState, key: Uint8Array, salt?: Uint8Array): void {
  const { p, s } = state;
  let at = 0;
  const nextWord = (bytes: Uint8Array): number => {
    let word = 0;
    for (let byte = 0; byte < 4; byte++) {
      word = (word << 8) | (bytes[at] as number);
      at = (at + 1) % bytes.length;
    }
    return word >>> 0;
  };
  for (let index = 0; index < P_WORDS; index++) p[index] = (p[index] as number) ^ nextWord(key);
  at = 0;
  const block = new Uint32Array(2);
  for (const table of [p, s]) {
    for (let index = 0; index < table.length; index += 2) {
      if (salt !== undefined) {
        block[0] = (block[0] as number) ^ nextWord(salt);
        block[1] = (block[1] as number) ^ nextWord(salt);
      }
      encipher(state, block, 0);
      table[index] = block[0] as number;
      table[index + 1] = block[1] as number;
    }
  }
}

/** Encrypts the two words at `at` in place. */
export function encipher({ p, s }: BlowfishState, words: Uint32Array, at: number): void {
  let left = (words[at] as number) ^ (p[0] as number);
  let right = words[at + 1] as number;
  for (let round = 1; round <= 16; round += 2) {
    right ^= mix(s, left) ^ (p[round] as number);
    left ^= mix(s, right) ^ (p[round + 1] as number);
  }
  words[at] = right ^ (p[17] as number);
  words[at + 1] = left;
}

function mix(s: Uint32Array, word: number): number {
  const a = s[word >>> 24] as number;
  const b = s[256 + ((word >>> 16) & 0xff)] as number;
  const c = s[512 + ((word >>> 8) & 0xff)] as number;
  const d = s[768 + (word & 0xff)] as number;
  return (((a + b) ^ c) + d) | 0;
}

function digitsOfPi(): BlowfishState {
  const bits = 32 * (P_WORDS + S_WORDS);
  const guard = 64;
  // Machin: pi = 16 arctan(1/5) - 4 arctan(1/239).
  const one = 1n << BigInt(bits + guard);
  const pi = 16n * arctanOfInverse(5n, one) - 4n * arctanOfInverse(239n, one);
  const fraction = (pi - 3n * one) >> BigInt(guard);
  const hex = fraction.toString(16).padStart(bits / 4, "0");
  const words = Uint32Array.from({ length: P_WORDS + S_WORDS }, (_, index) => Number.parseInt(hex.slice(8 * index, 8 * index + 8), 16));
  return { p: words.slice(0, P_WORDS), s: words.slice(P_WORDS) };
}

function arctanOfInverse(x: bigint, one: bigint): bigint {
  let power = one / x;
  let sum = power;
  for (let odd = 3n, sign = -1n; power !== 0n; odd += 2n, sign = -sign) {
    power /= x * x;
    sum += (sign * power) / odd;
  }
  return sum;
}
