import { controllerOf, type Described, describedOf, type Kind, type Owner, type WireObject } from "../kind.ts";

export interface Pod extends Described {
  readonly nodeName: string;
  readonly hostIp: string;
  readonly podIp: string;
  /** All addresses, `podIp` first. */
  readonly podIps: readonly string[];
  readonly phase: string;
  /** What the condition of that name says: `true`, `false`, `unknown`; `unknown` where there is none. */
  readonly ready: string;
  readonly hostname: string;
  readonly startTime: string;
  readonly creationTime: string;
  readonly hostNetwork: boolean;
  /** Being deleted. */
  readonly isEnding: boolean;
  readonly controller: Owner | undefined;
  /** Those that run, then those that run before them. */
  readonly containers: readonly Container[];
}

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly isInit: boolean;
  readonly ports: readonly ContainerPort[];
  /** `containerd://…`; empty before it has started. */
  readonly id: string;
  readonly imageId: string;
  readonly restarts: number;
  readonly isRunning: boolean;
  /** The containers before this one that have ended, by their ids: the last one only. */
  readonly previousId: string;
}

export interface ContainerPort {
  readonly name: string;
  readonly number: number;
  readonly protocol: string;
}

export const pods: Kind<Pod> = {
  group: "",
  version: "v1",
  resource: "pods",
  namespaced: true,
  keep(wire) {
    const { spec = {}, status = {} } = wire as WirePod;
    return {
      ...describedOf(wire),
      nodeName: spec.nodeName ?? "",
      hostIp: status.hostIP ?? "",
      podIp: status.podIP ?? "",
      podIps: status.podIPs?.map(({ ip }) => ip ?? "") ?? [],
      phase: status.phase ?? "",
      ready: status.conditions?.find(({ type }) => type === "Ready")?.status?.toLowerCase() ?? "unknown",
      hostname: spec.hostname ?? "",
      startTime: status.startTime ?? "",
      creationTime: wire.metadata?.creationTimestamp ?? "",
      hostNetwork: spec.hostNetwork === true,
      isEnding: wire.metadata?.deletionTimestamp !== undefined,
      controller: controllerOf(wire),
      containers: [
        ...containersOf(spec.containers, status.containerStatuses, false),
        ...containersOf(spec.initContainers, status.initContainerStatuses, true),
      ],
    };
  },
};

interface WirePod extends WireObject {
  readonly spec?: {
    readonly nodeName?: string;
    readonly hostname?: string;
    readonly hostNetwork?: boolean;
    readonly containers?: readonly WireContainer[];
    readonly initContainers?: readonly WireContainer[];
  };
  readonly status?: {
    readonly hostIP?: string;
    readonly podIP?: string;
    readonly podIPs?: readonly { readonly ip?: string }[];
    readonly phase?: string;
    readonly startTime?: string;
    readonly conditions?: readonly { readonly type?: string; readonly status?: string }[];
    readonly containerStatuses?: readonly WireContainerStatus[];
    readonly initContainerStatuses?: readonly WireContainerStatus[];
  };
}

interface WireContainer {
  readonly name?: string;
  readonly image?: string;
  readonly ports?: readonly { readonly name?: string; readonly containerPort?: number; readonly protocol?: string }[];
}

interface WireContainerStatus {
  readonly name?: string;
  readonly containerID?: string;
  readonly imageID?: string;
  readonly restartCount?: number;
  readonly state?: { readonly running?: unknown };
  readonly lastState?: { readonly terminated?: { readonly containerID?: string } };
}

const noPorts: readonly ContainerPort[] = [];

function containersOf(
  containers: readonly WireContainer[] = [],
  statuses: readonly WireContainerStatus[] = [],
  isInit: boolean,
): readonly Container[] {
  return containers.map(({ name = "", image = "", ports }) => {
    const status = statuses.find((each) => each.name === name);
    return {
      name,
      image,
      isInit,
      ports:
        ports?.map((port) => ({ name: port.name ?? "", number: port.containerPort ?? 0, protocol: port.protocol ?? "TCP" })) ?? noPorts,
      id: status?.containerID ?? "",
      imageId: status?.imageID ?? "",
      restarts: status?.restartCount ?? 0,
      isRunning: status?.state?.running !== undefined,
      previousId: status?.lastState?.terminated?.containerID ?? "",
    };
  });
}
