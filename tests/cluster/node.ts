// The whole of a one-node cluster, run inside of namespaces of its own: node.ts FOLDER KUBERNETES
import { execFile, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, openSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { makeCertificates } from "./certificates.ts";
import { apiServerArguments, controllerArguments, etcdArguments, schedulerArguments } from "./control-plane-arguments.ts";
import { dnsObjects } from "./dns.ts";
import { layoutOf, nodeAddress, standIns } from "./layout.ts";
import { containerdSettings, kubeletSettings, networkSettings, proxySettings } from "./settings.ts";

const [folder = "", kubernetes = ""] = process.argv.slice(2);
const layout = layoutOf(folder);
const { certificates: pki, logs } = layout;
const ports = { etcd: 2379, etcdPeers: 2380, api: 6443 };
const socket = "/run/containerd/containerd.sock";
const begun = performance.now();

prepareFolders();
prepareNetwork();
program("containerd", "containerd", ["-c", join(folder, "containerd.toml")]);
const imagesAreIn = importImages();
makeCertificates(pki, nodeAddress);
part("etcd", etcdArguments(folder, ports));
part("kube-apiserver", apiServerArguments(pki, nodeAddress, "0.0.0.0", ports));
await until(() => succeeds("curl", "-skf", "--max-time", "2", "https://127.0.0.1:6443/readyz"));
told("the API server answers");
part("kube-controller-manager", controllerArguments(pki));
part("kube-scheduler", schedulerArguments(pki));
const dnsIsApplied = kubectl(["apply", "-f", "-"], JSON.stringify({ apiVersion: "v1", kind: "List", items: dnsObjects }));
await imagesAreIn;
told("images are in");
startNode();
await dnsIsApplied;
await until(async () => (await kubectl(["get", "node", "node0"]).catch(() => "")).includes(" Ready "));
told("the node is ready");
await kubectl(["-n", "kube-system", "rollout", "status", "deployment/coredns", "--timeout=120s"]);
told("names are answered");
writeFileSync(join(folder, "up"), "");

function prepareFolders(): void {
  for (const each of [pki, logs, join(folder, "etcd"), join(folder, "cni")]) mkdirSync(each, { recursive: true });
  run("mount", "--make-rshared", "/");
  for (const [inside, ours] of standIns(folder)) {
    mkdirSync(ours, { recursive: true });
    mkdirSync(inside, { recursive: true });
    run("mount", "--bind", ours, inside);
  }
  writeFileSync(join(folder, "cni", "10-bridge.conflist"), networkSettings(layout));
  writeFileSync(join(folder, "containerd.toml"), containerdSettings(layout));
  writeFileSync(join(folder, "resolv.conf"), `nameserver ${nodeAddress}\n`);
  writeFileSync(join(folder, "kubelet.json"), kubeletSettings(layout));
  writeFileSync(join(folder, "kube-proxy.json"), proxySettings(layout));
}

/** A pair of devices of which one end is the node's; no route leads out. */
function prepareNetwork(): void {
  run("ip", "link", "set", "lo", "up");
  run("ip", "link", "add", "node0", "type", "veth", "peer", "name", "node0p");
  run("ip", "addr", "add", `${nodeAddress}/24`, "dev", "node0");
  run("ip", "link", "set", "node0", "up");
  run("ip", "link", "set", "node0p", "up");
  run("ip", "route", "add", "default", "via", "10.99.0.254", "dev", "node0");
  run("hostname", "node0");
  writeFileSync("/proc/sys/net/ipv4/ip_forward", "1");
}

async function importImages(): Promise<void> {
  await until(() => succeeds("ctr", "-a", socket, "version"));
  for (const image of readdirSync(join(folder, "images")))
    await promisify(execFile)("ctr", ["-a", socket, "-n", "k8s.io", "images", "import", join(folder, "images", image)]);
}

function startNode(): void {
  part("kubelet", [
    `--config=${join(folder, "kubelet.json")}`,
    `--kubeconfig=${pki}/kubelet.conf`,
    "--hostname-override=node0",
    `--node-ip=${nodeAddress}`,
    "--root-dir=/var/lib/kubelet",
  ]);
  part("kube-proxy", [`--config=${join(folder, "kube-proxy.json")}`, "--hostname-override=node0"]);
}

async function kubectl(args: readonly string[], input = ""): Promise<string> {
  const running = promisify(execFile)(kubernetes, ["kubectl", `--kubeconfig=${pki}/admin.conf`, ...args]);
  running.child.stdin?.end(input);
  return (await running).stdout;
}

function part(name: string, args: readonly string[]): void {
  program(name, kubernetes, [name, ...args]);
}

/**
 * What it prints goes to `log/NAME.log`; it ends with the namespace. One that ends before is started again, as soon as no file `NAME.down`
 * is there.
 */
function program(name: string, path: string, args: readonly string[]): void {
  const log = openSync(join(logs, `${name}.log`), "a");
  const start = () => {
    const child = spawn(path, args, { cwd: folder, stdio: ["ignore", log, log] });
    writeFileSync(join(logs, `${name}.pid`), String(child.pid));
    child.on("error", (error) => writeFileSync(join(folder, "failed"), `${name}: ${error.message}`));
    child.on("exit", async (code, signal) => {
      writeFileSync(join(logs, `${name}.ended`), `${code ?? signal}`);
      do await sleep(500);
      while (existsSync(join(folder, `${name}.down`)));
      start();
    });
  };
  start();
}

async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isTrue())) await sleep(100);
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

function told(what: string): void {
  writeFileSync(join(logs, "timing"), `${((performance.now() - begun) / 1000).toFixed(1)} s: ${what}\n`, { flag: "a" });
}
