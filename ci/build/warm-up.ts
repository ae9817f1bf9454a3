import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const configuration = join(import.meta.dirname, "warm-up.alloy");
const readyWithinMs = 30_000;

/**
 * Runs the program on a configuration of the usual components until it is ready and lets it end by itself, which writes what V8 compiled
 * into the cache, then on what loads all the others; runs it again, and answers how long it then takes to be ready.
 */
export async function warmUp(program: string, env: Readonly<Record<string, string>> = {}): Promise<number> {
  await runOnce(program, env);
  // Brings in every part; what is in the cache stays as it is.
  execFileSync(program, ["catalogue"], { env: { ...process.env, ...env }, stdio: ["ignore", "ignore", "inherit"] });
  openToAll(join(dirname(program), "compile-cache"));
  return runOnce(program, env);
}

/** Node keeps its cache to its owner; who builds the program is seldom who runs it, and without the cache a start takes twice as long. */
function openToAll(folder: string): void {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true }))
    chmodSync(join(entry.parentPath, entry.name), entry.isDirectory() ? 0o755 : 0o644);
}

async function runOnce(program: string, env: Readonly<Record<string, string>>): Promise<number> {
  const storage = mkdtempSync(join(tmpdir(), "invar-build-"));
  const address = `127.0.0.1:${await freePort()}`;
  const begin = performance.now();
  const child = spawn(
    program,
    ["run", configuration, `--server.http.listen-addr=${address}`, `--storage.path=${storage}`, "--stability.level=experimental"],
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
