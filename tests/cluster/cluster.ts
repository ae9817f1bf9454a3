import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { requirePart } from "../backends/real-part.ts";
import { nodeImages } from "./images.ts";
import { layoutOf } from "./layout.ts";

/** A Kubernetes cluster in namespaces of its own: nothing of it is seen outside, and it ends with the process that started it. */
export interface Cluster {
  readonly folder: string;
  /** Of an administrator; its address is reached from inside of the cluster's network only. */
  readonly kubeconfig: string;
  /** What `kubectl` prints; rejects with what it says where it fails. `input` is given to it. */
  kubectl(args: readonly string[], input?: string): Promise<string>;
  /** Puts objects in place, given as they are in JSON. */
  apply(...objects: readonly object[]): Promise<void>;
  /** Waits as `kubectl wait` does, e.g. for "condition=Ready" of "pod/x". Where it takes longer, says what the objects and the events are. */
  wait(condition: string, what: string, namespace?: string, timeoutMs?: number): Promise<void>;
  logs(pod: string, namespace?: string, ...flags: readonly string[]): Promise<string>;
  /** What a program prints that runs in a pod's container. */
  exec(pod: string, namespace: string, ...command: readonly string[]): Promise<string>;
  /** Brings an image into the node, from an archive of any tool. */
  importImage(archive: string): Promise<void>;
  /** Where the node keeps the logs of its pods, seen from outside. */
  readonly podLogs: string;
  /** The command line that runs a program in the cluster's network, with the host's files; with "node", as on the node itself. */
  inside(where: "network" | "node", program: string, args: readonly string[]): { readonly path: string; readonly args: readonly string[] };
  /** Runs such a command line to its end and answers what it prints. */
  run(where: "network" | "node", program: string, ...args: readonly string[]): Promise<string>;
  /** Ends a part with SIGKILL, for as long as `revive` is not called. */
  kill(part: ClusterPart): Promise<void>;
  revive(part: ClusterPart): Promise<void>;
}

export interface OwnCluster extends Cluster, AsyncDisposable {
  readonly upMs: number;
  stop(): Promise<void>;
}

export type ClusterPart =
  | "etcd"
  | "kube-apiserver"
  | "kube-controller-manager"
  | "kube-scheduler"
  | "kubelet"
  | "containerd"
  | "kube-proxy";

const upWithinMs = 240_000;
const namePrefix = "invar-cluster-";

/** `images`: archives for the node besides those that it needs to come up. */
export async function startCluster(images: readonly string[] = []): Promise<OwnCluster> {
  const begun = performance.now();
  sweepUp();
  const folder = mkdtempSync(join(tmpdir(), namePrefix));
  writeFileSync(join(folder, "owner"), String(process.pid));
  mkdirSync(join(folder, "images"));
  for (const [index, image] of [...(await nodeImages()), ...images].entries()) symlinkSync(image, join(folder, "images", `${index}.tar`));
  const init = startInit(folder);
  const stop = async () => {
    await init.end();
    remove(folder);
  };
  try {
    await untilUp(folder, init.hasEnded);
  } catch (error) {
    const told = tailsOf(layoutOf(folder).logs);
    await stop();
    throw new Error(`the cluster did not come up: ${error instanceof Error ? error.message : error}\n${told}`);
  }
  writeFileSync(join(folder, "init.pid"), String(init.pid()));
  return { ...attachCluster(folder), upMs: performance.now() - begun, stop, [Symbol.asyncDispose]: stop };
}

/** The cluster that another process started with its files in this folder. */
export function attachCluster(folder: string): Cluster {
  const kubernetes = requirePart("kubernetes");
  const { certificates, logs } = layoutOf(folder);
  const init = readFileSync(join(folder, "init.pid"), "utf8");
  const kubeconfig = join(certificates, "admin.conf");
  const inside: Cluster["inside"] = (where, program, args) => ({
    path: "nsenter",
    args: ["-t", init, ...(where === "network" ? ["-n"] : ["-n", "-m", "-p", "-u"]), "--", program, ...args],
  });
  const start = async (where: "network" | "node", program: string, args: readonly string[], input = "") => {
    const command = inside(where, program, args);
    const running = promisify(execFile)(command.path, command.args, { maxBuffer: 256 * 1024 * 1024 });
    // Who ends without reading it has not asked for it.
    running.child.stdin?.on("error", () => undefined).end(input);
    return (await running).stdout;
  };
  const kubectl = (args: readonly string[], input?: string) =>
    start("network", kubernetes, ["kubectl", `--kubeconfig=${kubeconfig}`, ...args], input);
  const pidOf = (part: ClusterPart) => readFileSync(join(logs, `${part}.pid`), "utf8");
  const downMark = (part: ClusterPart) => join(folder, `${part}.down`);
  return {
    folder,
    kubeconfig,
    kubectl,
    apply: async (...objects) =>
      void (await kubectl(["apply", "-f", "-"], JSON.stringify({ apiVersion: "v1", kind: "List", items: objects }))),
    async wait(condition, what, namespace = "default", timeoutMs = 90_000) {
      const end = performance.now() + timeoutMs;
      // kubectl gives up at once on what does not exist yet.
      for (let last: unknown; ; await sleep(200)) {
        const left = Math.ceil((end - performance.now()) / 1000);
        if (left <= 0 || (await hasFailed(kubectl, what, namespace)))
          throw new Error(`${what} in ${namespace} is not so: ${condition}\n${await stateOf(kubectl, namespace)}\n${last}`);
        try {
          await kubectl(["wait", `--for=${condition}`, "-n", namespace, what, `--timeout=${Math.min(left, 10)}s`]);
          return;
        } catch (error) {
          last = error;
        }
      }
    },
    logs: (pod, namespace = "default", ...flags) => kubectl(["logs", "-n", namespace, pod, ...flags]),
    exec: (pod, namespace, ...command) => kubectl(["exec", "-n", namespace, pod, "--", ...command]),
    importImage: async (archive) =>
      void (await start("node", "ctr", ["-a", "/run/containerd/containerd.sock", "-n", "k8s.io", "images", "import", archive])),
    podLogs: join(folder, "pod-logs"),
    inside,
    run: (where, program, ...args) => start(where, program, args),
    async kill(part) {
      writeFileSync(downMark(part), "");
      await start("node", "kill", ["-9", pidOf(part)]);
    },
    async revive(part) {
      const old = pidOf(part);
      rmSync(downMark(part), { force: true });
      while (pidOf(part) === old) await sleep(50);
      if (part !== "kube-apiserver") return;
      while (!(await kubectl(["get", "--raw", "/readyz"]).catch(() => "")).includes("ok")) await sleep(100);
    },
  };
}

/** A pod that will never be anything but failed. */
async function hasFailed(kubectl: Cluster["kubectl"], what: string, namespace: string): Promise<boolean> {
  if (!what.startsWith("pod/")) return false;
  return (await kubectl(["get", what, "-n", namespace, "-o", "jsonpath={.status.phase}"]).catch(() => "")) === "Failed";
}

async function stateOf(kubectl: Cluster["kubectl"], namespace: string): Promise<string> {
  const ask = (...args: string[]) => kubectl([...args, "-n", namespace]).catch(String);
  const pods = (await ask("get", "pods", "-o", "name")).split("\n").filter((name) => name !== "");
  const told = await Promise.all([
    ask("get", "pods", "-o", "wide"),
    ask("get", "events", "--sort-by=.lastTimestamp"),
    ...pods.map((pod) => ask("logs", pod, "--all-containers", "--prefix", "--tail=15")),
  ]);
  return told.map((text) => text.split("\n").slice(-15).join("\n")).join("\n");
}

/** The first process of the namespaces: it waits for all that lose their parent, and everything ends with it. */
function startInit(folder: string) {
  const script = `"$0" "$@" & wait $! || echo "its start ended with $?" > "${folder}/failed"; while :; do wait; sleep 1; done`;
  const program = [process.execPath, join(import.meta.dirname, "node.ts"), folder, requirePart("kubernetes")];
  const namespaces = ["--net", "--mount", "--pid", "--uts", "--ipc", "--fork", "--kill-child", "--mount-proc", "--propagation", "private"];
  // In a group of its own: Ctrl-C reaches who started it, and that one ends it.
  const child = spawn("setpriv", ["--pdeathsig", "KILL", "--", "unshare", ...namespaces, "sh", "-c", script, ...program], {
    stdio: ["ignore", "ignore", "inherit"],
    detached: true,
  });
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  return {
    hasEnded,
    pid(): number {
      const children = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, "utf8").trim();
      return Number(children.split(" ")[0]);
    },
    async end(): Promise<void> {
      if (hasEnded()) return;
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      await ended;
    },
  };
}

async function untilUp(folder: string, hasEnded: () => boolean): Promise<void> {
  const end = performance.now() + upWithinMs;
  while (!existsSync(join(folder, "up"))) {
    const failed = join(folder, "failed");
    if (existsSync(failed)) throw new Error(readFileSync(failed, "utf8"));
    if (hasEnded()) throw new Error("its first process ended");
    if (performance.now() > end) throw new Error(`it was not up within ${upWithinMs / 1000} s`);
    await sleep(50);
  }
}

/** Removes what clusters left whose starter was killed. */
function sweepUp(): void {
  for (const name of readdirSync(tmpdir()).filter((each) => each.startsWith(namePrefix))) {
    const folder = join(tmpdir(), name);
    const owner = join(folder, "owner");
    if (existsSync(owner) && !existsSync(`/proc/${readFileSync(owner, "utf8")}`)) remove(folder);
  }
}

/** With the empty control groups that stay where pods ran. */
function remove(folder: string): void {
  removeEmptyGroups();
  rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
}

function removeEmptyGroups(): void {
  const root = "/sys/fs/cgroup";
  for (const controller of existsSync(root) ? readdirSync(root) : []) removeGroup(join(root, controller, "kubepods"));
}

function removeGroup(group: string): void {
  if (!existsSync(group)) return;
  for (const entry of readdirSync(group, { withFileTypes: true })) if (entry.isDirectory()) removeGroup(join(group, entry.name));
  try {
    rmdirSync(group);
  } catch (error) {
    // Another cluster's, or one whose last process is still ending: the next sweep takes it.
    if ((error as NodeJS.ErrnoException).code !== "EBUSY") throw error;
  }
}

function tailsOf(logs: string): string {
  if (!existsSync(logs)) return "";
  return readdirSync(logs)
    .filter((name) => name.endsWith(".log"))
    .map((name) => `${name}:\n${readFileSync(join(logs, name), "utf8").split("\n").slice(-6).join("\n")}`)
    .join("\n");
}
