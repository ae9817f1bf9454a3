import { attachCluster, type Cluster } from "./cluster.ts";

/** The cluster that `run.ts` brought up for all files. Tests keep to namespaces of their own and leave the node as they found it. */
export async function withCluster<T>(work: (cluster: Cluster) => Promise<T>): Promise<T> {
  return work(theCluster());
}

export function theCluster(): Cluster {
  const folder = process.env.INVAR_CLUSTER;
  if (folder === undefined) throw new Error("there is no cluster: run npm run test:cluster, or npm run test:cluster -- PART_OF_PATH");
  return attachCluster(folder);
}

/** A namespace for one test; with all that is in it, it is gone in the end. */
export async function withNamespace<T>(name: string, work: (cluster: Cluster, namespace: string) => Promise<T>): Promise<T> {
  const cluster = theCluster();
  await cluster.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name } });
  try {
    return await work(cluster, name);
  } finally {
    await cluster.kubectl(["delete", "namespace", name, "--timeout=120s"]);
  }
}
