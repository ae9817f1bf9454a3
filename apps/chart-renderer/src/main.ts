import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { type CommandResult, templateCommand } from "./commands/template.ts";

// Templates that include templates need more stack than a main thread has, and a worker can be bounded in memory.
const STACK_MB = 64;
const HEAP_MB = 4096;

function runCommand(args: readonly string[]): CommandResult {
  const [command, ...rest] = args;
  if (command === "template") return templateCommand(rest);
  const problem = command === undefined ? "no command given" : `unknown command "${command}" for "invar-chart"`;
  return { code: 1, stdout: "", stderr: `Error: ${problem}: write \`invar-chart template NAME CHART\`\n` };
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
  parentPort?.postMessage(runCommand(workerData as string[]));
}
