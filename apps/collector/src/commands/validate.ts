import { type Diagnostic, parse, position, renderDiagnostic } from "@invar/alloy-syntax";
import type { Stability } from "../component/arguments.ts";
import { checkConfiguration } from "../graph/check.ts";
import { rootSurroundings } from "../graph/controller.ts";
import { version } from "../version.ts";
import { describeFlags, parseFlags } from "./flags.ts";
import { stabilityFlag } from "./run-flags.ts";
import { idleServices, serviceBlocks } from "./service-blocks.ts";
import { readSources } from "./sources.ts";
import { UsageError } from "./usage-error.ts";
import { readImport, vocabulary } from "./vocabulary.ts";

const validateFlags = {
  "stability.level": stabilityFlag,
  strict: { kind: "switch", default: false, doc: "Take warnings as errors." },
  format: { kind: "text", default: "text", values: ["text", "json", "sarif"], doc: "How findings are written: text, json or sarif." },
  "feature.community-components.enabled": {
    kind: "switch",
    default: false,
    doc: "",
    without: "there are no community components in this program",
  },
} as const;

export const validateUsage = `Usage: invar validate [flags] PATH

Finds everything in a configuration that can be known before it runs. Exits with 1 where an error was found.

Flags:
${describeFlags(validateFlags)}
`;

/** Checks a configuration and prints all findings: text on stderr, JSON and SARIF on stdout. */
export function validate(argv: readonly string[]): number {
  const { flags, args } = parseFlags(validateFlags, argv);
  const [path] = args;
  if (path === undefined || args.length > 1) throw new UsageError("write the path of one configuration: invar validate PATH");
  const findings = findingsOf(path, flags["stability.level"] as Stability).map((finding) =>
    flags.strict ? { ...finding, severity: "error" as const } : finding,
  );
  print(findings, flags.format);
  return findings.some((finding) => finding.severity === "error") ? 1 : 0;
}

/** Every finding about the configuration in a file or folder, in the order of the text. */
export function findingsOf(path: string, stability: Stability): Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  const files = readSources(path).map((source) => {
    const parsed = parse(source);
    diagnostics.push(...parsed.diagnostics);
    return parsed.file;
  });
  diagnostics.push(...checkConfiguration(files, rootSurroundings(vocabulary(stability, serviceBlocks(idleServices()))), readImport));
  return diagnostics.sort((a, b) =>
    a.source.name === b.source.name ? a.span.start - b.span.start : a.source.name < b.source.name ? -1 : 1,
  );
}

function print(findings: readonly Diagnostic[], format: string): void {
  if (format === "json") {
    process.stdout.write(`${JSON.stringify({ findings: findings.map(plainFinding) }, null, 2)}\n`);
    return;
  }
  if (format === "sarif") {
    process.stdout.write(`${JSON.stringify(sarif(findings), null, 2)}\n`);
    return;
  }
  for (const finding of findings) process.stderr.write(`${renderDiagnostic(finding)}\n`);
  const errors = findings.filter((finding) => finding.severity === "error").length;
  if (findings.length > 0) process.stderr.write(`${counted(errors, "error")}, ${counted(findings.length - errors, "warning")}\n`);
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

function plainFinding({ severity, code, message, source, span, hint }: Diagnostic) {
  return {
    severity,
    code,
    message,
    file: source.name,
    start: position(source, span.start),
    end: position(source, span.end),
    ...(hint !== undefined && { hint }),
  };
}

function sarif(findings: readonly Diagnostic[]) {
  const rules = [...new Set(findings.map((finding) => finding.code))].sort();
  return {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: { driver: { name: "invar validate", version, rules: rules.map((id) => ({ id })) } },
        results: findings.map(({ severity, code, message, source, span, hint }) => {
          const start = position(source, span.start);
          const end = position(source, span.end);
          return {
            ruleId: code,
            level: severity,
            message: { text: hint === undefined ? message : `${message}; ${hint}` },
            locations: [
              {
                physicalLocation: {
                  artifactLocation: { uri: source.name },
                  region: { startLine: start.line, startColumn: start.column, endLine: end.line, endColumn: end.column },
                },
              },
            ],
          };
        }),
      },
    ],
  };
}
