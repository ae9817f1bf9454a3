import { didYouMean } from "../component/did-you-mean.ts";
import { UsageError } from "./usage-error.ts";

/** What a command accepts beside its arguments: `--name=value`, `--name value`, and `--name` alone for switches. */
export type FlagSpec = Readonly<Record<string, FlagKind>>;
type FlagKind =
  | {
      readonly kind: "text";
      readonly default: string;
      readonly doc: string;
      readonly without?: NoEffect;
      readonly values?: readonly string[];
      /** What is wrong with a value; the text completes "invalid argument … for …: ". */
      readonly check?: (value: string) => string | undefined;
      readonly short?: string;
    }
  | { readonly kind: "switch"; readonly default: boolean; readonly doc: string; readonly without?: NoEffect; readonly short?: string };

/** Why a flag that is accepted changes nothing; said in the log when it is used. */
type NoEffect = string;

export type FlagValues<Spec extends FlagSpec> = { readonly [Name in keyof Spec]: Spec[Name] extends { kind: "switch" } ? boolean : string };

export interface ParsedFlags<Spec extends FlagSpec> {
  readonly flags: FlagValues<Spec>;
  readonly args: readonly string[];
  /** One sentence for each flag that was used without effect. */
  readonly notes: readonly string[];
}

export function parseFlags<const Spec extends FlagSpec>(spec: Spec, argv: readonly string[]): ParsedFlags<Spec> {
  const values: Record<string, string | boolean> = {};
  for (const [name, flag] of Object.entries(spec)) values[name] = flag.default;
  const args: string[] = [];
  const notes: string[] = [];
  const rest = [...argv];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === "--") {
      args.push(...rest);
      break;
    }
    if (!word.startsWith("-") || word === "-") {
      args.push(word);
      continue;
    }
    const equals = word.indexOf("=");
    const written = equals < 0 ? word : word.slice(0, equals);
    const name = nameOf(spec, written);
    const flag = spec[name];
    if (flag === undefined) throw unknownFlag(spec, written);
    values[name] =
      flag.kind === "switch"
        ? switchValue(written, equals < 0 ? "true" : word.slice(equals + 1))
        : textValue(flag, written, equals < 0 ? rest.shift() : word.slice(equals + 1));
    if (flag.without !== undefined) notes.push(`${written} has no effect: ${flag.without}`);
  }
  return { flags: values as FlagValues<Spec>, args, notes };
}

/** The lines of `--help` about flags. */
export function describeFlags(spec: FlagSpec): string {
  const lines = Object.entries(spec).map(([name, flag]) => {
    const left = `${flag.short === undefined ? "    " : `-${flag.short}, `}--${name}${flag.kind === "switch" ? "" : " string"}`;
    const value = flag.default === "" || flag.default === false ? "" : ` (default ${JSON.stringify(flag.default)})`;
    return `  ${left.padEnd(52)} ${flag.doc}${value}`;
  });
  return lines.join("\n");
}

function nameOf(spec: FlagSpec, written: string): string {
  if (written.startsWith("--")) return written.slice(2);
  const short = Object.entries(spec).find(([, flag]) => flag.short === written.slice(1));
  return short?.[0] ?? written;
}

function unknownFlag(spec: FlagSpec, written: string): UsageError {
  const hint = didYouMean(
    written,
    Object.keys(spec).map((name) => `--${name}`),
  );
  return new UsageError(`unknown flag: ${written}${hint === undefined ? "" : `; ${hint}`}`);
}

function switchValue(written: string, value: string): boolean {
  if (["true", "1", "t", "T", "TRUE", "True"].includes(value)) return true;
  if (["false", "0", "f", "F", "FALSE", "False"].includes(value)) return false;
  throw new UsageError(`invalid argument ${JSON.stringify(value)} for ${written}: write true or false`);
}

function textValue(flag: FlagKind & { kind: "text" }, written: string, value: string | undefined): string {
  if (value === undefined) throw new UsageError(`flag needs an argument: ${written}`);
  if (flag.values !== undefined && !flag.values.includes(value))
    throw new UsageError(`invalid argument ${JSON.stringify(value)} for ${written}: must be one of ${flag.values.join(", ")}`);
  const finding = flag.check?.(value);
  if (finding !== undefined) throw new UsageError(`invalid argument ${JSON.stringify(value)} for ${written}: ${finding}`);
  return value;
}
