import { writeSync } from "node:fs";
import { Agent, request } from "node:http";
import { systemClock } from "../component/clock.ts";
import { testContext } from "../component/testing.ts";
import type { DeliveryRequest, SendOutcome } from "./destination.ts";
import { openDestination } from "./open-destination.ts";

/**
 * The process that kill.test.ts kills: `kill-child.ts STORAGE PORT RUN SENDERS`. Appends records on several shards as fast as they are acknowledged, and prints each
 * acknowledged one as a line. A run named `last` appends one, and ends when all is delivered.
 */
const [storagePath = "", port = "", run = "", senders = "1"] = process.argv.slice(2);
const agent = new Agent({ keepAlive: true });
const context = testContext({ clock: systemClock });
const destination = await openDestination(
  { ...context, random: Math.random },
  {
    component: "test.exporter.killed",
    endpoint: "http://127.0.0.1/",
    storagePath,
    limits: { maxBytes: 256 * 1024 * 1024, maxAgeMs: 3600_000 },
    whenFull: "refuse",
    request: { maxBytes: 200_000, maxItems: 40, maxWaitMs: 2 },
    retry: { initialMs: 3, maxMs: 20, multiplier: 2, randomization: 0.5, maxElapsedMs: 0, maxAttempts: 0 },
    shards: Number(senders),
    fsyncIntervalMs: 50,
    send,
  },
);
writeSync(1, "ready\n");
if (run === "last") {
  // Comes after all that was left, and so tells when that is through.
  await destination.append({ payload: [Buffer.from("last.a.0 \n")], items: 1, shard: 0 });
  while (destination.stats().bufferedItems > 0) await pause(5);
  await destination.close(AbortSignal.timeout(5000));
} else await Promise.all(["a", "b", "c", "d"].map(appendForEver));

async function appendForEver(letter: string, shard: number): Promise<void> {
  for (let number = 0; ; number++) {
    const record = `${run}.${letter}.${number}`;
    const size = number % 50 === 0 ? 300_000 : 100 + ((number * 7919) % 5000);
    await destination.append({ payload: [Buffer.from(`${record} `.padEnd(size, "x").concat("\n"))], items: 1, shard });
    writeSync(1, `${record}\n`);
    while (destination.stats().bufferedRecords > 2000) await pause(2);
  }
}

function send({ payload }: DeliveryRequest, signal: AbortSignal): Promise<SendOutcome> {
  return new Promise((resolve) => {
    const failed = (error: Error) => resolve({ kind: "retry", message: error.message });
    const outgoing = request({ port, method: "POST", agent, signal }, (response) => {
      response.resume();
      response.on("error", failed);
      response.on("end", () => {
        if (response.statusCode === 200) resolve({ kind: "delivered" });
        else
          resolve({
            kind: "retry",
            message: `answered ${response.statusCode}`,
            retryAfterMs: Number(response.headers["retry-after"] ?? 0),
          });
      });
    });
    outgoing.on("error", failed);
    for (const part of payload) outgoing.write(part);
    outgoing.end();
  });
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
