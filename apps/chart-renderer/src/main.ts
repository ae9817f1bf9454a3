import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import type { CommandResult } from "./commands/template.ts";
import { UsageRequest } from "./usage-request.ts";

type Command = (args: readonly string[]) => CommandResult;

// Loaded when asked for: a short start matters more than anything else here.
const COMMANDS: ReadonlyMap<string, () => Promise<Command>> = new Map([
  ["template", async () => (await import("./commands/template.ts")).templateCommand],
  ["diff", async () => (await import("./commands/diff.ts")).diffCommand],
  ["lint", async () => (await import("./commands/lint.ts")).lintCommand],
  ["explain", async () => (await import("./commands/explain.ts")).explainCommand],
  [
    "test",
    async () => {
      const { testCommand } = await import("./commands/test.ts");
      return (args: readonly string[]) => testCommand(args, () => performance.now());
    },
  ],
]);

const USAGE = `invar-chart COMMAND [arguments]: renders, checks and explains Helm charts

  template   render a chart as helm template does
  lint       find mistakes in a chart and its values
  explain    tell where values come from and which templates read them
  diff       compare two renders by object and field
  test       run the suites of helm-unittest
  watch      render again on each change and show what differs

invar-chart COMMAND --help tells the arguments of a command.
`;
const HELP_WORDS: ReadonlySet<string> = new Set(["help", "--help", "-h"]);

// Templates that include templates a thousand deep need more stack than a main thread has.
const STACK_MB = 64;
const HEAP_MB = 4096;

async function runCommand(args: readonly string[]): Promise<CommandResult> {
  const [name, ...rest] = args;
  const command = COMMANDS.get(name ?? "");
  if (command !== undefined) return withHelp(await command(), rest);
  if (name !== undefined && HELP_WORDS.has(name)) return { code: 0, stdout: USAGE, stderr: "" };
  const problem = name === undefined ? "no command given" : `unknown command "${name}" for "invar-chart"`;
  const usage = `write one of \`invar-chart ${[...COMMANDS.keys(), "watch"].join("`, `invar-chart ")}\``;
  return { code: 1, stdout: "", stderr: `Error: ${problem}: ${usage}\n` };
}

/** Who asks how a command is written gets just that. */
function withHelp(command: Command, args: readonly string[]): CommandResult {
  try {
    return command(args);
  } catch (error) {
    if (!(error instanceof UsageRequest)) throw error;
    return { code: 0, stdout: `${error.message}\n`, stderr: "" };
  }
}

function printResult({ code, stdout, stderr }: CommandResult): void {
  process.stderr.write(stderr);
  process.stdout.write(stdout);
  process.exitCode = code;
}

function runInWorker(args: readonly string[]): void {
  const worker = new Worker(new URL(import.meta.url), {
    workerData: args,
    resourceLimits: { stackSizeMb: STACK_MB, maxOldGenerationSizeMb: HEAP_MB },
  });
  worker.on("message", printResult);
  worker.on("error", (error: Error) => printResult({ code: 1, stdout: "", stderr: `Error: ${error.message}\n` }));
}

/** Here first, without the cost of a worker; there when it needs more stack. */
async function run(args: readonly string[]): Promise<void> {
  // Other commands render often or go on for ever, and the standard input can be read only once.
  if (args[0] !== "template" || args.includes("-")) {
    runInWorker(args);
    return;
  }
  try {
    const result = await runCommand(args);
    if (result.isOutOfStack === true) runInWorker(args);
    else printResult(result);
  } catch (error) {
    if (!(error instanceof RangeError && error.message.includes("call stack"))) throw error;
    runInWorker(args);
  }
}

if (isMainThread) await run(process.argv.slice(2));
else {
  const args = workerData as string[];
  if (args[0] === "watch") {
    const { watchCommand } = await import("./commands/watch.ts");
    // It goes on until somebody ends the process.
    const watch: Command = (rest) => {
      watchCommand(rest, (result) => parentPort?.postMessage(result));
      return { code: 0, stdout: "", stderr: "" };
    };
    const help = withHelp(watch, args.slice(1));
    if (help.stdout !== "") parentPort?.postMessage(help);
  } else parentPort?.postMessage(await runCommand(args));
}
