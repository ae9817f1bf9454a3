import { type Described, describedOf, type Kind, type WireObject } from "../kind.ts";
import { type ObjectReference, referenceOf, type WireReference } from "./endpoints.ts";

export interface EndpointSlice extends Described {
  /** `IPv4`, `IPv6` or `FQDN`. */
  readonly addressType: string;
  readonly ports: readonly SlicePort[];
  readonly endpoints: readonly SliceEndpoint[];
}

/** Undefined where nothing is said: any port of the address, or a condition that is not known. */
export interface SlicePort {
  readonly name: string | undefined;
  readonly number: number | undefined;
  readonly protocol: string | undefined;
  readonly appProtocol: string | undefined;
}

export interface SliceEndpoint {
  readonly addresses: readonly string[];
  readonly ready: boolean | undefined;
  readonly serving: boolean | undefined;
  readonly terminating: boolean | undefined;
  readonly hostname: string | undefined;
  readonly nodeName: string | undefined;
  readonly zone: string | undefined;
  readonly topology: Readonly<Record<string, string>> | undefined;
  readonly target: ObjectReference | undefined;
}

/** The label that names the service to which a slice belongs. */
export const serviceNameLabel = "kubernetes.io/service-name";

export const endpointSlices: Kind<EndpointSlice> = {
  group: "discovery.k8s.io",
  version: "v1",
  resource: "endpointslices",
  namespaced: true,
  keep(wire) {
    const { addressType = "", ports, endpoints } = wire as WireSlice;
    return {
      ...describedOf(wire),
      addressType,
      ports: ports?.map(({ name, port, protocol, appProtocol }) => ({ name, number: port, protocol, appProtocol })) ?? [],
      endpoints:
        endpoints?.map(({ addresses = [], conditions = {}, hostname, nodeName, zone, deprecatedTopology, targetRef }) => ({
          addresses,
          ready: conditions.ready,
          serving: conditions.serving,
          terminating: conditions.terminating,
          hostname,
          nodeName,
          zone,
          topology: deprecatedTopology,
          target: referenceOf(targetRef),
        })) ?? [],
    };
  },
};

interface WireSlice extends WireObject {
  readonly addressType?: string;
  readonly ports?: readonly { readonly name?: string; readonly port?: number; readonly protocol?: string; readonly appProtocol?: string }[];
  readonly endpoints?: readonly {
    readonly addresses?: readonly string[];
    readonly conditions?: { readonly ready?: boolean; readonly serving?: boolean; readonly terminating?: boolean };
    readonly hostname?: string;
    readonly nodeName?: string;
    readonly zone?: string;
    readonly deprecatedTopology?: Readonly<Record<string, string>>;
    readonly targetRef?: WireReference;
  }[];
}
