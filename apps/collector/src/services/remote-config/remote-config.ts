import { createHash, randomUUID } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Clock } from "../../component/clock.ts";
import type { Logger } from "../../component/context.ts";
import type { MetricScope } from "../../component/metrics.ts";
import type { HttpClient } from "../../transport/http/client.ts";
import { type CollectorIdentity, RemoteConfigApi, type RemoteStatus } from "./api.ts";
import type { RemoteConfigArguments } from "./block.ts";

export interface RemoteConfigOptions {
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: MetricScope;
  readonly storagePath: string | undefined;
  readonly version: string;
  client(args: RemoteConfigArguments): HttpClient;
  /** Puts a configuration into force beside the local one; the text is what stands against it, and then the last stays. */
  load(text: string): Promise<string | undefined>;
}

/**
 * Follows a configuration that a server gives: asks for it again and again, keeps the last one that worked on disk, and starts from
 * there where the server can't be reached.
 */
export class RemoteConfig {
  readonly #options: RemoteConfigOptions;
  readonly #counts: ReturnType<typeof remoteConfigMetrics>;
  #api: RemoteConfigApi | undefined;
  #who: CollectorIdentity = { id: "", name: "", attributes: {} };
  #pollMs = 0;
  #hash = "";
  #status: RemoteStatus | undefined;
  #cancel: () => void = () => {};

  constructor(options: RemoteConfigOptions) {
    this.#options = options;
    this.#counts = remoteConfigMetrics(options.metrics);
  }

  /** Undefined: no remote configuration, and what it brought ends. */
  async apply(args: RemoteConfigArguments | undefined): Promise<void> {
    this.#cancel();
    const previous = this.#api;
    this.#api = undefined;
    if (args === undefined) {
      if (previous !== undefined) await this.#options.load("");
      await previous?.close();
      return;
    }
    this.#who = {
      id: args.id ?? collectorId(this.#options.storagePath),
      name: args.name,
      attributes: { ...args.attributes, "collector.os": process.platform, "collector.version": `v${this.#options.version}` },
    };
    this.#pollMs = args.poll_frequency;
    this.#hash = "";
    const api = new RemoteConfigApi(this.#options.client(args), args.url);
    this.#api = api;
    await previous?.close();
    // The local configuration does not wait for a server that may be slow or gone.
    void this.#begin(api);
  }

  /** Says good-bye; the configuration itself is stopped by who runs it. */
  async close(): Promise<void> {
    this.#cancel();
    const api = this.#api;
    this.#api = undefined;
    if (api === undefined) return;
    await api.unregister(this.#who).catch((error: unknown) => this.#warn("could not unregister from the remote configuration API", error));
    await api.close();
  }

  async #begin(api: RemoteConfigApi): Promise<void> {
    await api.register(this.#who).catch((error: unknown) => this.#warn("could not register with the remote configuration API", error));
    const worked = await this.#poll(api);
    if (!worked && this.#hash === "") await this.#loadCached();
    this.#schedule(api);
  }

  #schedule(api: RemoteConfigApi): void {
    if (this.#api !== api) return;
    this.#cancel = this.#options.clock.after(this.#pollMs, async () => {
      await this.#poll(api);
      this.#schedule(api);
    });
  }

  /** Asks once; false where there was no answer, or none that works. */
  async #poll(api: RemoteConfigApi): Promise<boolean> {
    this.#counts.attempts.add(1);
    try {
      const config = await api.getConfig(this.#who, this.#hash, this.#status);
      this.#counts.notModified.set(config === undefined ? 1 : 0);
      if (config === undefined || this.#api !== api) return true;
      const problem = await this.#options.load(config.text);
      // A configuration that does not work is not asked for again until the server has another.
      this.#hash = config.hash;
      this.#status = { loaded: problem === undefined, message: problem ?? "" };
      if (problem !== undefined) throw new Error(problem);
      this.#counts.worked(config.text, this.#options.clock.now());
      this.#cache(config.text);
      return true;
    } catch (error) {
      this.#counts.failures.add(1);
      this.#counts.successful.set(0);
      this.#warn("no new remote configuration: the last one stays", error);
      return false;
    }
  }

  async #loadCached(): Promise<void> {
    const path = this.#cachePath();
    const text = path === undefined ? undefined : readText(path);
    if (text === undefined) return;
    const problem = await this.#options.load(text);
    if (problem === undefined) this.#options.log.info("runs the remote configuration that was kept on disk", { path });
    else this.#options.log.error("the remote configuration kept on disk can't be used", { path, err: problem });
  }

  #cache(text: string): void {
    const path = this.#cachePath();
    if (path === undefined) return;
    try {
      writeWhole(path, text);
    } catch (error) {
      this.#warn("could not keep the remote configuration on disk", error);
    }
  }

  #cachePath(): string | undefined {
    const { storagePath } = this.#options;
    return storagePath === undefined ? undefined : join(storagePath, "remotecfg", sha256(this.#who.id));
  }

  #warn(message: string, error: unknown): void {
    this.#options.log.warn(message, { err: error instanceof Error ? error.message : String(error) });
  }
}

/** The identifier of this collector: made once, kept in the storage path. */
export function collectorId(storagePath: string | undefined): string {
  const path = storagePath === undefined ? undefined : join(storagePath, "alloy_seed.json");
  const known = path === undefined ? undefined : readText(path);
  if (known !== undefined) {
    try {
      const { UID: id } = JSON.parse(known) as { UID?: unknown };
      if (typeof id === "string" && id !== "") return id;
    } catch {
      // A file that was cut off is written anew.
    }
  }
  const id = randomUUID();
  if (path !== undefined) writeWhole(path, JSON.stringify({ UID: id, created_at: new Date().toISOString() }));
  return id;
}

function remoteConfigMetrics(metrics: MetricScope) {
  const hash = metrics.gauge("remotecfg_hash", { help: "Hash of the remote configuration that runs; always 1.", labels: ["hash"] });
  const successful = metrics.gauge("remotecfg_last_load_successful", { help: "Whether the last remote configuration worked." }).of();
  const timestamp = metrics
    .gauge("remotecfg_last_load_success_timestamp_seconds", { help: "When a remote configuration last worked." })
    .of();
  let running: string | undefined;
  return {
    successful,
    notModified: metrics.gauge("remotecfg_last_load_not_modified", { help: "Whether the last answer was that nothing changed." }).of(),
    attempts: metrics.counter("remotecfg_load_attempts_total", { help: "Times that the remote configuration was asked for." }).of(),
    failures: metrics.counter("remotecfg_load_failures_total", { help: "Times that there was none that works." }).of(),
    worked(text: string, nowMs: number) {
      successful.set(1);
      timestamp.set(nowMs / 1000);
      if (running !== undefined) hash.remove(running);
      running = sha256(text);
      hash.of(running).set(1);
    },
  };
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

/** Readers see the old content or the new, never a part. */
function writeWhole(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.new`, text, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}
