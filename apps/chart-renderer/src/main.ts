import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { diffCommand } from "./commands/diff.ts";
import { explainCommand } from "./commands/explain.ts";
import { lintCommand } from "./commands/lint.ts";
import { type CommandResult, templateCommand } from "./commands/template.ts";
import { testCommand } from "./commands/test.ts";
import { watchCommand } from "./commands/watch.ts";

// Templates that include templates need more stack than a main thread has, and a worker can be bounded in memory.
const STACK_MB = 64;
const HEAP_MB = 4096;

const COMMANDS: ReadonlyMap<string, (args: readonly string[]) => CommandResult> = new Map([
  ["template", templateCommand],
  ["diff", diffCommand],
  ["lint", lintCommand],
  ["explain", explainCommand],
  ["test", (args: readonly string[]) => testCommand(args, () => performance.now())],
]);

function runCommand(args: readonly string[]): CommandResult {
  const [name, ...rest] = args;
  const command = COMMANDS.get(name ?? "");
  if (command !== undefined) return command(rest);
  const problem = name === undefined ? "no command given" : `unknown command "${name}" for "invar-chart"`;
  const usage = `write one of \`invar-chart ${[...COMMANDS.keys(), "watch"].join("`, `invar-chart ")}\``;
  return { code: 1, stdout: "", stderr: `Error: ${problem}: ${usage}\n` };
}

function printResult({ code, stdout, stderr }: CommandResult): void {
  process.stderr.write(stderr);
  process.stdout.write(stdout);
  process.exitCode = code;
}

if (isMainThread) {
  const worker = new Worker(new URL(import.meta.url), {
    workerData: process.argv.slice(2),
    resourceLimits: { stackSizeMb: STACK_MB, maxOldGenerationSizeMb: HEAP_MB },
  });
  worker.on("message", printResult);
  worker.on("error", (error: Error) => printResult({ code: 1, stdout: "", stderr: `Error: ${error.message}\n` }));
} else {
  const args = workerData as string[];
  // It goes on until somebody ends the process.
  if (args[0] === "watch") watchCommand(args.slice(1), (result) => parentPort?.postMessage(result));
  else parentPort?.postMessage(runCommand(args));
}
