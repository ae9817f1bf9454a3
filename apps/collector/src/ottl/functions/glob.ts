import { invalidPattern } from "./pattern.ts";

export type Glob = (text: string) => boolean;

/**
 * The wildcards of `replace_match`: `*` and `**` any text, `?` one character, `[abc]`, `[a-z]`, `[!abc]` one of these, `{one,other}` one of several,
 * a backslash before what is meant itself. Throws `StatementError`.
 */
export function glob(functionName: string, pattern: string): Glob {
  const reader = new GlobReader(pattern);
  const parts = reader.alternatives(false);
  if (parts === undefined) throw invalidPattern(functionName, pattern, reader.fault);
  const regexp = new RegExp(`^(?:${parts})$`, "su");
  return (text) => regexp.test(text);
}

/** Turns a glob into the source of a pattern that is linear but for the number of its stars. */
class GlobReader {
  readonly #characters: readonly string[];
  #at = 0;
  fault = "";

  constructor(pattern: string) {
    this.#characters = [...pattern];
  }

  alternatives(isInside: boolean): string | undefined {
    let source = "";
    while (this.#at < this.#characters.length) {
      const character = this.#characters[this.#at++] as string;
      switch (character) {
        case "*":
          while (this.#characters[this.#at] === "*") this.#at++;
          source += ".*";
          break;
        case "?":
          source += ".";
          break;
        case "\\":
          if (this.#at === this.#characters.length) return this.#fail("unexpected end of input");
          source += escaped(this.#characters[this.#at++] as string);
          break;
        case "[": {
          const set = this.#set();
          if (set === undefined) return undefined;
          source += set;
          break;
        }
        case "{": {
          const inside = this.alternatives(true);
          if (inside === undefined) return undefined;
          source += `(?:${inside})`;
          break;
        }
        case "}":
          if (isInside) return source;
          source += escaped(character);
          break;
        case ",":
          source += isInside ? "|" : ",";
          break;
        default:
          source += escaped(character);
      }
    }
    return isInside ? this.#fail("unexpected end of input") : source;
  }

  #set(): string | undefined {
    const isNegated = this.#characters[this.#at] === "!";
    if (isNegated) this.#at++;
    const end = this.#characters.indexOf("]", this.#at);
    if (end < 0) return this.#fail("unexpected end of input");
    const inside = this.#characters.slice(this.#at, end);
    this.#at = end + 1;
    if (inside.length === 0) return this.#fail("unexpected token: char_close");
    if (inside.length === 3 && inside[1] === "-") {
      if ((inside[0] as string) > (inside[2] as string))
        return this.#fail(`hi character '${inside[2]}' should be greater than lo '${inside[0]}'`);
      return `[${isNegated ? "^" : ""}${inSet(inside[0] as string)}-${inSet(inside[2] as string)}]`;
    }
    return `[${isNegated ? "^" : ""}${inside.map(inSet).join("")}]`;
  }

  #fail(reason: string): undefined {
    this.fault = reason;
    return undefined;
  }
}

function escaped(character: string): string {
  return /[\\^$.*+?()[\]{}|/]/.test(character) ? `\\${character}` : character;
}

function inSet(character: string): string {
  return /[\\^\-\][]/.test(character) ? `\\${character}` : character;
}
