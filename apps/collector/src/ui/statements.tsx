import type { JsonValue, Statement } from "./api.ts";

/** Arguments, exports or debug information as a table; blocks stand inside as tables of their own. */
export function Statements({ statements, empty }: { statements: readonly Statement[]; empty: string }) {
  if (statements.length === 0) return <p class="quiet">{empty}</p>;
  return (
    <table class="statements">
      <tbody>
        {statements.map((statement, index) => (
          <tr key={`${statement.name} ${index}`}>
            <th>
              {statement.name}
              {statement.type === "block" && statement.label !== undefined && <span class="label"> "{statement.label}"</span>}
            </th>
            <td>
              {statement.type === "block" ? (
                <Statements statements={statement.body} empty="nothing inside" />
              ) : (
                <Value value={statement.value} />
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** More items than this are counted and not drawn: a page stays a page with 10,000 targets. */
const mostItems = 200;

function Value({ value }: { value: JsonValue }) {
  const text = expression(value, 0);
  return text.includes("\n") ? <pre>{text}</pre> : <code class={value.type}>{text}</code>;
}

/** The value as it would be written in a configuration. Everything is text to the page: nothing in it can become markup. */
function expression({ type, value }: JsonValue, depth: number): string {
  const indent = "  ".repeat(depth + 1);
  if (type === "string") return JSON.stringify(value);
  if (type === "array") {
    const items = value as readonly JsonValue[];
    if (items.length === 0) return "[]";
    const texts = items.slice(0, mostItems).map((item) => expression(item, depth + 1));
    if (items.length > mostItems) texts.push(`… ${items.length - mostItems} more`);
    const inline = `[${texts.join(", ")}]`;
    return inline.length < 80 && !inline.includes("\n")
      ? inline
      : `[\n${texts.map((text) => `${indent}${text},`).join("\n")}\n${"  ".repeat(depth)}]`;
  }
  if (type === "object") {
    const fields = value as readonly { readonly key: string; readonly value: JsonValue }[];
    if (fields.length === 0) return "{}";
    return `{\n${fields.map((field) => `${indent}${JSON.stringify(field.key)} = ${expression(field.value, depth + 1)},`).join("\n")}\n${"  ".repeat(depth)}}`;
  }
  return String(value);
}
