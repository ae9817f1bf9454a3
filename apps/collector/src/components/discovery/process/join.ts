import { type Target, target } from "../../../discovery/targets.ts";

const runtimes = ["docker://", "containerd://", "cri-o://"];

/** Gives processes the labels of their containers. Containers stay targets of their own, too. */
export function joinContainers(processes: readonly Target[], containers: readonly Target[]): Target[] {
  const joined: Target[] = [];
  const byId = new Map<string, Target>();
  for (const container of containers) {
    const id = containerIdOf(container);
    if (id === "") joined.push(container);
    else byId.set(id, container);
  }
  for (const process of processes) {
    const container = byId.get(containerIdOf(process));
    joined.push(container === undefined ? process : target({ ...process, ...container }));
  }
  joined.push(...byId.values());
  return joined;
}

function containerIdOf(labels: Target): string {
  if (labels.__container_id__) return labels.__container_id__;
  const kubernetes = labels.__meta_kubernetes_pod_container_id;
  if (kubernetes) {
    const runtime = runtimes.find((prefix) => kubernetes.startsWith(prefix));
    return runtime === undefined ? "" : kubernetes.slice(runtime.length);
  }
  return labels.__meta_docker_container_id ?? "";
}
