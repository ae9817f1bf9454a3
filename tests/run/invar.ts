import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The collector as a process of its own, as users start it. */
export interface Invar {
  readonly url: string;
  readonly child: ChildProcess;
  /** Everything on stderr so far. */
  log(): string;
  get(path: string): Promise<{ readonly status: number; readonly text: string }>;
  /** Ends it as Kubernetes does; resolves with the exit code. */
  stop(): Promise<number | null>;
  kill(): Promise<void>;
}

const program = join(import.meta.dirname, "../../node_modules/.bin/invar");

/** Runs a command to its end. */
export async function invar(...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (data) => {
    stdout += String(data);
  });
  child.stderr.on("data", (data) => {
    stderr += String(data);
  });
  const [code] = (await once(child, "close")) as [number | null];
  return { code, stdout, stderr };
}

/** Starts `invar run` on a free port and waits until it is ready. Throws with its log where it is not. */
export async function startInvar(config: string, ...flags: string[]): Promise<Invar> {
  const port = await freePort();
  const child = spawn(program, ["run", config, `--server.http.listen-addr=127.0.0.1:${port}`, ...flags], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let log = "";
  child.stderr.on("data", (data) => {
    log += String(data);
  });
  const ended = once(child, "close") as Promise<[number | null]>;
  const url = `http://127.0.0.1:${port}`;
  const get = async (path: string) => {
    const response = await fetch(url + path);
    return { status: response.status, text: await response.text() };
  };
  const patienceEnds = Date.now() + 60_000;
  for (;;) {
    const answer = await get("/-/ready").catch(() => undefined);
    if (answer?.status === 200) break;
    if (child.exitCode !== null || Date.now() > patienceEnds) {
      child.kill("SIGKILL");
      throw new Error(`invar is not ready:\n${log}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    url,
    child,
    log: () => log,
    get,
    async stop() {
      child.kill("SIGTERM");
      return (await ended)[0];
    },
    async kill() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

/** A folder for one test; the returned function removes it. */
export function temporaryFolder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), "invar-run-"));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** A port that nobody listens on, below those that the kernel gives to outgoing connections: it stays free until it is used. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    const server = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      server.once("error", () => resolve(false));
      server.listen(port, "127.0.0.1", () => resolve(true));
    });
    if (!isFree) continue;
    server.close();
    await once(server, "close");
    return port;
  }
}

/** Looks again and again until `condition` holds. */
export async function until(condition: () => boolean | Promise<boolean>, what: string, timeoutMs = 20_000): Promise<void> {
  const end = Date.now() + timeoutMs;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`still not so: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
