import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { requirePart } from "../backends/real-part.ts";
import { layoutOf } from "./layout.ts";

/** A Kubernetes cluster in namespaces of its own: nothing of it is seen outside, and it ends with the process that started it. */
export interface Cluster extends AsyncDisposable {
  /** Of an administrator; its address is reached from inside of the cluster's network only. */
  readonly kubeconfig: string;
  readonly folder: string;
  /** What `kubectl` prints; throws with what it says where it fails. `input` is given to it. */
  kubectl(args: readonly string[], input?: string): string;
  /** Puts objects in place, given as they are in JSON. */
  apply(...objects: readonly object[]): void;
  /** The command line that runs a program in the cluster's network, with the host's files. */
  inside(program: string, args: readonly string[]): { readonly path: string; readonly args: readonly string[] };
  /** Kills a part with SIGKILL. */
  kill(part: ClusterPart): void;
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

/** A cluster needs namespaces and devices, which only root may make. */
export const clusterSkip: string | undefined =
  process.getuid?.() === 0 ? undefined : "a cluster needs root: run npm run test:cluster as root";

const upWithinMs = 240_000;

/** `images`: files for the node, in the format of `docker save`; the one that pods begin with is among them. */
export async function startCluster(images: readonly string[]): Promise<Cluster> {
  const kubernetes = requirePart("kubernetes");
  const folder = mkdtempSync(join(tmpdir(), "invar-cluster-"));
  mkdirSync(join(folder, "images"));
  for (const [index, image] of images.entries()) symlinkSync(image, join(folder, "images", `${index}.tar`));
  const { certificates, logs } = layoutOf(folder);
  const init = startInit(folder, kubernetes);
  const kubeconfig = join(certificates, "admin.conf");
  const inside = (program: string, args: readonly string[]) => ({
    path: "nsenter",
    args: ["-t", String(init.pid()), "-n", "--", program, ...args],
  });
  const run = (program: string, args: readonly string[], input = "") => {
    const command = inside(program, args);
    return execFileSync(command.path, command.args, {
      encoding: "utf8",
      input,
      maxBuffer: 256 * 1024 * 1024,
      stdio: ["pipe", "pipe", "pipe"],
    });
  };
  const kubectl = (args: readonly string[], input?: string) => run(kubernetes, ["kubectl", `--kubeconfig=${kubeconfig}`, ...args], input);
  const pidOf = (part: ClusterPart) => Number(readFileSync(join(logs, `${part}.pid`), "utf8"));
  const stop = async () => {
    await init.end();
    removeControlGroups();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await untilUp(folder, init.hasEnded);
  } catch (error) {
    const told = tailsOf(logs);
    await stop();
    throw new Error(`the cluster did not come up: ${error instanceof Error ? error.message : error}\n${told}`);
  }
  return {
    kubeconfig,
    folder,
    kubectl,
    apply: (...objects) => void kubectl(["apply", "-f", "-"], JSON.stringify({ apiVersion: "v1", kind: "List", items: objects })),
    inside,
    // Process numbers are those inside of the namespace.
    kill: (part) => void execFileSync("nsenter", ["-t", String(init.pid()), "-p", "-m", "kill", "-9", String(pidOf(part))]),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** The first process of the namespaces: it waits for all that lose their parent, and everything ends with it. */
function startInit(folder: string, kubernetes: string) {
  const script = `"$0" "$@" & wait $! || echo "its start ended with $?" > "${folder}/failed"; while :; do wait; sleep 1; done`;
  const program = [process.execPath, join(import.meta.dirname, "node.ts"), folder, kubernetes];
  const namespaces = ["--net", "--mount", "--pid", "--uts", "--ipc", "--fork", "--kill-child", "--mount-proc", "--propagation", "private"];
  const child = spawn("setpriv", ["--pdeathsig", "KILL", "--", "unshare", ...namespaces, "sh", "-c", script, ...program], {
    stdio: ["ignore", "ignore", "inherit"],
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
      const ended = new Promise((resolve) => child.once("exit", resolve));
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
    await sleep(100);
  }
}

/** Empty ones stay behind where pods ran. */
function removeControlGroups(): void {
  execFileSync(
    "sh",
    ["-c", 'for c in /sys/fs/cgroup/*/kubepods; do [ -d "$c" ] && find "$c" -depth -type d -exec rmdir {} \\; ; done; true'],
    {
      stdio: "ignore",
    },
  );
}

function tailsOf(logs: string): string {
  if (!existsSync(logs)) return "";
  return readdirSync(logs)
    .filter((name) => name.endsWith(".log"))
    .map((name) => `${name}:\n${readFileSync(join(logs, name), "utf8").split("\n").slice(-6).join("\n")}`)
    .join("\n");
}
