// A destination to run by hand: node tests/destinations/main.ts [--port=N] [--grpc-port=N] [--keep=N]
// GET /stats counts what arrived; GET /fault?mode=503&every=3&retry_after=2 switches the fault, an empty mode ends it.
import { parseArgs } from "node:util";
import { startDestination } from "./destination.ts";

const { values } = parseArgs({ options: { port: { type: "string" }, "grpc-port": { type: "string" }, keep: { type: "string" } } });
const destination = await startDestination({
  port: Number(values.port ?? "9900"),
  grpcPort: Number(values["grpc-port"] ?? "9901"),
  keep: Number(values.keep ?? "0"),
});
console.log(
  `OTLP/HTTP ${destination.url}  OTLP/gRPC ${destination.grpcUrl}  remote write ${destination.remoteWriteUrl}  Loki ${destination.lokiUrl}`,
);
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void destination.stop());
