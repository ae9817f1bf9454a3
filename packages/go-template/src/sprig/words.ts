import { bytesFromText, textFromBytes } from "@invar/go-compat";
import { isLetter, isLower, isSpace, isTitle, isUpper, lowerOf, mapCharacters, titleOf, upperOf } from "../letters.ts";

const ELLIPSIS = "...";

/** Shortens to a number of bytes, dots included; with an offset also at the left. */
export function abbreviate(text: string, offset: number, width: number): string {
  return textFromBytes(abbreviateBytes(bytesFromText(text), offset, width));
}

function abbreviateBytes(bytes: Uint8Array, wantedOffset: number, width: number): Uint8Array {
  const { length } = bytes;
  if (length === 0 || width < 4) return new Uint8Array();
  if (length <= width) return bytes;
  let offset = Math.min(wantedOffset, length);
  if (length - offset < width - 3) offset = length - (width - 3);
  const dots = bytesFromText(ELLIPSIS);
  if (offset <= 4) return Buffer.concat([bytes.subarray(0, width - 3), dots]);
  if (width < 7) return new Uint8Array();
  if (offset + width - 3 < length) return Buffer.concat([dots, abbreviateBytes(bytes.subarray(offset), 0, width - 3)]);
  return Buffer.concat([dots, bytes.subarray(length - (width - 3))]);
}

/** The first byte of each word, as a letter: the library that sprig uses reads bytes. */
export function initials(text: string): string {
  let letters = "";
  let isAfterGap = true;
  for (const byte of bytesFromText(text)) {
    const character = String.fromCharCode(byte);
    if (isSpace(character)) isAfterGap = true;
    else if (isAfterGap) {
      letters += character;
      isAfterGap = false;
    }
  }
  return letters;
}

/** Without white space; byte by byte, so that letters beyond ASCII change when there was any. */
export function withoutSpace(text: string): string {
  const characters = Array.from(bytesFromText(text), (byte) => String.fromCharCode(byte));
  const kept = characters.filter((character) => !isSpace(character));
  return kept.length === characters.length ? text : kept.join("");
}

export function uncapitalizeWords(text: string): string {
  let isStart = true;
  return mapCharacters(text, (character) => {
    if (isSpace(character)) {
      isStart = true;
      return character;
    }
    if (!isStart) return character;
    isStart = false;
    return lowerOf(character);
  });
}

export function swapCase(text: string): string {
  let isAfterSpace = true;
  return mapCharacters(text, (character) => {
    if (isUpper(character) || isTitle(character)) {
      isAfterSpace = false;
      return lowerOf(character);
    }
    if (isLower(character)) {
      const changed = isAfterSpace ? titleOf(character) : upperOf(character);
      isAfterSpace = false;
      return changed;
    }
    isAfterSpace = isSpace(character);
    return character;
  });
}

/** Go's `strings.Title`: a capital after everything that is not a letter, digit or underscore. */
export function titleWords(text: string): string {
  let before = " ";
  return mapCharacters(text, (character) => {
    const changed = isSeparator(before) ? titleOf(character) : character;
    before = character;
    return changed;
  });
}

function isSeparator(character: string): boolean {
  const rune = character.codePointAt(0) as number;
  if (rune < 0x80) return !/[0-9A-Za-z_]/.test(character);
  return !/^[\p{L}\p{Nd}]$/u.test(character) && isSpace(character);
}

/** Breaks lines at spaces to a width in bytes; words that are too long are cut only on demand. */
export function wrap(text: string, wantedWidth: number, newLine: string, cutsLongWords: boolean): string {
  const bytes = bytesFromText(text);
  const width = Math.max(1, wantedWidth);
  const separator = newLine === "" ? "\n" : newLine;
  const lines: string[] = [];
  const push = (start: number, end: number): void => {
    lines.push(textFromBytes(bytes.subarray(start, end)), separator);
  };
  let offset = 0;
  while (bytes.length - offset > width) {
    if (bytes[offset] === 0x20) {
      offset++;
      continue;
    }
    const space = bytes.lastIndexOf(0x20, offset + width);
    if (space >= offset) {
      push(offset, space);
      offset = space + 1;
    } else if (cutsLongWords) {
      push(offset, offset + width);
      offset += width;
    } else {
      const next = bytes.indexOf(0x20, offset + width);
      if (next < 0) break;
      push(offset, next);
      offset = next + 1;
    }
  }
  return lines.join("") + textFromBytes(bytes.subarray(offset));
}

/** Upper camel case: `foo_bar-baz` becomes `FooBarBaz`; leading and doubled connectors stay. */
export function toPascalCase(text: string): string {
  const characters = [...text.toWellFormed()];
  let result = "";
  let at = 0;
  while (at < characters.length && isConnector(characters[at] as string)) result += characters[at++];
  // Where there is nothing else, the library writes the last connector twice.
  if (at === characters.length) return result + (characters.at(-1) ?? "");
  let isFirstUpper = isUpper(characters[at] as string);
  let last = upperOf(characters[at] as string);
  for (at++; at < characters.length; at++) {
    const before = last;
    last = characters[at] as string;
    if (isConnector(last) && isConnector(before)) {
      result += before;
      continue;
    }
    if (isConnector(before)) {
      isFirstUpper = isUpper(last);
      last = upperOf(last);
      continue;
    }
    if (isFirstUpper) {
      if (isUpper(last)) last = lowerOf(last);
      else isFirstUpper = false;
    }
    result += before;
  }
  return result + last;
}

/** `HTTPServer2xx` becomes `http_server_2xx` or, with a hyphen, `http-server-2xx`. */
export function toConnectedCase(text: string, connector: "_" | "-"): string {
  const words = splitWords(text);
  let result = "";
  const write = (word: Word): void => {
    result += word.kind === "connector" ? connector.repeat([...word.text].length) : [...word.text].map(lowerOf).join("");
  };
  const isEndOrMark = (word: Word | undefined): boolean => word === undefined || word.kind === "punctuation" || word.kind === "connector";
  let at = 0;
  while (at < words.length - 1) {
    const word = words[at] as Word;
    if (word.kind !== "connector") write(word);
    at++;
    switch (word.kind) {
      case "number":
        at = writeRun(words, at, write);
        if (!isEndOrMark(words[at])) result += connector;
        break;
      case "connector":
        write(word);
        break;
      case "punctuation":
        break;
      default: {
        const next = words[at] as Word;
        if (next.kind !== "number") {
          if (next.kind !== "connector" && next.kind !== "punctuation") result += connector;
          break;
        }
        if (at === words.length - 1) break;
        at++;
        if ((words[at] as Word).kind !== "letters") {
          // A number between words belongs to the one before: "Bld4Floor" is bld4_floor.
          write(next);
          if (!isEndOrMark(words[at])) result += connector;
          break;
        }
        // Small letters follow: the number begins the next word, as in http_2xx.
        result += connector;
        write(next);
        at = writeRun(words, at, write);
        if (!isEndOrMark(words[at])) result += connector;
      }
    }
  }
  const last = words[at];
  if (last !== undefined) write(last);
  return result;
}

interface Word {
  readonly kind: "connector" | "punctuation" | "capitals" | "letters" | "number" | "other";
  readonly text: string;
}

function writeRun(words: readonly Word[], from: number, write: (word: Word) => void): number {
  let at = from;
  while (words[at]?.kind === "letters" || words[at]?.kind === "number") write(words[at++] as Word);
  return at;
}

function splitWords(text: string): Word[] {
  const characters = [...text];
  const words: Word[] = [];
  for (let at = 0; at < characters.length; ) {
    const word = readWord(characters, at);
    words.push(word);
    at += [...word.text].length;
  }
  return words;
}

function readWord(characters: readonly string[], start: number): Word {
  // Bytes that are not UTF-8, and U+FFFD which stands for them, go with the word around them.
  const first = characters.slice(start).find((character) => !isByte(character)) ?? "";
  const until = (isMember: (character: string) => boolean, from = start + 1): number => {
    let end = from;
    while (end < characters.length && (isByte(characters[end] as string) || isMember(characters[end] as string))) end++;
    return end;
  };
  const word = (kind: Word["kind"], end: number): Word => ({ kind, text: characters.slice(start, end).join("") });
  if (isConnector(first)) return word("connector", until(isConnector));
  if (isPunctuation(first)) return word("punctuation", until(isPunctuation));
  if (isUpper(first)) {
    const second = characters.slice(characters.indexOf(first, start) + 1).find((character) => !isByte(character)) ?? "";
    if (!isLetter(second)) return word("capitals", start + 1);
    if (!isUpper(second)) return word("capitals", until(isSmallLetter));
    const end = until(isUpper);
    // The last capital before a small letter begins the next word: "HTTPStatus" is HTTP and Status.
    return word("capitals", end < characters.length && isLetter(characters[end] as string) ? end - 1 : end);
  }
  if (isLetter(first)) return word("letters", until(isSmallLetter));
  if (isNumber(first)) return word("number", until(isNumber));
  return word(
    "other",
    until((character) => !isConnector(character) && !isLetter(character) && !isNumber(character) && !isPunctuation(character)),
  );
}

function isByte(character: string): boolean {
  return character === "\ufffd" || !character.isWellFormed();
}

function isSmallLetter(character: string): boolean {
  return isLetter(character) && !isUpper(character);
}

function isConnector(character: string): boolean {
  return character === "-" || character === "_" || isSpace(character);
}

function isPunctuation(character: string): boolean {
  return /^\p{P}$/u.test(character);
}

function isNumber(character: string): boolean {
  return /^\p{N}$/u.test(character);
}
