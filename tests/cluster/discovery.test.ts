import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { realPart } from "../backends/real-part.ts";
import { type Invar, startInvar, temporaryFolder } from "../run/invar.ts";
import { type ClusterObject, type ControlPlane, startControlPlane } from "./control-plane.ts";

const { skip } = realPart("kubernetes");
const folder = temporaryFolder();
let plane: ControlPlane;

before(async () => {
  if (skip === undefined) plane = await startControlPlane();
});
after(async () => {
  await plane?.stop();
  folder.remove();
});

const node: ClusterObject = {
  apiVersion: "v1",
  kind: "Node",
  metadata: { name: "n1", labels: { zone: "a" } },
  status: { addresses: [{ type: "InternalIP", address: "192.0.2.1" }], daemonEndpoints: { kubeletEndpoint: { Port: 10250 } } },
};

function podOf(index: number, namespace = "default"): ClusterObject {
  const ip = `10.1.${index >> 8}.${index & 255}`;
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: `p${index}`, namespace, labels: { app: "web" } },
    spec: { nodeName: "n1", containers: [{ name: "c", image: "i", ports: [{ containerPort: 80 }] }] },
    status: { podIP: ip, podIPs: [{ ip }], phase: "Running", conditions: [{ type: "Ready", status: "True" }] },
  };
}

/** The addresses of the targets that a component exports, sorted. */
async function addresses(invar: Invar, id: string): Promise<string[]> {
  const { text } = await invar.get(`/api/v0/web/components/${id}`);
  return [...text.matchAll(/"key":"__address__","value":\{"type":"string","value":"([^"]*)"/g)].map((match) => match[1] ?? "").sort();
}

async function until(what: string, isTrue: () => Promise<boolean>, withinMs = 30_000): Promise<number> {
  const begun = performance.now();
  while (!(await isTrue())) {
    if (performance.now() - begun > withinMs) throw new Error(`${what}: not within ${withinMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return performance.now() - begun;
}

async function start(config: string): Promise<Invar> {
  const path = join(folder.path, `config-${Date.now()}.alloy`);
  writeFileSync(path, config);
  return await startInvar(path, `--storage.path=${join(folder.path, "data")}`);
}

test("finds pods, nodes, services and endpoint slices of a real cluster, and follows them while its API server dies and returns", {
  skip,
}, async () => {
  const pods = Array.from({ length: 200 }, (_, index) => podOf(index));
  await plane.apply(node, ...pods);
  await plane.apply({
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "web", namespace: "default", labels: { tier: "front" } },
    spec: { selector: { app: "web" }, ports: [{ name: "http", port: 8080, targetPort: 80 }] },
  });
  const roles = ["pod", "node", "service", "endpointslice", "endpoints"];
  const blocks = roles.map(
    (role) => `discovery.kubernetes "${role}" {\n\trole = "${role}"\n\tkubeconfig_file = "${plane.kubeconfig}"\n}\n`,
  );
  const invar = await start(blocks.join("\n"));
  try {
    const wanted = (objects: readonly ClusterObject[]) =>
      objects
        .map(({ status }) => `${(status as { podIP: string }).podIP}:80`)
        .sort()
        .join();
    const isTruth = async (objects: readonly ClusterObject[]) =>
      (await addresses(invar, "discovery.kubernetes.pod")).join() === wanted(objects);
    await until("all pods are found", () => isTruth(pods));
    await until("the kubelet is found", async () => (await addresses(invar, "discovery.kubernetes.node")).includes("192.0.2.1:10250"));
    await until("the service is found", async () =>
      (await addresses(invar, "discovery.kubernetes.service")).includes("web.default.svc:8080"),
    );
    const count = async (role: string) =>
      (await addresses(invar, `discovery.kubernetes.${role}`)).filter((address) => address.startsWith("10.1.")).length;
    await until("every endpoint is found", async () => (await count("endpointslice")) === 200 && (await count("endpoints")) === 200);

    const added = Array.from({ length: 50 }, (_, index) => podOf(1000 + index));
    await plane.apply(...added);
    await until("new pods are found", () => isTruth([...pods, ...added]));

    await plane.killApiServer();
    await until("the loss is seen", async () => (await invar.get("/-/healthy")).status !== 200);
    assert.equal((await addresses(invar, "discovery.kubernetes.pod")).length, 250, "what was found stays");
    await plane.startApiServer();
    const names = pods.slice(0, 100).map(({ metadata }) => metadata.name);
    await plane.kubectl("delete", "pods", "--wait=false", "--grace-period=0", "--force", ...names);
    const lateMs = await until("the truth is known", () => isTruth([...pods.slice(100), ...added]));
    console.log(`the truth was known ${Math.round(lateMs)} ms after the last change`);
    await until("all is well again", async () => (await invar.get("/-/healthy")).status === 200);
  } finally {
    await invar.stop();
  }
});

test("says which permission a service account lacks, and goes on once it has it", { skip }, async () => {
  await plane.apply(
    { apiVersion: "v1", kind: "Namespace", metadata: { name: "limited" } },
    { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "reader", namespace: "limited" } },
  );
  await plane.apply(podOf(1, "limited"));
  const token = (await plane.kubectl("create", "token", "reader", "-n", "limited")).trim();
  const invar = await start(`discovery.kubernetes "pods" {
	role = "pod"
	api_server = "${plane.server}"
	bearer_token = "${token}"
	tls_config { insecure_skip_verify = true }
	namespaces { names = ["limited"] }
}
`);
  try {
    const health = async () => (await invar.get("/api/v0/web/components/discovery.kubernetes.pods")).text;
    await until("the lack is told", async () => /a permission is missing: list on pods in namespace limited/.test(await health()));
    assert.doesNotMatch(await health(), new RegExp(token.slice(-40)));
    await plane.apply(
      {
        apiVersion: "rbac.authorization.k8s.io/v1",
        kind: "Role",
        metadata: { name: "read-pods", namespace: "limited" },
        rules: [{ apiGroups: [""], resources: ["pods"], verbs: ["get", "list", "watch"] }],
      },
      {
        apiVersion: "rbac.authorization.k8s.io/v1",
        kind: "RoleBinding",
        metadata: { name: "read-pods", namespace: "limited" },
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "read-pods" },
        subjects: [{ kind: "ServiceAccount", name: "reader", namespace: "limited" }],
      },
    );
    await until("the pod is found", async () => (await addresses(invar, "discovery.kubernetes.pods")).includes("10.1.0.1:80"));
  } finally {
    await invar.stop();
  }
});

test("hands on Secrets and events of a real cluster", { skip }, async () => {
  await plane.apply({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "s", namespace: "default" },
    data: { address: Buffer.from("192.0.2.7:1").toString("base64") },
  });
  const invar = await start(`remote.kubernetes.secret "s" {
	namespace = "default"
	name = "s"
	client { kubeconfig_file = "${plane.kubeconfig}" }
}

discovery.relabel "shown" {
	targets = [{ __address__ = convert.nonsensitive(remote.kubernetes.secret.s.data["address"]) }]
}

loki.source.kubernetes_events "all" {
	forward_to = [loki.echo.here.receiver]
	client { kubeconfig_file = "${plane.kubeconfig}" }
}

loki.echo "here" { }
`);
  try {
    assert.ok((await addresses(invar, "discovery.relabel.shown")).includes("192.0.2.7:1"));
    const event = (name: string, message: string): ClusterObject => ({
      apiVersion: "v1",
      kind: "Event",
      metadata: { name, namespace: "default" },
      involvedObject: { kind: "Pod", namespace: "default", name: "p0" },
      reason: "Tested",
      message,
      type: "Normal",
      lastTimestamp: new Date().toISOString().replace(/\.\d+/, ""),
    });
    await plane.apply(event("first", "said at first"));
    await until("an event is told", async () => invar.log().includes("said at first"));
    await plane.apply(event("second", "said then"));
    await until("another is told", async () => invar.log().includes("said then"));
    assert.equal(invar.log().split("said at first").length, 2, "once");
  } finally {
    await invar.stop();
  }
});
