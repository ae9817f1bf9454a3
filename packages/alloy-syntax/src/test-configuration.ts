import fc from "fast-check";

// Random configurations as text in a random layout: any blanks, line breaks and comments where the language allows them.

export interface Layout {
  /** Where a line break does not end the statement. */
  readonly open: fc.Arbitrary<string>;
  /** Where it would. */
  readonly closed: fc.Arbitrary<string>;
  readonly end: fc.Arbitrary<string>;
}

const blanks = fc.constantFrom("", "", " ", "  ", "\t");

/** Blanks and line breaks. */
export const plainLayout: Layout = {
  open: fc.constantFrom("", "", "", " ", " ", "\n", "\n\n", "\n\n\n  ", "\r\n"),
  closed: blanks,
  end: fc.constantFrom("\n", "\n", "\n\n", "\n\n\n", " \r\n"),
};

/** Comments too. */
export const commentedLayout: Layout = {
  open: fc.oneof(
    { weight: 6, arbitrary: plainLayout.open },
    { weight: 1, arbitrary: fc.constantFrom(" // x\n", "/* y */", "\n// own line\n", "/* two\n lines */ ", " // a\n\n// b \n") },
  ),
  closed: fc.oneof({ weight: 8, arbitrary: blanks }, { weight: 1, arbitrary: fc.constantFrom(" /* c */ ", "/**/") }),
  end: fc.oneof(
    { weight: 4, arbitrary: plainLayout.end },
    { weight: 1, arbitrary: fc.constantFrom(" // end\n", " /* end */ // twice\n", "\n// next\n", "\n\n/* a\n b */\n// c\n\n") },
  ),
};

const names = fc.constantFrom("a", "bb", "ccc", "a_long_name", "x1", "é");
const literals = fc.constantFrom(
  "1",
  "07",
  "1.5",
  "1e3",
  "true",
  "null",
  '""',
  '"a b  c"',
  '"\\n\\"\\u00e9"',
  "`raw`",
  "`r\n\ts\tt `",
  "18446744073709551615",
);
const keys = fc.oneof(names, fc.constantFrom('"q"', '"q r"', "`raw key`", '"a\\\\b"', '`say "x"`', '""'));

/** A whole file. */
export function configuration(layout: Layout): fc.Arbitrary<string> {
  const { open, closed, end } = layout;
  const list = (item: fc.Arbitrary<string>, [opening, closing]: readonly [string, string], maxLength: number) =>
    fc.tuple(fc.array(fc.tuple(open, item, closed), { maxLength }), open, fc.boolean()).map(([items, gap, trailingComma]) => {
      const text = items.map(([before, inner, after]) => before + inner + after).join(",");
      return `${opening}${text}${items.length > 0 && trailingComma ? `,${gap}` : items.length === 0 ? gap : ""}${closing}`;
    });
  const { expression } = fc.letrec<{ expression: string }>((tie) => {
    const inner = tie("expression");
    const field = fc.tuple(keys, closed, open, inner).map(([key, before, after, value]) => `${key}${before}=${after}${value}`);
    return {
      expression: fc.oneof(
        { maxDepth: 3, depthSize: "small" },
        literals,
        names,
        list(inner, ["[", "]"], 3),
        list(field, ["{", "}"], 3),
        fc.tuple(names, closed, list(inner, ["(", ")"], 2)).map((parts) => parts.join("")),
        fc.tuple(names, closed, open, names).map(([object, before, after, member]) => `${object}${before}.${after}${member}`),
        fc
          .tuple(names, closed, open, inner, closed)
          .map(([object, before, after, index, last]) => `${object}${before}[${after}${index}${last}]`),
        fc.tuple(fc.constantFrom("-", "!"), open, names).map((parts) => parts.join("")),
        fc.tuple(open, inner, closed).map(([before, group, after]) => `(${before}${group}${after})`),
        fc
          .tuple(inner, closed, fc.constantFrom("+", "-", "*", "==", "&&", "^"), open, inner)
          .map(([left, before, operator, after, right]) => `${left}${before}${operator}${after}${right}`),
      ),
    };
  });
  const { body } = fc.letrec<{ body: string; statement: string }>((tie) => ({
    statement: fc.oneof(
      { maxDepth: 2, depthSize: "small" },
      fc.tuple(names, closed, open, expression).map(([name, before, after, value]) => `${name}${before}=${after}${value}`),
      fc
        .tuple(fc.array(names, { minLength: 1, maxLength: 3 }), closed, fc.constantFrom("", '"label"', '""'), closed, open, tie("body"))
        .map(([name, before, label, between, after, inner]) => `${name.join(".")} ${before}${label}${between}{${after}${inner}}`),
    ),
    body: fc
      .array(
        fc.tuple(blanks, tie("statement"), end).map((parts) => parts.join("")),
        { maxLength: 4 },
      )
      .map((parts) => parts.join("")),
  }));
  return fc.tuple(end, body).map(([head, rest]) => head + rest);
}
