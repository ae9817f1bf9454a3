import { type Described, describedOf, type Kind, type WireObject } from "../kubernetes/kind.ts";
import type { WirePodMonitor, WireProbe, WireServiceMonitor } from "./wire.ts";

/** A custom resource with all that it says: there are hundreds of them, not thousands. */
export interface Monitor<W extends WireObject> extends Described {
  readonly wire: W;
}

function monitor<W extends WireObject>(resource: string): Kind<Monitor<W>> {
  return {
    group: "monitoring.coreos.com",
    version: "v1",
    resource,
    namespaced: true,
    keep(wire) {
      const { metadata: _metadata, ...rest } = wire;
      return { ...describedOf(wire), wire: rest as unknown as W };
    },
  };
}

export const serviceMonitors = monitor<WireServiceMonitor>("servicemonitors");
export const podMonitors = monitor<WirePodMonitor>("podmonitors");
export const probes = monitor<WireProbe>("probes");
