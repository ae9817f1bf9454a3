import { requirePart } from "./real-part.ts";
import { freePort, type RunningPart, startPart, temporaryFolder } from "./running-part.ts";

/** Starts the real node exporter with the collectors that it enables by default. */
export async function startNodeExporter({ flags = [] as readonly string[] } = {}): Promise<RunningPart & { readonly metricsUrl: string }> {
  const address = `127.0.0.1:${await freePort()}`;
  const metricsUrl = `http://${address}/metrics`;
  const part = await startPart({
    path: requirePart("node-exporter"),
    folder: temporaryFolder("node-exporter"),
    args: [`--web.listen-address=${address}`, "--log.level=warn", ...flags],
    readyUrl: `http://${address}/`,
    readyWithinMs: 30_000,
  });
  return { ...part, metricsUrl };
}
