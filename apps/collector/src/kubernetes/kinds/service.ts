import { type Described, describedOf, type Kind, type WireObject } from "../kind.ts";

export interface Service extends Described {
  readonly type: string;
  readonly clusterIp: string;
  readonly externalName: string;
  readonly loadBalancerIps: readonly string[];
  /** Undefined: one family, whichever it is. */
  readonly ipFamilyPolicy: string | undefined;
  /** The first is the one that the service has had from its beginning. */
  readonly ipFamilies: readonly string[];
  readonly ports: readonly ServicePort[];
}

export interface ServicePort {
  readonly name: string;
  readonly number: number;
  readonly protocol: string;
}

export const services: Kind<Service> = {
  group: "",
  version: "v1",
  resource: "services",
  namespaced: true,
  keep(wire) {
    const { spec = {}, status } = wire as WireService;
    const given = status?.loadBalancer?.ingress?.flatMap(({ ip }) => (ip ? [ip] : [])) ?? [];
    return {
      ...describedOf(wire),
      type: spec.type ?? "",
      clusterIp: spec.clusterIP ?? "",
      externalName: spec.externalName ?? "",
      loadBalancerIps: given.length > 0 || !spec.loadBalancerIP ? given : [spec.loadBalancerIP],
      ipFamilyPolicy: spec.ipFamilyPolicy,
      ipFamilies: spec.ipFamilies ?? [],
      ports: spec.ports?.map(({ name = "", port = 0, protocol = "TCP" }) => ({ name, number: port, protocol })) ?? [],
    };
  },
};

interface WireService extends WireObject {
  readonly spec?: {
    readonly type?: string;
    readonly clusterIP?: string;
    readonly externalName?: string;
    readonly loadBalancerIP?: string;
    readonly ipFamilyPolicy?: string;
    readonly ipFamilies?: readonly string[];
    readonly ports?: readonly { readonly name?: string; readonly port?: number; readonly protocol?: string }[];
  };
  readonly status?: { readonly loadBalancer?: { readonly ingress?: readonly { readonly ip?: string }[] } };
}
