import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { nodeFlags } from "./start-script.ts";

const configuration = join(import.meta.dirname, "warm-up.alloy");
const readyWithinMs = 30_000;

/**
 * Makes the cache of compiled code beside the program: runs it on a configuration of the usual components, loads all the others, and runs it once
 * more to keep what was compiled while it worked. Answers how long the program then takes to be ready.
 */
export async function warmUp(program: string, env: Readonly<Record<string, string>> = {}): Promise<number> {
  const started = { path: program, before: [], env };
  await runOnce(started, worksMs);
  // Brings in every part; what is in the cache stays as it is.
  execFileSync(program, ["catalogue"], { env: { ...process.env, ...env }, stdio: ["ignore", "ignore", "inherit"] });
  const cache = join(dirname(program), "compile-cache");
  const keeping = {
    path: process.execPath,
    before: [
      ...nodeFlags,
      "--expose-internals",
      "--import",
      join(import.meta.dirname, "keep-compiled.ts"),
      join(dirname(program), "invar.mjs"),
    ],
    env: { ...env, NODE_COMPILE_CACHE: cache, NODE_COMPILE_CACHE_PORTABLE: "1" },
  };
  await runOnce(keeping, worksMs);
  execFileSync(keeping.path, [...keeping.before, "fmt", configuration], {
    env: { ...process.env, ...keeping.env },
    stdio: ["ignore", "ignore", "ignore"],
  });
  openToAll(cache);
  return runOnce(started, 0);
}

/** How long it works before it is told to stop: targets are scraped each second. */
const worksMs = 2_000;

interface Started {
  readonly path: string;
  /** Arguments before the command. */
  readonly before: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** Node keeps its cache to its owner; who builds the program is seldom who runs it, and without the cache a start takes twice as long. */
function openToAll(folder: string): void {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true }))
    chmodSync(join(entry.parentPath, entry.name), entry.isDirectory() ? 0o755 : 0o644);
}

async function runOnce({ path, before, env }: Started, worksForMs: number): Promise<number> {
  const storage = mkdtempSync(join(tmpdir(), "invar-build-"));
  const address = `127.0.0.1:${await freePort()}`;
  const begin = performance.now();
  const child = spawn(
    path,
    [
      ...before,
      "run",
      configuration,
      `--server.http.listen-addr=${address}`,
      `--storage.path=${storage}`,
      "--stability.level=experimental",
    ],
    {
      stdio: ["ignore", "ignore", "pipe"],
      env: { ...process.env, ...env },
    },
  );
  let complaint = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (complaint = (complaint + text).slice(-4000)));
  try {
    const ready = await untilReady(child, `http://${address}/-/ready`);
    if (!ready) throw new Error(`the built program does not get ready:\n${complaint}`);
    const readyMs = performance.now() - begin;
    await sleep(worksForMs);
    await end(child);
    return readyMs;
  } finally {
    child.kill("SIGKILL");
    rmSync(storage, { recursive: true, force: true });
  }
}

async function untilReady(child: ChildProcess, url: string): Promise<boolean> {
  for (const stop = performance.now() + readyWithinMs; performance.now() < stop && child.exitCode === null; ) {
    // Refused until the server listens.
    const answer = await fetch(url).catch(() => undefined);
    await answer?.arrayBuffer();
    if (answer?.ok) return true;
    await sleep(5);
  }
  return false;
}

async function end(child: ChildProcess): Promise<void> {
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  await ended;
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error(`a TCP address was expected, got ${address}`);
  return address.port;
}
