import { type Described, describedOf, type Kind, type WireObject } from "../kind.ts";

export interface Endpoints extends Described {
  readonly subsets: readonly EndpointSubset[];
}

export interface EndpointSubset {
  readonly ports: readonly { readonly name: string; readonly number: number; readonly protocol: string }[];
  readonly addresses: readonly EndpointAddress[];
}

export interface EndpointAddress {
  readonly ip: string;
  readonly hostname: string;
  readonly nodeName: string | undefined;
  readonly isReady: boolean;
  readonly target: ObjectReference | undefined;
}

/** Another object that one names. */
export interface ObjectReference {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

export const endpoints: Kind<Endpoints> = {
  group: "",
  version: "v1",
  resource: "endpoints",
  namespaced: true,
  keep(wire) {
    const { subsets = [] } = wire as WireEndpoints;
    return {
      ...describedOf(wire),
      subsets: subsets.map(({ ports = [], addresses = [], notReadyAddresses = [] }) => ({
        ports: ports.map(({ name = "", port = 0, protocol = "TCP" }) => ({ name, number: port, protocol })),
        addresses: [
          ...addresses.map((address) => addressOf(address, true)),
          ...notReadyAddresses.map((address) => addressOf(address, false)),
        ],
      })),
    };
  },
};

interface WireEndpoints extends WireObject {
  readonly subsets?: readonly {
    readonly ports?: readonly { readonly name?: string; readonly port?: number; readonly protocol?: string }[];
    readonly addresses?: readonly WireAddress[];
    readonly notReadyAddresses?: readonly WireAddress[];
  }[];
}

interface WireAddress {
  readonly ip?: string;
  readonly hostname?: string;
  readonly nodeName?: string;
  readonly targetRef?: WireReference;
}

export interface WireReference {
  readonly kind?: string;
  readonly namespace?: string;
  readonly name?: string;
}

export function referenceOf(reference: WireReference | undefined): ObjectReference | undefined {
  return reference && { kind: reference.kind ?? "", namespace: reference.namespace ?? "", name: reference.name ?? "" };
}

function addressOf({ ip = "", hostname = "", nodeName, targetRef }: WireAddress, isReady: boolean): EndpointAddress {
  return { ip, hostname, nodeName, isReady, target: referenceOf(targetRef) };
}
