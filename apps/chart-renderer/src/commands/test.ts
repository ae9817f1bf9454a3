import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { runSuites } from "../suites/run-suites.ts";
import { isGood, suiteJunit, suiteText } from "../suites/suite-report.ts";
import { answerHelp } from "../usage-request.ts";
import type { CommandResult } from "./template.ts";

const OPTIONS = {
  file: { type: "string", multiple: true, short: "f" },
  values: { type: "string", multiple: true, short: "v" },
  "update-snapshot": { type: "boolean", short: "u" },
  "with-subchart": { type: "boolean", short: "s" },
  strict: { type: "boolean" },
  failfast: { type: "boolean", short: "q" },
  "skip-schema-validation": { type: "boolean" },
  "chart-tests-path": { type: "string" },
  "output-file": { type: "string", short: "o" },
  "output-type": { type: "string", short: "t" },
} as const;

const USAGE = "invar-chart test CHART… [-f 'tests/*_test.yaml'] [-v FILE] [-u] [--no-with-subchart] [--strict] [-q] [-o FILE] [-t JUnit]";

/** `invar-chart test CHART…`: runs helm-unittest suites. */
export function testCommand(args: readonly string[], now: () => number): CommandResult {
  const read = readArguments(args);
  if (typeof read === "string") return { code: 1, stdout: "", stderr: `Error: ${read}\n` };
  const { values: flags, positionals } = read;
  const start = now();
  const charts = positionals.map((path) =>
    runSuites(path.replace(/(?<=.)\/+$/, ""), {
      files: flags.file ?? ["tests/*_test.yaml"],
      valuesFiles: flags.values ?? [],
      updatesSnapshots: flags["update-snapshot"] === true,
      includesSubcharts: flags["with-subchart"] !== false,
      isStrict: flags.strict === true,
      failsFast: flags.failfast === true,
      skipsSchemaValidation: flags["skip-schema-validation"] === true,
      testsChart: flags["chart-tests-path"],
      now,
    }),
  );
  if (flags["output-file"] !== undefined) writeFileSync(flags["output-file"], suiteJunit(charts));
  return { code: charts.every(isGood) ? 0 : 1, stdout: suiteText(charts, now() - start), stderr: "" };
}

function readArguments(args: readonly string[]) {
  answerHelp(args, USAGE);
  try {
    // helm-unittest writes switches as `--with-subchart=false` too.
    const plain = args.map((arg) => arg.replace(/^--([a-z-]+)=false$/, "--no-$1").replace(/^--([a-z-]+)=true$/, "--$1"));
    const read = parseArgs({ args: plain, options: OPTIONS, allowPositionals: true, allowNegative: true });
    const type = read.values["output-type"];
    if (type !== undefined && type.toLowerCase() !== "junit") return `--output-type ${type} is not supported: write JUnit`;
    if (read.positionals.length === 0) return `no chart given: write \`${USAGE}\``;
    return read;
  } catch (error) {
    return `${(error as Error).message.split(". ")[0]}: write \`${USAGE}\``;
  }
}
