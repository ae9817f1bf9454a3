import { homedir } from "node:os";
import { join } from "node:path";
import { Secret } from "@invar/alloy-syntax";
import { parse } from "yaml";
import { connectByKubeconfig } from "../../../../../kubernetes/connect.ts";
import type { Kept, Kind } from "../../../../../kubernetes/kind.ts";
import { type Detector, type DetectorSettings, type Surroundings, textAt } from "../detector.ts";
import { jsonOf } from "../metadata-request.ts";
import { Unavailable } from "../unavailable.ts";

/** Reads objects of an API server as JSON, by their paths. */
interface Api {
  get(path: string, signal: AbortSignal): Promise<unknown>;
}

/** The API server of this pod: with the pod's service account, or as nobody. */
export async function podApi({ environment, readText, request, serviceAccountFolder }: Surroundings, auth: string): Promise<Api> {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port = "443" } = environment;
  if (!host) throw new Unavailable("KUBERNETES_SERVICE_HOST is not set: this is no pod");
  const base = `https://${host.includes(":") ? `[${host}]` : host}:${port}`;
  if (auth === "none") return { get: (path, signal) => jsonOf(request, base + path, { insecure: true }, signal) };
  const token = await readText(join(serviceAccountFolder, "token"));
  const ca = await readText(join(serviceAccountFolder, "ca.crt"));
  if (token === undefined) throw new Unavailable(`${join(serviceAccountFolder, "token")} can't be read: the pod needs a service account`);
  const options = { headers: { authorization: `Bearer ${token.trim()}` }, ...(ca === undefined ? {} : { ca }) };
  return { get: (path, signal) => jsonOf(request, base + path, options, signal) };
}

const core = (resource: string, namespaced: boolean): Kind<Kept> => ({
  group: "",
  version: "v1",
  resource,
  namespaced,
  keep: () => {
    throw new Error("objects are looked at as they come");
  },
});

/** As the user's kubeconfig says. */
function kubeconfigApi({ environment, context }: Surroundings, contextName: string): Api {
  const file = environment.KUBECONFIG ?? join(homedir(), ".kube", "config");
  const server = connectByKubeconfig(file, contextName === "" ? undefined : contextName, context);
  return {
    async get(path, signal) {
      const [, namespace = "", resource = "", name = ""] =
        /^\/api\/v1(?:\/namespaces\/([^/]+)(?=\/.+\/))?\/([^/]+)\/([^/]+)$/.exec(path) ?? [];
      const object = await server.get(core(resource, namespace !== ""), namespace, name, signal);
      if (object === undefined) throw new Unavailable(`there is no ${resource} ${name}`);
      return object;
    },
  };
}

async function apiOf(surroundings: Surroundings, settings: DetectorSettings): Promise<Api> {
  const auth = settings.auth_type as string;
  return auth === "kubeConfig" ? kubeconfigApi(surroundings, settings.context as string) : podApi(surroundings, auth);
}

export const kubernetesNode: Detector = async (surroundings, settings, signal) => {
  const variable = settings.node_from_env_var as string;
  const name = surroundings.environment[variable];
  if (!name)
    throw new Error(`the name of the node is not known: set the environment variable ${variable} to spec.nodeName by the downward API`);
  const api = await apiOf(surroundings, settings);
  const node = await api.get(`/api/v1/nodes/${encodeURIComponent(name)}`, signal);
  return { attributes: { "k8s.node.name": textAt(node, "metadata", "name"), "k8s.node.uid": textAt(node, "metadata", "uid") } };
};

export const kubeadm: Detector = async (surroundings, settings, signal) => {
  const api = await apiOf(surroundings, settings);
  const attributes: Record<string, string> = {};
  if (settings.isEnabled("k8s.cluster.name")) {
    const map = await api.get("/api/v1/namespaces/kube-system/configmaps/kubeadm-config", signal);
    const text = textAt(map, "data", "ClusterConfiguration");
    if (text === "") throw new Unavailable("ClusterConfiguration key not found in ConfigMap kubeadm-config");
    attributes["k8s.cluster.name"] = textAt(parse(text), "clusterName");
  }
  if (settings.isEnabled("k8s.cluster.uid"))
    attributes["k8s.cluster.uid"] = textAt(await api.get("/api/v1/namespaces/kube-system", signal), "metadata", "uid");
  return { attributes };
};

const platforms: Readonly<Record<string, readonly [provider: string, platform: string, regionOf: string, region: string]>> = {
  aws: ["aws", "aws_openshift", "aws", "region"],
  azure: ["azure", "azure.openshift", "azure", "cloudName"],
  gcp: ["gcp", "gcp_openshift", "gcp", "region"],
  ibmcloud: ["ibm_cloud", "ibm_cloud_openshift", "ibmcloud", "location"],
};

export const openshift: Detector = async (surroundings, settings, signal) => {
  const { environment, readText, request, serviceAccountFolder } = surroundings;
  const given = settings.token instanceof Secret ? settings.token.reveal() : "";
  const token = given || (await readText(join(serviceAccountFolder, "token")))?.trim();
  if (!token) throw new Unavailable("openshift metadata unavailable: no token was given, and the pod has no service account");
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = environment;
  const address = (settings.address as string) || (host && port ? `https://${host}:${port}` : "");
  if (address === "") throw new Unavailable("could not extract openshift api host");
  const tls = settings.tls as Readonly<Record<string, unknown>>;
  const caFile = (tls.ca_file as string | undefined) || join(serviceAccountFolder, "ca.crt");
  const ca = (tls.ca_pem as string | undefined) || (tls.insecure === true ? undefined : await readText(caFile));
  const status = await jsonOf(
    request,
    `${address.replace(/\/$/, "")}/apis/config.openshift.io/v1/infrastructures/cluster/status`,
    {
      headers: { authorization: `Bearer ${token}` },
      ...(ca === undefined ? {} : { ca }),
      ...(tls.insecure_skip_verify === true ? { insecure: true } : {}),
    },
    signal,
  );
  const type = textAt(status, "status", "platformStatus", "type").toLowerCase();
  const known = platforms[type];
  const region = (name: string, member: string) => textAt(status, "status", "platformStatus", name, member).toLowerCase();
  return {
    attributes: {
      "k8s.cluster.name": textAt(status, "status", "infrastructureName") || undefined,
      ...(known === undefined
        ? {}
        : { "cloud.provider": known[0], "cloud.platform": known[1], "cloud.region": region(known[2], known[3]) }),
      ...(type === "openstack" ? { "cloud.region": region("openstack", "cloudName") } : {}),
    },
  };
};
