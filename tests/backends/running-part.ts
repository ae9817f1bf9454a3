import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** A program that runs until `stop`, which also removes its folder. Works with `await using`. */
export type RunningPart = AsyncDisposable & {
  readonly pid: number;
  readonly folder: string;
  /** What it printed, the last 64 KiB. */
  output(): string;
  stop(): Promise<void>;
  /** Ends it without a word, and leaves its folder. */
  kill(): Promise<void>;
};

export type StartOptions = {
  readonly path: string;
  readonly folder: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Answers 200 once the program can be used; or `isReady` says so. */
  readonly readyUrl?: string;
  readonly isReady?: () => Promise<boolean>;
  readonly readyWithinMs: number;
  /** How long it may take to end by itself before it is killed; default 5 s. */
  readonly patienceMs?: number;
};

const keptOutput = 65_536;

/** Starts a program and resolves when it is ready; it dies with this process, however that ends. */
export async function startPart({
  path,
  folder,
  args,
  env,
  readyUrl = "",
  isReady = () => answersOk(readyUrl),
  readyWithinMs,
  patienceMs = 5000,
}: StartOptions): Promise<RunningPart> {
  // setpriv lets the kernel end the program when the test is killed: no orphan outlives a test that hung.
  const child = spawn("setpriv", ["--pdeathsig", "KILL", "--", path, ...args], {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output = (output + text).slice(-keptOutput);
    });
  }
  const stop = async () => {
    await endChild(child, patienceMs);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await once(child, "spawn");
    await untilReady(child, isReady, readyWithinMs);
  } catch (error) {
    await stop();
    throw new Error(`${path} did not start: ${error instanceof Error ? error.message : error}\n${output}`);
  }
  return { pid: child.pid ?? 0, folder, output: () => output, stop, kill: () => endChild(child, 0), [Symbol.asyncDispose]: stop };
}

async function untilReady(child: ChildProcess, isReady: () => Promise<boolean>, withinMs: number): Promise<void> {
  const end = performance.now() + withinMs;
  while (performance.now() < end) {
    if (hasEnded(child)) throw new Error(`it ended with ${child.exitCode ?? child.signalCode}`);
    if (await isReady()) return;
    await sleep(50);
  }
  throw new Error(`it was not ready within ${withinMs / 1000} s`);
}

async function answersOk(url: string): Promise<boolean> {
  // A refused connection is the normal answer of a program that is still starting.
  const answer = await fetch(url, { signal: AbortSignal.timeout(2000) }).catch(() => undefined);
  await answer?.arrayBuffer();
  return answer?.ok === true;
}

async function endChild(child: ChildProcess, patienceMs: number): Promise<void> {
  if (hasEnded(child) || child.pid === undefined) return;
  const ended = once(child, "exit");
  child.kill(patienceMs > 0 ? "SIGTERM" : "SIGKILL");
  const killer = setTimeout(() => child.kill("SIGKILL"), patienceMs);
  await ended;
  clearTimeout(killer);
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

/** A fresh folder for a part's data. */
export function temporaryFolder(part: string): string {
  return mkdtempSync(join(tmpdir(), `invar-${part}-`));
}

/** A loopback port that was free a moment ago: for programs which cannot be told port 0. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error(`a TCP address was expected, got ${address}`);
  return address.port;
}
