import { compareTexts, quote } from "@invar/go-compat";
import { ColumnLayout } from "./column-layout.ts";
import { describe, numberText } from "./convert.ts";
import { isIdentifier } from "./lexer.ts";
import { isObject, type ObjectValue, Secret, type Value } from "./value.ts";

/**
 * A value as the text of an expression in canonical layout: objects with sorted keys, one a line; `(secret)` for what nobody may see,
 * `capsule("type")` and `function` for what has no text.
 */
export function printValue(value: Value): string {
  const layout = new ColumnLayout();
  write(value, layout, 0);
  return layout.finish();
}

function write(value: Value, layout: ColumnLayout, indent: number): void {
  if (Array.isArray(value)) {
    layout.text("[");
    value.forEach((item, at) => {
      if (at > 0) layout.text(", ");
      write(item, layout, indent);
    });
    layout.text("]");
  } else if (value !== null && isObject(value)) {
    writeObject(value, layout, indent);
  } else {
    layout.text(simpleText(value));
  }
}

function writeObject(object: ObjectValue, layout: ColumnLayout, indent: number): void {
  const fields = Object.entries(object).sort(([a], [b]) => compareTexts(a, b));
  layout.text("{");
  fields.forEach(([key, value], at) => {
    // Equal signs align as long as values stay on one line.
    const before = fields[at - 1]?.[1];
    layout.endLine(before === undefined || hasManyLines(before));
    layout.indent(indent + 1);
    layout.text(isIdentifier(key) ? key : quote(key));
    layout.endCell(false);
    layout.text("= ");
    write(value, layout, indent + 1);
    layout.text(",");
  });
  if (fields.length > 0) {
    layout.endLine(true);
    layout.indent(indent);
  }
  layout.text("}");
}

function hasManyLines(value: Value): boolean {
  if (Array.isArray(value)) return value.some(hasManyLines);
  return value !== null && isObject(value) && Object.keys(value).length > 0;
}

function simpleText(value: Value): string {
  switch (typeof value) {
    case "string":
      return quote(value);
    case "bigint":
    case "number":
      return numberText(value);
    case "boolean":
      return String(value);
    default:
      if (value instanceof Secret) return value.isSecret ? "(secret)" : quote(value.reveal());
      return value === null ? "null" : describe(value);
  }
}
