import { type Program, programOf } from "./program.ts";
import { applyReplacement, parseReplacement, type Replacement } from "./replacement.ts";

export interface RegexpMatch {
  /** Positions in UTF-16 units. */
  readonly start: number;
  readonly end: number;
  /** By group number, the whole match first; undefined where a group took no part. */
  readonly groups: readonly (string | undefined)[];
}

export interface RegexpOptions {
  /** Prometheus' meaning: the pattern must match the whole text, and `.` any character: `^(?s:…)$`. */
  readonly anchored?: boolean;
}

/** Compiles RE2 syntax. Throws `GoError` with Go's text when the pattern is wrong. */
export function compileRegexp(pattern: string, options: RegexpOptions = {}): Regexp {
  return new Regexp(pattern, options.anchored ?? false);
}

/** Escapes what has a meaning in a pattern: Go's `regexp.QuoteMeta`. */
export function quoteMeta(text: string): string {
  return text.replace(/[\\.+*?()|[\]{}^$]/g, "\\$&");
}

/** A compiled pattern: immutable to its users, leftmost-first like Go's, and linear in the text's length whatever the pattern. */
export class Regexp {
  /** As the user wrote it. */
  readonly pattern: string;
  /** By group number; "" where a group has no name, and for the whole match. */
  readonly groupNames: readonly string[];
  readonly #program: Program;
  #whole: Regexp | undefined;
  #lastTemplate: string | undefined;
  #lastReplacement: Replacement = [];

  constructor(pattern: string, anchored: boolean) {
    this.#program = programOf(pattern, anchored);
    this.pattern = pattern;
    this.groupNames = this.#program.groupNames;
  }

  /** Texts up to this length go to JavaScript's engine, longer ones to the automaton. */
  get backtrackingLimit(): number {
    return this.#program.matching.limit;
  }

  /** Whether the pattern matches somewhere in the text. */
  test(text: string): boolean {
    const { literal, tester, limit } = this.#program.matching;
    if (literal !== undefined) return literal(text);
    if (tester !== undefined && text.length <= limit) return tester.test(text);
    return this.#program.automaton.test(text);
  }

  /** Whether the pattern matches the text from end to end. */
  fullMatch(text: string): boolean {
    this.#whole ??= new Regexp(`\\A(?:${this.pattern})\\z`, false);
    return this.#whole.test(text);
  }

  /** The leftmost match that begins at `from` or later. */
  exec(text: string, from = 0): RegexpMatch | undefined {
    const { literal, limit } = this.#program.matching;
    if (literal !== undefined && from === 0) {
      if (!literal(text)) return undefined;
      if (this.groupNames.length === 1) return { start: 0, end: text.length, groups: [text] };
    }
    const { finder } = this.#program;
    if (finder !== undefined && text.length <= limit) {
      finder.lastIndex = from;
      const found = finder.exec(text);
      return found === null ? undefined : { start: found.index, end: found.index + found[0].length, groups: found };
    }
    const matcher = this.#program.automaton.matcher(text);
    if (!matcher.find(from)) return undefined;
    const groups: (string | undefined)[] = [];
    for (let group = 0; group < this.groupNames.length; group++) groups.push(matcher.group(group) ?? undefined);
    return { start: matcher.start(), end: matcher.end(), groups };
  }

  /** Matches that do not overlap, from left to right; Go's rules for empty ones. A negative limit means all. */
  *matches(text: string, limit = -1): Generator<RegexpMatch> {
    let position = 0;
    let lastEnd = -1;
    for (let count = 0; count !== limit && position <= text.length; ) {
      const match = this.exec(text, position);
      if (match === undefined) return;
      const isEmptyHere = match.end === position;
      const isRefused = isEmptyHere && match.start === lastEnd;
      position = isEmptyHere ? position + widthAt(text, position) : match.end;
      lastEnd = match.end;
      if (isRefused) continue;
      count++;
      yield match;
    }
  }

  /** Go's `FindAllString`. */
  findAll(text: string, limit = -1): string[] {
    return Array.from(this.matches(text, limit), (match) => match.groups[0] as string);
  }

  /** For each match the positions of each group, [start, end] or undefined; UTF-16 units. */
  findAllPositions(text: string, limit = -1): (readonly [number, number] | undefined)[][] {
    return Array.from(this.matches(text, limit), (match) => this.#positionsAt(text, match.start));
  }

  /** Replaces every match; `$1`, `${name}` in the template stand for groups. */
  replaceAll(text: string, template: string): string {
    const replacement = this.#replacement(template);
    return this.replaceAllWith(text, (match) => applyReplacement(replacement, match.groups));
  }

  /** Replaces every match by exactly this text. */
  replaceAllLiteral(text: string, replacement: string): string {
    return this.replaceAllWith(text, () => replacement);
  }

  /** Replaces every match by what the function makes of it. */
  replaceAllWith(text: string, replace: (match: RegexpMatch) => string): string {
    let result = "";
    let copied = 0;
    let position = 0;
    while (position <= text.length) {
      const match = this.exec(text, position);
      if (match === undefined) break;
      result += text.slice(copied, match.start);
      // No second replacement for an empty match right after a match.
      if (match.end > copied || match.start === 0) result += replace(match);
      copied = match.end;
      position = Math.max(position + widthAt(text, position), match.end);
    }
    return copied === 0 && result === "" ? text : result + text.slice(copied);
  }

  /** What the template becomes for one match: Go's `Expand`. */
  expand(template: string, match: RegexpMatch): string {
    return applyReplacement(this.#replacement(template), match.groups);
  }

  /** Go's `Split`: the texts between matches, at most `limit` of them; a negative limit means all. */
  split(text: string, limit = -1): string[] {
    if (limit === 0) return [];
    if (this.pattern !== "" && text === "") return [""];
    const parts: string[] = [];
    let begin = 0;
    let end = 0;
    for (const match of this.matches(text, limit)) {
      if (limit > 0 && parts.length >= limit - 1) break;
      end = match.start;
      if (match.end !== 0) parts.push(text.slice(begin, end));
      begin = match.end;
    }
    if (end !== text.length) parts.push(text.slice(begin));
    return parts;
  }

  toString(): string {
    return this.pattern;
  }

  #replacement(template: string): Replacement {
    if (this.#lastTemplate !== template) {
      this.#lastReplacement = parseReplacement(template, this.groupNames);
      this.#lastTemplate = template;
    }
    return this.#lastReplacement;
  }

  #positionsAt(text: string, start: number): (readonly [number, number] | undefined)[] {
    const { locator } = this.#program;
    if (locator !== undefined && text.length <= this.backtrackingLimit) {
      locator.lastIndex = start;
      return [...(locator.exec(text)?.indices ?? [])];
    }
    const matcher = this.#program.automaton.matcher(text);
    matcher.find(start);
    return this.groupNames.map((_, group) => (matcher.start(group) < 0 ? undefined : [matcher.start(group), matcher.end(group)]));
  }
}

function widthAt(text: string, position: number): number {
  return (text.codePointAt(position) ?? 0) > 0xffff ? 2 : 1;
}
