import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { requirePart } from "../backends/real-part.ts";
import type { Cluster } from "./cluster.ts";

const chart = join(import.meta.dirname, "../../chart");

export interface Release {
  readonly name: string;
  readonly namespace: string;
  /** Installs or upgrades with these values, or those of a file, and waits until everything is ready; answers what Helm prints. */
  install(values: object | string): Promise<string>;
  upgrade(values: object | string): Promise<string>;
  uninstall(): Promise<string>;
  /** The last lines of every collector. */
  logs(lines?: number): Promise<string>;
}

/** A release of our chart. Where Helm fails, what the pods say goes with its error. */
export function releaseOf(cluster: Cluster, name: string, namespace: string): Release {
  const logs = async (lines = 8) => {
    const pods = (await cluster.kubectl(["get", "pods", "-n", namespace, "-o", "name"])).split("\n").filter((pod) => pod !== "");
    const asked = pods.map((pod) => cluster.kubectl(["logs", "-n", namespace, pod, "--prefix", `--tail=${lines}`]).catch(String));
    return [await cluster.kubectl(["get", "pods", "-n", namespace]), ...(await Promise.all(asked))].join("\n");
  };
  const helm = async (command: string, ...args: string[]) => {
    const flags = ["--namespace", namespace, "--kubeconfig", cluster.kubeconfig, "--wait", "--timeout", "240s"];
    try {
      return await cluster.run("network", requirePart("helm"), command, name, ...args, ...flags);
    } catch (error) {
      throw new Error(`${error}\n${await logs()}`);
    }
  };
  const written = (values: object | string) => {
    if (typeof values === "string") return values;
    const file = join(cluster.folder, `${name}-values.json`);
    writeFileSync(file, JSON.stringify(values));
    return file;
  };
  return {
    name,
    namespace,
    install: (values) => helm("install", chart, "--create-namespace", "--values", written(values)),
    upgrade: (values) => helm("upgrade", chart, "--values", written(values)),
    uninstall: () => helm("uninstall"),
    logs,
  };
}

/** What is left in the namespace that Kubernetes itself did not make. */
export async function leftIn(cluster: Cluster, namespace: string): Promise<string[]> {
  const kinds = "all,configmaps,secrets,serviceaccounts,roles,rolebindings,networkpolicies,poddisruptionbudgets,persistentvolumeclaims";
  const names = (await cluster.kubectl(["get", kinds, "-n", namespace, "-o", "name"])).split("\n");
  const always = ["", "configmap/kube-root-ca.crt", "serviceaccount/default"];
  // Pods that end are nobody's any more.
  return names.filter((name) => !always.includes(name) && !name.startsWith("pod/"));
}
