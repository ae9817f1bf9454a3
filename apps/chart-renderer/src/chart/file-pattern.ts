/** Go's `filepath.Match` as a pattern for JavaScript; undefined when the pattern is malformed. */
export function filePattern(pattern: string): RegExp | undefined {
  let source = "";
  for (let at = 0; at < pattern.length; at++) {
    const letter = pattern[at] as string;
    if (letter === "*") source += "[^/]*";
    else if (letter === "?") source += "[^/]";
    else if (letter === "[") {
      const end = pattern.indexOf("]", at + 2);
      if (end < 0) return undefined;
      source += `[${pattern.slice(at + 1, end).replaceAll("[", "\\[")}]`;
      at = end;
    } else if (letter === "\\") {
      if (++at === pattern.length) return undefined;
      source += literal(pattern[at] as string);
    } else source += literal(letter);
  }
  return compiled(`^${source}$`);
}

/** The patterns of `.Files.Glob`: `**` crosses folders, `{a,b}` are alternatives. */
export function globPattern(pattern: string): RegExp | undefined {
  let source = "";
  let depth = 0;
  for (let at = 0; at < pattern.length; at++) {
    const letter = pattern[at] as string;
    if (letter === "*") {
      const isDouble = pattern[at + 1] === "*";
      if (isDouble) at++;
      source += isDouble ? ".*" : "[^/]*";
    } else if (letter === "?") source += "[^/]";
    else if (letter === "[") {
      const end = pattern.indexOf("]", at + 2);
      if (end < 0) return undefined;
      source += `[${pattern
        .slice(at + 1, end)
        .replace(/^!/, "^")
        .replaceAll("[", "\\[")}]`;
      at = end;
    } else if (letter === "{") {
      depth++;
      source += "(?:";
    } else if (letter === "}" && depth > 0) {
      depth--;
      source += ")";
    } else if (letter === "," && depth > 0) source += "|";
    else if (letter === "\\") source += literal(pattern[++at] ?? "\\");
    else source += literal(letter);
  }
  return depth > 0 ? undefined : compiled(`^${source}$`);
}

function literal(letter: string): string {
  return /[\\^$.*+?()[\]{}|/]/.test(letter) ? `\\${letter}` : letter;
}

function compiled(source: string): RegExp | undefined {
  try {
    return new RegExp(source, "s");
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
