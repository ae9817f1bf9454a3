import { execFile } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { requirePart } from "../backends/real-part.ts";
import { freePort, type RunningPart, startPart, temporaryFolder } from "../backends/running-part.ts";
import { makeCertificates } from "./certificates.ts";
import { apiServerArguments, controllerArguments, etcdArguments } from "./control-plane-arguments.ts";

/** A real API server with its store and its controllers on loopback, without nodes: pods are what tests say they are. */
export interface ControlPlane extends AsyncDisposable {
  /** Of an administrator. */
  readonly kubeconfig: string;
  readonly server: string;
  /** What `kubectl` prints; rejects with what it says where it fails. */
  kubectl(...args: string[]): Promise<string>;
  /** Puts objects in place, as they are in JSON. A `status` that only a kubelet may write is written as well. */
  apply(...objects: readonly ClusterObject[]): Promise<void>;
  /** Ends the API server without a word; `startApiServer` brings it back with all its objects. */
  killApiServer(): Promise<void>;
  startApiServer(): Promise<void>;
  stop(): Promise<void>;
}

export interface ClusterObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string } & Readonly<Record<string, unknown>>;
  readonly [field: string]: unknown;
}

const run = promisify(execFile);
const readyWithinMs = 120_000;

export async function startControlPlane(): Promise<ControlPlane> {
  const program = requirePart("kubernetes");
  const folder = temporaryFolder("control-plane");
  const pki = join(folder, "pki");
  mkdirSync(pki);
  const ports = { etcd: await freePort(), etcdPeers: await freePort(), api: await freePort() };
  makeCertificates(pki, "127.0.0.1", ports.api);
  const kubeconfig = join(pki, "admin.conf");
  const kubectl = async (args: readonly string[], input = "") => {
    const running = run(program, ["kubectl", `--kubeconfig=${kubeconfig}`, ...args], { maxBuffer: 256 * 1024 * 1024 });
    running.child.stdin?.end(input);
    return (await running).stdout;
  };
  const start = (name: string, args: readonly string[], isReady: () => Promise<boolean>) => {
    const own = join(folder, name);
    mkdirSync(own, { recursive: true });
    return startPart({ path: program, folder: own, args: [name, ...args], isReady, readyWithinMs });
  };
  const answers = async (path: string) => (await kubectl(["get", "--raw", path]).catch(() => "")).length > 0;
  const startApiServer = () => start("kube-apiserver", apiServerArguments(pki, "127.0.0.1", "127.0.0.1", ports), () => answers("/readyz"));

  const parts: RunningPart[] = [];
  const stop = async () => {
    for (const part of parts.splice(0).reverse()) await part.kill();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const etcdAnswers = async () => (await fetch(`http://127.0.0.1:${ports.etcd}/health`).catch(() => undefined))?.ok === true;
    parts.push(await start("etcd", etcdArguments(folder, ports), etcdAnswers));
    parts.push(await startApiServer());
    const makesAccounts = async () =>
      (await kubectl(["get", "serviceaccounts", "-n", "default", "-o", "name"]).catch(() => "")).includes("default");
    parts.push(await start("kube-controller-manager", controllerArguments(pki), makesAccounts));
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    kubeconfig,
    server: `https://127.0.0.1:${ports.api}`,
    kubectl: (...args) => kubectl(args),
    async apply(...objects) {
      const list = JSON.stringify({ apiVersion: "v1", kind: "List", items: objects });
      await kubectl(["apply", "--server-side", "--force-conflicts", "-f", "-"], list);
      const withStatus = objects.filter((object) => object.status !== undefined);
      if (withStatus.length === 0) return;
      const statuses = JSON.stringify({ apiVersion: "v1", kind: "List", items: withStatus });
      await kubectl(["apply", "--server-side", "--force-conflicts", "--subresource=status", "-f", "-"], statuses);
    },
    async killApiServer() {
      await parts.splice(1, 1)[0]?.kill();
    },
    async startApiServer() {
      parts.splice(1, 0, await startApiServer());
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
