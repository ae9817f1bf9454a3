import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { freePort } from "./invar.ts";

const program = join(import.meta.dirname, "../../node_modules/.bin/invar");

/** Collectors of one cluster, each a process that knows where all others may be. */
export class Replicas {
  readonly #ports = new Map<string, number>();
  readonly #running = new Map<string, { readonly child: ChildProcess; readonly ended: Promise<unknown> }>();
  readonly #config: string;
  readonly #storage: string;
  readonly #flags: readonly string[];
  log = "";

  constructor(config: string, storage: string, ...flags: string[]) {
    this.#config = config;
    this.#storage = storage;
    this.#flags = flags;
  }

  /** The addresses of all that there will ever be. */
  async plan(...names: string[]): Promise<void> {
    for (const name of names) this.#ports.set(name, await freePort());
  }

  get names(): string[] {
    return [...this.#running.keys()];
  }

  /** Comes back with its storage where it was there before. Resolves when it has joined. */
  async start(name: string): Promise<void> {
    const port = this.#ports.get(name);
    const joins = [...this.#ports.values()].map((each) => `127.0.0.1:${each}`).join(",");
    const child = spawn(
      program,
      [
        "run",
        this.#config,
        `--server.http.listen-addr=127.0.0.1:${port}`,
        `--storage.path=${join(this.#storage, name)}`,
        "--cluster.enabled",
        `--cluster.node-name=${name}`,
        "--cluster.advertise-address=127.0.0.1",
        `--cluster.join-addresses=${joins}`,
        ...this.#flags,
      ],
      { stdio: ["ignore", "ignore", "pipe"] },
    );
    child.stderr.on("data", (data) => {
      this.log = (this.log + String(data).replaceAll(/^/gm, `${name}: `)).slice(-200_000);
    });
    this.#running.set(name, { child, ended: once(child, "close") });
    const end = Date.now() + 60_000;
    for (;;) {
      const own = (await this.peers(name).catch(() => [])).find(({ isSelf }) => isSelf);
      if (own?.state === "participant") return;
      if (child.exitCode !== null || Date.now() > end) throw new Error(`${name} does not join:\n${this.log.slice(-4000)}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async stop(name: string): Promise<void> {
    await this.#end(name, "SIGTERM");
  }

  async kill(name: string): Promise<void> {
    await this.#end(name, "SIGKILL");
  }

  async killAll(): Promise<void> {
    await Promise.all(this.names.map((name) => this.kill(name)));
  }

  async peers(name: string): Promise<{ name: string; state: string; isSelf: boolean; keys: number }[]> {
    const response = await fetch(`http://127.0.0.1:${this.#ports.get(name)}/api/v0/web/peers`);
    return (await response.json()) as { name: string; state: string; isSelf: boolean; keys: number }[];
  }

  /** How many keys all together do, each by what it says itself. */
  async owned(): Promise<number> {
    const own = await Promise.all(this.names.map(async (name) => (await this.peers(name)).find(({ isSelf }) => isSelf)?.keys ?? 0));
    return own.reduce((sum, keys) => sum + keys, 0);
  }

  async #end(name: string, signal: NodeJS.Signals): Promise<void> {
    const running = this.#running.get(name);
    if (running === undefined) throw new Error(`${name} does not run`);
    this.#running.delete(name);
    running.child.kill(signal);
    await running.ended;
  }
}
