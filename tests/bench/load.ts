import { execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { startPart, temporaryFolder } from "../backends/running-part.ts";

/** The load generator and counting destination in Go: the path of the program, or why it is not to be had. */
export function findLoad(repository: string): { path: string } | { absent: string } {
  const source = join(repository, "..", "shared", "bench");
  if (!existsSync(source)) return { absent: "../shared/bench is absent: it holds the load generator" };
  const hash = createHash("sha256");
  for (const name of readdirSync(source).sort()) hash.update(name).update(readFileSync(join(source, name)));
  const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "invar", "bin");
  const path = join(cache, `bench-${hash.digest("hex").slice(0, 12)}`);
  if (existsSync(path)) return { path };
  mkdirSync(cache, { recursive: true });
  try {
    execFileSync("go", ["build", "-buildvcs=false", "-o", `${path}.new`, "."], { cwd: source, stdio: ["ignore", "inherit", "inherit"] });
  } catch (error) {
    return { absent: `the load generator does not build: ${error instanceof Error ? error.message : error}` };
  }
  renameSync(`${path}.new`, path);
  return { path };
}

export type Sink = AsyncDisposable & {
  readonly address: string;
  stats(): Promise<Readonly<Record<string, number>>>;
  /** `503`, `429`, `hang`, `400`, `drop`; empty ends it. */
  fault(mode: string): Promise<void>;
};

/** The counting destination: HTTP and gRPC on one port. */
export async function startSink(load: string, port: number, isVerifying: boolean): Promise<Sink> {
  const address = `127.0.0.1:${port}`;
  const part = await startPart({
    path: load,
    folder: temporaryFolder("bench-sink"),
    args: ["sink", `--listen=${address}`, `--verify=${isVerifying}`],
    readyUrl: `http://${address}/stats`,
    readyWithinMs: 10_000,
  });
  return {
    address,
    stats: async () => (await (await fetch(`http://${address}/stats`)).json()) as Record<string, number>,
    fault: async (mode) => {
      const answer = await fetch(`http://${address}/fault?mode=${mode}`);
      await answer.arrayBuffer();
    },
    [Symbol.asyncDispose]: part.stop,
  };
}

/** Serves any number of targets under `/t/N/metrics`. */
export async function startTargets(load: string, port: number, series: number): Promise<AsyncDisposable> {
  return startPart({
    path: load,
    folder: temporaryFolder("bench-targets"),
    args: ["targets", `--listen=127.0.0.1:${port}`, `--series=${series}`],
    readyUrl: `http://127.0.0.1:${port}/t/0/metrics`,
    readyWithinMs: 10_000,
  });
}

/** Runs one of the load generator's commands to its end. */
export async function runLoad(load: string, args: readonly string[]): Promise<string> {
  const child = spawn("setpriv", ["--pdeathsig", "KILL", "--", load, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`bench ${args.join(" ")} ended with ${code}: ${output}`);
  return output;
}
