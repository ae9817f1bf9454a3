import { StatementError } from "../value.ts";

/**
 * The fields of a row of comma-separated values as Go's reader splits it. A row that holds line ends outside of quotes goes on in the next line: the
 * first field there continues the last one here. Throws `StatementError`.
 */
export function readCsvRow(text: string, delimiter: string, isLazy: boolean): string[] {
  const reader = new CsvReader(text, delimiter, isLazy);
  let row: string[] | undefined;
  for (let line = reader.line(); line !== undefined; line = reader.line()) {
    if (row === undefined) row = line;
    else {
      const [first = "", ...rest] = line;
      row[row.length - 1] += `\n${first}`;
      row.push(...rest);
    }
  }
  if (row === undefined) throw new StatementError("no csv lines found");
  return row;
}

class CsvReader {
  readonly #text: string;
  readonly #delimiter: string;
  readonly #isLazy: boolean;
  #at = 0;
  #line = 1;

  constructor(text: string, delimiter: string, isLazy: boolean) {
    this.#text = text.replace(/\r\n/g, "\n").replace(/\r$/, "");
    this.#delimiter = delimiter;
    this.#isLazy = isLazy;
  }

  line(): string[] | undefined {
    while (this.#text[this.#at] === "\n") this.#skipLineEnd();
    if (this.#at >= this.#text.length) return undefined;
    const start = this.#at;
    const fields: string[] = [];
    for (;;) {
      fields.push(this.#text[this.#at] === '"' ? this.#quoted(start) : this.#plain(start));
      if (!this.#text.startsWith(this.#delimiter, this.#at)) break;
      this.#at += this.#delimiter.length;
    }
    if (this.#text[this.#at] === "\n") this.#skipLineEnd();
    return fields;
  }

  #skipLineEnd(): void {
    this.#at++;
    this.#line++;
  }

  #plain(start: number): string {
    const from = this.#at;
    while (this.#at < this.#text.length && this.#text[this.#at] !== "\n" && !this.#text.startsWith(this.#delimiter, this.#at)) {
      if (this.#text[this.#at] === '"' && !this.#isLazy) throw this.#fault(start, 'bare " in non-quoted field');
      this.#at++;
    }
    return this.#text.slice(from, this.#at);
  }

  #quoted(start: number): string {
    this.#at++;
    let field = "";
    while (this.#at < this.#text.length) {
      const character = this.#text[this.#at] as string;
      if (character !== '"') {
        if (character === "\n") this.#line++;
        field += character;
        this.#at++;
        continue;
      }
      const next = this.#text[this.#at + 1];
      if (next === '"') {
        field += '"';
        this.#at += 2;
      } else if (next === undefined || next === "\n" || this.#text.startsWith(this.#delimiter, this.#at + 1)) {
        this.#at++;
        return field;
      } else if (this.#isLazy) {
        field += '"';
        this.#at++;
      } else throw this.#fault(start, 'extraneous or missing " in quoted-field');
    }
    if (!this.#isLazy) throw this.#fault(start, 'extraneous or missing " in quoted-field');
    return field;
  }

  #fault(start: number, message: string): StatementError {
    return new StatementError(`read csv line: parse error on line ${this.#line}, column ${this.#at - start + 1}: ${message}`);
  }
}
