import { GoError, parseBool, quote } from "@invar/go-compat";
import { ChartError } from "../chart/chart.ts";

/** How a flag is written: with a text, with texts (again and again, or with commas between), or alone. */
export type FlagKind = "text" | "texts" | "list" | "switch";

export interface FlagDefinition {
  readonly kind: FlagKind;
  readonly short?: string;
  readonly help: string;
}

export interface ParsedFlags<Name extends string> {
  readonly positionals: readonly string[];
  readonly text: (name: Name) => string | undefined;
  readonly texts: (name: Name) => readonly string[];
  readonly isSet: (name: Name) => boolean;
}

/** Reads arguments as Go's pflag does, with its texts for what is wrong. Throws `ChartError`. */
export function parseFlags<Name extends string>(
  args: readonly string[],
  definitions: Readonly<Record<Name, FlagDefinition>>,
  refusals: ReadonlyMap<string, string>,
): ParsedFlags<Name> {
  const values = new Map<string, string[]>();
  const positionals: string[] = [];
  const byShort = new Map(Object.entries<FlagDefinition>(definitions).map(([name, { short }]) => [short, name]));
  const queue = [...args];
  const take = (missing: string): string => {
    const next = queue.shift();
    if (next === undefined) throw new ChartError(`flag needs an argument: ${missing}`);
    return next;
  };
  const set = (name: string, shown: string, given: string | undefined, argument: () => string): void => {
    const definition = definitions[name as Name] as FlagDefinition;
    const known = values.get(name) ?? [];
    if (definition.kind === "switch") values.set(name, [String(switchValue(shown, given ?? "true"))]);
    else values.set(name, [...known, ...valuesOf(definition.kind, given ?? argument())]);
  };
  for (let arg = queue.shift(); arg !== undefined; arg = queue.shift()) {
    if (arg === "--") {
      positionals.push(...queue);
      break;
    }
    if (arg.startsWith("--")) {
      const equals = arg.indexOf("=");
      const name = equals < 0 ? arg.slice(2) : arg.slice(2, equals);
      if (name === "" || name.startsWith("-")) throw new ChartError(`bad flag syntax: ${arg}`);
      if (!Object.hasOwn(definitions, name)) refuse(name, refusals);
      set(name, `--${name}`, equals < 0 ? undefined : arg.slice(equals + 1), () => take(`--${name}`));
    } else if (arg.startsWith("-") && arg !== "-") {
      readShort(arg.slice(1), byShort, definitions, set, take);
    } else positionals.push(arg);
  }
  return {
    positionals,
    text: (name) => values.get(name)?.at(-1),
    texts: (name) => values.get(name) ?? [],
    isSet: (name) => values.get(name)?.at(-1) === "true",
  };
}

function readShort(
  given: string,
  byShort: ReadonlyMap<string | undefined, string>,
  definitions: Readonly<Record<string, FlagDefinition>>,
  set: (name: string, shown: string, given: string | undefined, argument: () => string) => void,
  take: (missing: string) => string,
): void {
  for (let rest = given; rest !== ""; rest = rest.slice(1)) {
    const letter = rest[0] as string;
    const name = byShort.get(letter);
    if (name === undefined) throw new ChartError(`unknown shorthand flag: ${quote(letter).replaceAll('"', "'")} in -${given}`);
    const shown = `-${letter}, --${name}`;
    if (rest[1] === "=") {
      set(name, shown, rest.slice(2), () => "");
      return;
    }
    if (definitions[name]?.kind === "switch") set(name, shown, undefined, () => "");
    else {
      set(name, shown, rest.length > 1 ? rest.slice(1) : undefined, () => take(`${quote(letter).replaceAll('"', "'")} in -${given}`));
      return;
    }
  }
}

function refuse(name: string, refusals: ReadonlyMap<string, string>): never {
  const reason = refusals.get(name);
  throw new ChartError(reason === undefined ? `unknown flag: --${name}` : `--${name} is not supported: ${reason}`);
}

function switchValue(shown: string, text: string): boolean {
  try {
    return parseBool(text);
  } catch (error) {
    if (!(error instanceof GoError)) throw error;
    throw new ChartError(`invalid argument ${quote(text)} for "${shown}" flag: ${error.message}`, { cause: error });
  }
}

function valuesOf(kind: Exclude<FlagKind, "switch">, text: string): string[] {
  return kind === "list" ? splitCommas(text) : [text];
}

/** As a line of CSV: a part with commas stands in quotes. */
function splitCommas(text: string): string[] {
  if (text === "") return [];
  return [...text.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(
    ([, inQuotes, plain]) => inQuotes?.replaceAll('""', '"') ?? plain ?? "",
  );
}

/** One line a flag. */
export function describeFlags(definitions: Readonly<Record<string, FlagDefinition>>): string {
  const names = Object.entries(definitions).map(([name, { kind, short }]): [string, string] => {
    const argument = kind === "switch" ? "" : kind === "list" ? " strings" : kind === "texts" ? " stringArray" : " string";
    return [name, `${short === undefined ? "      " : `  -${short}, `}--${name}${argument}`];
  });
  const width = Math.max(...names.map(([, shown]) => shown.length)) + 3;
  return names.map(([name, shown]) => `${shown.padEnd(width)}${definitions[name]?.help}\n`).join("");
}
