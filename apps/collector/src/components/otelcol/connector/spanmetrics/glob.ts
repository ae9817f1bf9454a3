/**
 * A pattern of attribute keys as a regular expression: `*` any text without a dot, `**` any text, `?` one character but a dot, `[a-z]`, `[!a-z]`,
 * `{one,other}`, and `\` before what is meant literally. Undefined where brackets or braces do not close.
 */
export function globPattern(glob: string): RegExp | undefined {
  let source = "";
  let depth = 0;
  for (let i = 0; i < glob.length; i++) {
    const character = glob[i] as string;
    switch (character) {
      case "*":
        if (glob[i + 1] === "*") {
          source += ".*";
          while (glob[i + 1] === "*") i++;
        } else source += "[^.]*";
        break;
      case "?":
        source += "[^.]";
        break;
      case "{":
        source += "(?:";
        depth++;
        break;
      case "}":
        if (depth === 0) source += "\\}";
        else {
          source += ")";
          depth--;
        }
        break;
      case ",":
        source += depth > 0 ? "|" : ",";
        break;
      case "[": {
        const end = glob.indexOf("]", i + 1);
        if (end < 0) return undefined;
        const inside = glob.slice(i + 1, end);
        const isNot = inside.startsWith("!");
        source += `[${isNot ? "^" : ""}${(isNot ? inside.slice(1) : inside).replace(/[\\\]^]/g, "\\$&")}]`;
        i = end;
        break;
      }
      case "\\":
        source += escaped(glob[++i] ?? "\\");
        break;
      default:
        source += escaped(character);
    }
  }
  return depth > 0 ? undefined : new RegExp(`^${source}$`, "s");
}

function escaped(character: string): string {
  return character.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
}
