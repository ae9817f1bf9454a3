import { type Described, describedOf, type Kind, type WireObject } from "../kind.ts";

export interface Node extends Described {
  readonly providerId: string;
  readonly kubeletPort: number;
  readonly addresses: readonly { readonly type: string; readonly address: string }[];
  readonly conditions: readonly { readonly type: string; readonly status: string }[];
}

export const nodes: Kind<Node> = {
  group: "",
  version: "v1",
  resource: "nodes",
  namespaced: false,
  keep(wire) {
    const { spec, status } = wire as WireNode;
    return {
      ...describedOf(wire),
      providerId: spec?.providerID ?? "",
      kubeletPort: status?.daemonEndpoints?.kubeletEndpoint?.Port ?? 0,
      addresses: status?.addresses?.map(({ type = "", address = "" }) => ({ type, address })) ?? [],
      conditions: status?.conditions?.map(({ type = "", status: state = "" }) => ({ type, status: state })) ?? [],
    };
  },
};

interface WireNode extends WireObject {
  readonly spec?: { readonly providerID?: string };
  readonly status?: {
    readonly addresses?: readonly { readonly type?: string; readonly address?: string }[];
    readonly conditions?: readonly { readonly type?: string; readonly status?: string }[];
    readonly daemonEndpoints?: { readonly kubeletEndpoint?: { readonly Port?: number } };
  };
}
