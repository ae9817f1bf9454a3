import { UsageError } from "./commands/usage-error.ts";
import { version } from "./version.ts";

const usage = `Usage: invar COMMAND [flags]

Invar collects traces, metrics and logs, and hands them on.

Commands:
  run        run a configuration
  validate   find what is wrong with a configuration
  fmt        format a configuration
  catalogue  write every component's definition as JSON

invar COMMAND --help tells more of each.
`;

interface Command {
  readonly usage: string;
  run(argv: readonly string[]): number | Promise<number>;
}

/** Commands are loaded when they are used: formatting a file does not wait for the whole collector. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  run: async () => {
    const { run, runUsage } = await import("./commands/run.ts");
    return { run, usage: runUsage };
  },
  validate: async () => {
    const { validate, validateUsage } = await import("./commands/validate.ts");
    return { run: validate, usage: validateUsage };
  },
  fmt: async () => {
    const { fmt, fmtUsage } = await import("./commands/fmt.ts");
    return { run: fmt, usage: fmtUsage };
  },
  catalogue: async () => {
    const { catalogue, catalogueUsage } = await import("./commands/catalogue.ts");
    return { run: catalogue, usage: catalogueUsage };
  },
};

async function main(argv: readonly string[]): Promise<number> {
  const [name = "--help", ...rest] = argv;
  if (name === "--help" || name === "-h" || name === "help") {
    process.stdout.write(usage);
    return 0;
  }
  if (name === "--version" || name === "-v") {
    process.stdout.write(`invar, version v${version}\n`);
    return 0;
  }
  const load = commands[name];
  if (load === undefined) throw new UsageError(`unknown command ${JSON.stringify(name)}; invar --help lists them`);
  const command = await load();
  if (rest.includes("--help") || rest.includes("-h")) {
    process.stdout.write(command.usage);
    return 0;
  }
  return command.run(rest);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof UsageError) && !(error instanceof Error && "code" in error)) throw error;
  process.stderr.write(`Error: ${error.message}\n`);
  process.exitCode = 1;
}
