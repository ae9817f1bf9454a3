// npm start: values → chart → renderer → the collector's configuration → running pipelines, into a backend for previews.
import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { loadChart, mergeFiles, readYamlMap, renderChart } from "../apps/chart-renderer/src/index.ts";

const root = join(import.meta.dirname, "..");
const storage = "data-alloy";
const files = [join(root, "chart/examples/this-host.yaml"), ...process.argv.slice(2)];

const values = files.map((file) => readYamlMap(readFileSync(file, "utf8"))).reduce(mergeFiles);
const { documents, findings } = renderChart({ chart: loadChart(join(root, "chart")), values, release: { name: "quick-start" } });
const errors = findings.filter(({ severity }) => severity === "error");
for (const { message } of errors) process.stderr.write(`${message}\n`);
const configurations = documents.flatMap(({ content }) => {
  const data = readYamlMap(`${content}\n`).get("data");
  const text = data instanceof Map ? data.get("config.alloy") : undefined;
  return typeof text === "string" ? [text] : [];
});
if (errors.length > 0) process.exit(1);

mkdirSync(storage, { recursive: true });
const path = join(storage, "quick-start.alloy");
writeFileSync(path, configurations.join("\n"));
process.stdout.write(`values ${files.join(", ")} → chart → ${path}\n`);
const collector = spawn(join(root, "node_modules/.bin/invar"), ["run", "--quick-start", "--stability.level=experimental", path], {
  stdio: "inherit",
});
// A terminal's Ctrl-C reaches the collector by itself; this process only has to outlive it.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => void (signal === "SIGTERM" && collector.kill(signal)));
collector.on("exit", (code) => process.exit(code ?? 1));
