// npm run test:cluster: brings up a cluster, runs the tests that need it within its network, and takes it down.
//   node tests/cluster/run.ts [--summary=FILE] [PART_OF_PATH...]    runs *.cluster.ts
//   node tests/cluster/run.ts -- PROGRAM ARGUMENTS                  runs something else there instead; kubectl is on PATH
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type PartName, realPart, requirePart } from "../backends/real-part.ts";
import { startCluster } from "./cluster.ts";
import { imagesBuilt } from "./collector-image.ts";

const root = join(import.meta.dirname, "../..");
const needs: readonly PartName[] = ["kubernetes", "coredns", "pause"];
const programs = ["containerd", "ctr", "runc", "iptables", "conntrack", "nsenter", "setpriv", "unshare"];

const lack = whatIsMissing();
if (lack !== undefined) {
  console.log(`the cluster's tests are skipped: ${lack}`);
  writeSummary({ passed: 0, failed: process.env.CI === "true" ? 1 : 0, skipped: process.env.CI === "true" ? 0 : 1 });
  console.log(process.env.CI === "true" ? "0 passed, 1 failed" : "0 passed, 0 failed, 1 skipped");
  process.exit(process.env.CI === "true" ? 1 : 0);
}
const images = [imagesBuilt.collector, imagesBuilt.node];
const cluster = await startCluster(images.filter((path) => existsSync(path)));
console.log(`the cluster is up after ${(cluster.upMs / 1000).toFixed(1)} s`);
const [program = "", ...args] = commandLine();
const command = cluster.inside("network", program, args);
const child = spawn(command.path, command.args, {
  stdio: "inherit",
  env: { ...process.env, INVAR_CLUSTER: cluster.folder, KUBECONFIG: cluster.kubeconfig, PATH: `${withKubectl()}:${process.env.PATH}` },
});
const ended = once(child, "exit") as Promise<[number | null]>;
// Ctrl-C reaches the child as well; whoever ends this process alone means both.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => child.kill(signal));
const [code] = await ended;
await cluster.stop();
process.exitCode = code ?? 1;

function commandLine(): readonly string[] {
  const given = process.argv.slice(2);
  const own = given.indexOf("--");
  return own === -1 ? [process.execPath, join(root, "ci/test.ts"), "--cluster", ...given] : given.slice(own + 1);
}

function withKubectl(): string {
  const bin = join(cluster.folder, "bin");
  mkdirSync(bin);
  for (const name of ["kubectl"])
    writeFileSync(join(bin, name), `#!/bin/sh\nexec ${requirePart("kubernetes")} ${name} "$@"\n`, { mode: 0o755 });
  const helm = realPart("helm").path;
  if (helm !== undefined) symlinkSync(helm, join(bin, "helm"));
  return bin;
}

function whatIsMissing(): string | undefined {
  if (process.getuid?.() !== 0) return "namespaces and devices of its own are root's to make";
  const part = needs.map((name) => realPart(name).skip).find((skip) => skip !== undefined);
  if (part !== undefined) return part;
  const paths = (process.env.PATH ?? "").split(":");
  const program = programs.find((name) => !paths.some((path) => existsSync(join(path, name))));
  return program === undefined ? undefined : `no ${program}: run ci/install`;
}

function writeSummary(sum: { passed: number; failed: number; skipped: number }): void {
  const flag = process.argv.find((argument) => argument.startsWith("--summary="));
  if (flag !== undefined) writeFileSync(flag.slice("--summary=".length), JSON.stringify(sum));
}
