import { setTimeout as sleep } from "node:timers/promises";
import type { Cluster } from "./cluster.ts";
import { nodeProgram } from "./objects.ts";

// Numbers go on where a container before it ended. A line has about 130 bytes with the kubelet's prefix.
const script = `
const { existsSync, readFileSync, writeFileSync } = require("node:fs");
const kept = "/data/next";
let next = existsSync(kept) ? Number(readFileSync(kept, "utf8")) : 0;
require("node:http").createServer(async (request, response) => {
  const asked = new URL(request.url, "http://x");
  if (asked.pathname === "/write") {
    const count = Number(asked.searchParams.get("count"));
    const perSecond = Number(asked.searchParams.get("perSecond"));
    const begun = Date.now();
    for (let written = 0; written < count; ) {
      const due = Math.min(count, Math.ceil(((Date.now() - begun) / 1000) * perSecond));
      let text = "";
      for (; written < due; written++) text += "seq=" + next++ + " " + "x".repeat(70) + "\\n";
      if (text !== "") require("node:fs").writeSync(1, text);
      writeFileSync(kept, String(next));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
  response.end(String(next));
  if (asked.pathname === "/exit") setTimeout(() => process.exit(1), 50);
}).listen(8080);
process.on("SIGTERM", () => process.exit(0));
`;

export interface LogWriter {
  /** Writes this many numbered lines and answers how many there are in all. */
  write(count: number, perSecond: number): Promise<number>;
  /** Ends the container with an error and waits for the one that follows it. */
  restart(): Promise<void>;
}

/** A pod that writes lines with numbers that go on over restarts of its container. */
export async function startLogWriter(cluster: Cluster, name: string, namespace: string, labels = {}): Promise<LogWriter> {
  await cluster.apply(nodeProgram({ name, namespace, script, labels, keeps: "/data", ready: { port: 8080, path: "/" } }));
  await cluster.wait("condition=Ready", `pod/${name}`, namespace);
  const status = (path: string) => cluster.kubectl(["get", "pod", name, "-n", namespace, "-o", `jsonpath=${path}`]);
  const url = `http://${await status("{.status.podIP}")}:8080`;
  const get = async (path: string) => await (await fetch(url + path)).text();
  return {
    write: async (count, perSecond) => Number(await get(`/write?count=${count}&perSecond=${perSecond}`)),
    async restart() {
      const before = Number(await status("{.status.containerStatuses[0].restartCount}"));
      await get("/exit");
      while (Number(await status("{.status.containerStatuses[0].restartCount}")) === before) await sleep(200);
      await cluster.wait("condition=Ready", `pod/${name}`, namespace);
    },
  };
}
