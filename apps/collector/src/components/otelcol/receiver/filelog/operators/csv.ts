import { EntryError } from "./operator.ts";

/** Reads one row, whose fields may have line breaks. `lazy` lets quotes stand anywhere. Throws `EntryError`. */
export function readCsvRow(text: string, delimiter: string, lazy: boolean): string[] {
  if (text === "") throw new EntryError("no csv lines found");
  const fields: string[] = [];
  let at = 0;
  for (;;) {
    if (text[at] !== '"') {
      const next = text.indexOf(delimiter, at);
      const end = next < 0 ? text.length : next;
      const field = text.slice(at, end);
      if (!lazy && field.includes('"')) throw new EntryError(`read csv line: bare " in non-quoted field`);
      fields.push(field.replace(/\r?\n$/, ""));
      if (next < 0) return fields;
      at = next + delimiter.length;
      continue;
    }
    const [field, end] = quotedField(text, at + 1, delimiter, lazy);
    fields.push(field);
    if (end >= text.length) return fields;
    at = end + delimiter.length;
  }
}

/** The field behind an opening quote, and where the delimiter stands that ends it. */
function quotedField(text: string, start: number, delimiter: string, lazy: boolean): [string, number] {
  let field = "";
  let at = start;
  for (;;) {
    const quote = text.indexOf('"', at);
    if (quote < 0) {
      if (!lazy) throw new EntryError('read csv line: extraneous or missing " in quoted-field');
      return [field + text.slice(at), text.length];
    }
    field += text.slice(at, quote);
    const rest = text.slice(quote + 1, quote + 1 + Math.max(2, delimiter.length));
    if (rest.startsWith('"')) {
      field += '"';
      at = quote + 2;
    } else if (rest === "" || rest === "\n" || rest === "\r\n") return [field, text.length];
    else if (rest.startsWith(delimiter)) return [field, quote + 1];
    else if (lazy) {
      field += '"';
      at = quote + 1;
    } else throw new EntryError('read csv line: extraneous or missing " in quoted-field');
  }
}
