import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createInterface } from "node:readline";
import { after, test } from "node:test";
import { fuzzSeconds } from "../../../../tests/fuzz-time.ts";
import { testFolder } from "./destination-rig.ts";

const folder = await testFolder(after);
const children = new Set<ChildProcess>();
after(() => {
  for (const child of children) child.kill("SIGKILL");
});

/** A destination which a third of the time answers 503 or 429, or hangs up, before or after it has read the request. */
async function startDestination(): Promise<{ server: Server; port: number; requests: string[][] }> {
  /** The records of each request that was confirmed. */
  const requests: string[][] = [];
  const server = createServer((incoming, response) => {
    const mood = Math.random() * 12;
    if (mood < 1) {
      incoming.socket.destroy();
      return;
    }
    let text = "";
    incoming.setEncoding("latin1");
    incoming.on("data", (chunk: string) => {
      text += chunk;
    });
    incoming.on("error", () => response.destroy());
    incoming.on("end", () => {
      if (mood < 2) response.writeHead(503).end();
      else if (mood < 3) response.writeHead(429, { "retry-after": "4" }).end();
      else if (mood < 4) incoming.socket.destroy();
      else {
        requests.push(
          text
            .split("\n")
            .slice(0, -1)
            .map((line) => line.slice(0, line.indexOf(" "))),
        );
        response.writeHead(200).end();
      }
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { server, port: (server.address() as AddressInfo).port, requests };
}

/** Starts the child; `acknowledged` gets what it says it was told is safe. */
async function start(
  storage: string,
  port: number,
  run: string,
  senders: number,
  acknowledged: string[],
): Promise<{ child: ChildProcess; ended: Promise<unknown> }> {
  const child = spawn(process.execPath, [`${import.meta.dirname}/kill-child.ts`, storage, String(port), run, String(senders)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  children.add(child);
  const lines = createInterface({ input: child.stdout });
  const ended = Promise.all([once(child, "close"), once(lines, "close")]).finally(() => children.delete(child));
  await new Promise<void>((resolve, reject) => {
    lines.on("line", (line) => (line === "ready" ? resolve() : acknowledged.push(line)));
    ended.then(() => reject(new Error("the child ended before it was ready")), reject);
  });
  return { child, ended };
}

for (const senders of [1, 4])
  test(`killed again and again, a destination with ${senders} senders loses nothing, keeps the order, and repeats what was in flight`, async () => {
    const { server, port, requests } = await startDestination();
    const storage = `${folder}/${senders}`;
    const acknowledged: string[] = [];
    const giveUpMs = performance.now() + 3000 * fuzzSeconds();
    let kills = 0;
    // On a busy machine a child may be killed before it has come to much: then there are more of them.
    while (performance.now() < giveUpMs || kills < 3 || (acknowledged.length <= 100 && kills < 200)) {
      const { child, ended } = await start(storage, port, `r${kills}`, senders, acknowledged);
      await new Promise((resolve) => setTimeout(resolve, 20 + Math.random() * 300));
      child.kill("SIGKILL");
      await ended;
      kills++;
    }
    const { ended } = await start(storage, port, "last", senders, acknowledged);
    await ended;
    server.close();
    server.closeAllConnections();

    const arrived = requests.flat();
    const distinct = new Set(arrived);
    assert.ok(acknowledged.length > 100, `only ${acknowledged.length} records were acknowledged`);
    assert.deepEqual(
      acknowledged.filter((record) => !distinct.has(record)),
      [],
    );

    const seen = new Set<string>();
    const repeated = requests.filter((records) => {
      const isRepeated = records.some((record) => seen.has(record));
      for (const record of records) seen.add(record);
      return isRepeated;
    });
    // The records of one request may come again in two, together with others.
    assert.ok(repeated.length <= 2 * kills * senders, `${repeated.length} requests repeated something after ${kills} kills`);

    const last = new Map<string, number>();
    for (const record of distinct) {
      const [run = "", letter = "", number = ""] = record.split(".");
      const stream = `${run}.${letter}`;
      assert.ok(Number(number) > (last.get(stream) ?? -1), `${record} came after ${last.get(stream)}`);
      last.set(stream, Number(number));
    }
  });
