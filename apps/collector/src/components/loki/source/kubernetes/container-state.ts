import type { WireObject } from "../../../../kubernetes/kind.ts";

/** What a pod says of one of its containers. */
export type ContainerState =
  /** The pod is not the one that was meant, or is gone: nothing more comes. */
  | { readonly kind: "gone" }
  /** It has not run yet, or the pod does not tell of it. */
  | { readonly kind: "waiting" }
  | {
      readonly kind: "started";
      /** How often it was started anew: its log is of the last time. */
      readonly restarts: number;
      /** It has ended and will not run again. */
      readonly isOver: boolean;
    };

export function containerStateOf(wire: WireObject | undefined, uid: string, container: string): ContainerState {
  if (wire === undefined || wire.metadata?.uid !== uid) return { kind: "gone" };
  const { spec, status } = wire as WirePod;
  const [app, init, ephemeral] = [status?.containerStatuses, status?.initContainerStatuses, status?.ephemeralContainerStatuses].map(
    (list) => list?.find(({ name }) => name === container),
  );
  const found = app ?? init ?? ephemeral;
  if (found === undefined) return { kind: "waiting" };
  const { restartCount: restarts = 0, state = {}, lastState = {} } = found;
  if (state.running === undefined && state.terminated === undefined && lastState.terminated === undefined) return { kind: "waiting" };
  const ended = state.terminated;
  if (ended === undefined) return { kind: "started", restarts, isOver: false };
  const policy = spec?.restartPolicy ?? "Always";
  const isSidecar = spec?.initContainers?.some(({ name, restartPolicy }) => name === container && restartPolicy === "Always") === true;
  const failed = ended.exitCode !== 0;
  const isDone = status?.phase === "Succeeded" || status?.phase === "Failed";
  const runsAgain = ephemeral === undefined && (isSidecar || (failed && policy !== "Never") || (app !== undefined && policy === "Always"));
  return { kind: "started", restarts, isOver: isDone || !runsAgain };
}

interface WirePod extends WireObject {
  readonly spec?: {
    readonly restartPolicy?: string;
    readonly initContainers?: readonly { readonly name?: string; readonly restartPolicy?: string }[];
  };
  readonly status?: {
    readonly phase?: string;
    readonly containerStatuses?: readonly WireStatus[];
    readonly initContainerStatuses?: readonly WireStatus[];
    readonly ephemeralContainerStatuses?: readonly WireStatus[];
  };
}

interface WireStatus {
  readonly name?: string;
  readonly restartCount?: number;
  readonly state?: { readonly running?: unknown; readonly terminated?: { readonly exitCode?: number } };
  readonly lastState?: { readonly terminated?: unknown };
}
