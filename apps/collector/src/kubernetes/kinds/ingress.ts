import { type Described, describedOf, type Kind, type WireObject } from "../kind.ts";

export interface Ingress extends Described {
  readonly className: string | undefined;
  /** Paths are undefined where a rule has none of its own. */
  readonly rules: readonly { readonly host: string; readonly paths: readonly string[] | undefined }[];
  readonly tlsHosts: readonly string[];
}

export const ingresses: Kind<Ingress> = {
  group: "networking.k8s.io",
  version: "v1",
  resource: "ingresses",
  namespaced: true,
  keep(wire) {
    const { spec = {} } = wire as WireIngress;
    return {
      ...describedOf(wire),
      className: spec.ingressClassName,
      rules: spec.rules?.map(({ host = "", http }) => ({ host, paths: http && (http.paths ?? []).map(({ path = "" }) => path) })) ?? [],
      tlsHosts: spec.tls?.flatMap(({ hosts = [] }) => hosts) ?? [],
    };
  },
};

interface WireIngress extends WireObject {
  readonly spec?: {
    readonly ingressClassName?: string;
    readonly rules?: readonly { readonly host?: string; readonly http?: { readonly paths?: readonly { readonly path?: string }[] } }[];
    readonly tls?: readonly { readonly hosts?: readonly string[] }[];
  };
}
