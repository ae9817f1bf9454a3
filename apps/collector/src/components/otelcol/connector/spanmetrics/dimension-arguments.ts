import { quote } from "@invar/go-compat";
import { defaulted, optional, string } from "../../../../component/arguments.ts";
import { globPattern } from "./glob.ts";

export interface DimensionArguments {
  readonly name: string;
  readonly default: string | undefined;
  readonly glob: string;
}

/** The inside of every `dimension` block. */
export const dimensionArguments = {
  arguments: {
    name: defaulted(string, "The attribute of the span, or else of its resource, that becomes an attribute of the metric.", ""),
    default: optional(string, "The value where there is no such attribute; without it the dimension is left out."),
    glob: defaulted(string, "In place of a name, a pattern of the attributes' names.", ""),
  },
} as const;

const reserved = ["service.name", "span.kind", "status.code", "span.name", "collector.instance.id"];

/** What is wrong with a list of dimensions. */
export function dimensionsFault(dimensions: readonly DimensionArguments[]): string | undefined {
  const names = new Set(reserved);
  const globs: string[] = [];
  for (const { name, glob, default: fallback } of dimensions) {
    if (name !== "" && glob !== "")
      return `dimension entry must set only one of \`name\` or \`glob\`, got both: name=${quote(name)} glob=${quote(glob)}`;
    if (name === "" && glob === "") return "dimension entry must set one of `name` or `glob`";
    if (name !== "") {
      if (names.has(name)) return `duplicate dimension name ${quote(name)}`;
      names.add(name);
      continue;
    }
    if (fallback !== undefined) return `\`default\` is not supported on \`glob\` dimension ${quote(glob)}`;
    if (globPattern(glob) === undefined) return `invalid dimension glob ${quote(glob)}: a bracket or brace does not close`;
    globs.push(glob);
  }
  for (const glob of globs)
    for (const name of names)
      if (globPattern(glob)?.test(name) === true) return `duplicate dimension name ${quote(name)} conflicting with glob ${quote(glob)}`;
  return undefined;
}
