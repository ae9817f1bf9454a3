import { readFileSync, statSync, writeFileSync } from "node:fs";
import { format, renderDiagnostic } from "@invar/alloy-syntax";
import { textFromBytes } from "@invar/go-compat";
import { describeFlags, parseFlags } from "./flags.ts";
import { UsageError } from "./usage-error.ts";

const fmtFlags = {
  write: { kind: "switch", default: false, doc: "Write the result to the file instead of standard output.", short: "w" },
  test: { kind: "switch", default: false, doc: "Change nothing; exit with 1 where the file is not formatted.", short: "t" },
} as const;

export const fmtUsage = `Usage: invar fmt [flags] FILE

Formats a configuration. FILE may be - for standard input.

Flags:
${describeFlags(fmtFlags)}
`;

/** Formats a file as `alloy fmt` does. */
export function fmt(argv: readonly string[]): number {
  const { flags, args } = parseFlags(fmtFlags, argv);
  if (args.length > 1) throw new UsageError("write one file: invar fmt FILE");
  const file = args[0] ?? "-";
  if (flags.write && flags.test) throw new UsageError("cannot use -w/--write and -t/--test at the same time");
  if (flags.write && file === "-") throw new UsageError("cannot use -w with standard input");
  if (file !== "-" && statSync(file).isDirectory()) throw new UsageError("cannot format a directory");
  const before = textFromBytes(readFileSync(file === "-" ? 0 : file));
  const { text, diagnostics } = format(before, file === "-" ? "<stdin>" : file);
  if (diagnostics.length > 0) {
    for (const diagnostic of diagnostics) process.stderr.write(`${renderDiagnostic(diagnostic)}\n`);
    process.stderr.write("Error: encountered errors during formatting\n");
    return 1;
  }
  if (flags.test) return text === before ? 0 : 1;
  if (!flags.write) process.stdout.write(text);
  else if (text !== before) writeFileSync(file, text);
  return 0;
}
