import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { uncompress } from "../destinations/body.ts";
import type { Sample } from "../destinations/items.ts";
import { readRemoteWrite } from "../destinations/remote-write.ts";

/** Serves targets, takes what is scraped of them by remote write, and counts turns that came twice or not at all. */
export class ScrapeLedger {
  readonly #intervalMs: number;
  /** Of each target, the times that its samples carry. */
  readonly #times = new Map<string, number[]>();
  readonly #server = createServer(async (request, response) => {
    if (request.method === "GET") {
      response.writeHead(200, { "Content-Type": "text/plain; version=0.0.4" }).end("requests_total 1\nerrors_total 2\n");
      return;
    }
    const body = uncompress("snappy", Buffer.concat(await request.toArray()));
    for (const sample of readRemoteWrite(1, body).samples) this.#note(sample);
    response.writeHead(204).end();
  });
  /** Markers that a series has ended: nobody ends here. */
  stale = 0;

  constructor(intervalMs: number) {
    this.#intervalMs = intervalMs;
  }

  async start(): Promise<this> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return this;
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get targets(): number {
    return this.#times.size;
  }

  /** Turns between two times, of all targets. */
  count(fromMs: number, toMs: number): { samples: number; doubled: string[]; missed: string[]; missedInARow: number } {
    const doubled: string[] = [];
    const missed: string[] = [];
    let samples = 0;
    let missedInARow = 0;
    for (const [target, all] of this.#times) {
      const times = all.toSorted((one, other) => one - other).filter((ms) => ms >= fromMs && ms <= toMs);
      samples += times.length;
      for (const [i, ms] of times.entries()) {
        const before = times[i - 1];
        if (before === undefined) continue;
        const turns = Math.round((ms - before) / this.#intervalMs);
        if (turns === 0) doubled.push(`${target} at ${new Date(before).toISOString()} and ${new Date(ms).toISOString()}`);
        for (let turn = 1; turn < turns; turn++) missed.push(`${target} after ${new Date(before).toISOString()}`);
        missedInARow = Math.max(missedInARow, turns - 1);
      }
    }
    return { samples, doubled, missed, missedInARow };
  }

  #note({ labels, timestampMs, value, isStale }: Sample): void {
    if (isStale) this.stale++;
    if (labels.__name__ !== "up" || isStale || value !== 1) return;
    const times = this.#times.get(labels.target ?? "") ?? [];
    this.#times.set(labels.target ?? "", times);
    times.push(timestampMs);
  }
}
