// The whole of a one-node cluster, run inside of namespaces of its own: node.ts FOLDER KUBERNETES
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, openSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { makeCertificates } from "./certificates.ts";
import { apiServerArguments, controllerArguments, etcdArguments, schedulerArguments } from "./control-plane-arguments.ts";
import { layoutOf, nodeAddress, standIns } from "./layout.ts";
import { containerdSettings, kubeletSettings, networkSettings, proxySettings } from "./settings.ts";

const [folder = "", kubernetes = ""] = process.argv.slice(2);
const layout = layoutOf(folder);
const { certificates: pki, logs } = layout;
const ports = { etcd: 2379, etcdPeers: 2380, api: 6443 };

prepareFolders();
prepareNetwork();
makeCertificates(pki, nodeAddress);
startControlPlane();
await ready("https://127.0.0.1:6443/readyz");
startControllers();
await startNode();
writeFileSync(join(folder, "up"), "");

function prepareFolders(): void {
  for (const each of [pki, logs, join(folder, "etcd"), join(folder, "cni")]) mkdirSync(each, { recursive: true });
  run("mount", "--make-rshared", "/");
  for (const [inside, ours] of standIns(folder)) {
    mkdirSync(ours, { recursive: true });
    mkdirSync(inside, { recursive: true });
    run("mount", "--bind", ours, inside);
  }
}

/** A pair of devices of which one end is the node's; no route leads out. */
function prepareNetwork(): void {
  run("ip", "link", "set", "lo", "up");
  run("ip", "link", "add", "node0", "type", "veth", "peer", "name", "node0p");
  run("ip", "addr", "add", `${nodeAddress}/24`, "dev", "node0");
  run("ip", "link", "set", "node0", "up");
  run("ip", "link", "set", "node0p", "up");
  run("ip", "route", "add", "default", "via", "10.99.0.254", "dev", "node0");
  writeFileSync("/proc/sys/net/ipv4/ip_forward", "1");
}

function startControlPlane(): void {
  part("etcd", etcdArguments(folder, ports));
  part("kube-apiserver", apiServerArguments(pki, nodeAddress, "0.0.0.0", ports));
}

function startControllers(): void {
  part("kube-controller-manager", controllerArguments(pki));
  part("kube-scheduler", schedulerArguments(pki));
}

async function startNode(): Promise<void> {
  writeFileSync(join(folder, "cni", "10-bridge.conflist"), networkSettings(layout));
  writeFileSync(join(folder, "containerd.toml"), containerdSettings(layout));
  writeFileSync(join(folder, "resolv.conf"), `nameserver ${nodeAddress}\n`);
  writeFileSync(join(folder, "kubelet.json"), kubeletSettings(layout));
  writeFileSync(join(folder, "kube-proxy.json"), proxySettings(layout));
  program("containerd", "containerd", ["-c", join(folder, "containerd.toml")]);
  await until(() => succeeds("ctr", "-a", "/run/containerd/containerd.sock", "version"));
  for (const image of readdirSync(join(folder, "images")))
    run("ctr", "-a", "/run/containerd/containerd.sock", "-n", "k8s.io", "images", "import", join(folder, "images", image));
  part("kubelet", [
    `--config=${join(folder, "kubelet.json")}`,
    `--kubeconfig=${pki}/kubelet.conf`,
    "--hostname-override=node0",
    `--node-ip=${nodeAddress}`,
    "--root-dir=/var/lib/kubelet",
  ]);
  part("kube-proxy", [`--config=${join(folder, "kube-proxy.json")}`, "--hostname-override=node0"]);
  await until(() => kubectl("get", "node", "node0").includes(" Ready "));
}

function kubectl(...args: string[]): string {
  try {
    return execFileSync(kubernetes, ["kubectl", `--kubeconfig=${pki}/admin.conf`, ...args], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
  } catch {
    // The node has not yet been registered.
    return "";
  }
}

function part(name: string, args: readonly string[]): void {
  program(name, kubernetes, [name, ...args]);
}

/** What it prints goes to `log/NAME.log`; it ends with the namespace. */
function program(name: string, path: string, args: readonly string[]): void {
  const log = openSync(join(logs, `${name}.log`), "a");
  const child = spawn(path, args, { cwd: folder, stdio: ["ignore", log, log] });
  writeFileSync(join(logs, `${name}.pid`), String(child.pid));
  child.on("error", (error) => writeFileSync(join(folder, "failed"), `${name}: ${error.message}`));
  child.on("exit", (code, signal) => writeFileSync(join(logs, `${name}.ended`), `${code ?? signal}`));
}

async function ready(url: string): Promise<void> {
  await until(() => succeeds("curl", "-skf", "--max-time", "2", url));
}

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await sleep(200);
}

function succeeds(path: string, ...args: string[]): boolean {
  try {
    execFileSync(path, args, { stdio: "ignore" });
    return true;
  } catch {
    // Not yet.
    return false;
  }
}

function run(path: string, ...args: string[]): void {
  execFileSync(path, args, { stdio: ["ignore", "ignore", "inherit"] });
}
