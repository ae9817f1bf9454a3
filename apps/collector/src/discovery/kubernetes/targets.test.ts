import assert from "node:assert/strict";
import { test } from "node:test";
import type { WireObject } from "../../kubernetes/kind.ts";
import { namespaces } from "../../kubernetes/kinds/namespace.ts";
import { nodes } from "../../kubernetes/kinds/node.ts";
import { pods } from "../../kubernetes/kinds/pod.ts";
import { services } from "../../kubernetes/kinds/service.ts";
import { type RoleName, roles } from "./roles.ts";
import type { Surroundings } from "./surroundings.ts";

const podWire = {
  metadata: {
    name: "web-1",
    namespace: "shop",
    uid: "u1",
    labels: { app: "web" },
    annotations: { "prometheus.io/scrape": "yes" },
    ownerReferences: [{ kind: "ReplicaSet", name: "web", controller: true }],
  },
  spec: {
    nodeName: "n1",
    containers: [
      { name: "app", image: "web:1", ports: [{ name: "http", containerPort: 80, protocol: "TCP" }, { containerPort: 9090 }] },
      { name: "side", image: "side:1" },
    ],
    initContainers: [{ name: "init", image: "init:1", ports: [{ containerPort: 1 }] }],
  },
  status: {
    podIP: "fd00::1",
    hostIP: "10.0.0.9",
    phase: "Running",
    conditions: [{ type: "Ready", status: "True" }],
    containerStatuses: [{ name: "app", containerID: "containerd://aa" }],
  },
};
const nodeWire = {
  metadata: { name: "n1", labels: { zone: "a" } },
  spec: { providerID: "x://1" },
  status: {
    addresses: [
      { type: "Hostname", address: "n1.local" },
      { type: "InternalIP", address: "10.0.0.9" },
    ],
    conditions: [{ type: "MemoryPressure", status: "False" }],
    daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
  },
};
const serviceWire = {
  metadata: { name: "web", namespace: "shop", labels: { tier: "front" } },
  spec: { type: "ClusterIP", clusterIP: "10.1.0.1", ports: [{ name: "http", port: 8080, protocol: "TCP" }] },
};
const namespaceWire = { metadata: { name: "shop", labels: { team: "blue" } } };

const around: Surroundings = {
  pod: (key) => (key === "shop/web-1" ? pods.keep(podWire) : undefined),
  service: (key) => (key === "shop/web" ? services.keep(serviceWire) : undefined),
};
const attached: Surroundings = {
  ...around,
  node: (name) => (name === "n1" ? nodes.keep(nodeWire) : undefined),
  namespace: (name) => (name === "shop" ? namespaces.keep(namespaceWire) : undefined),
};

/** What a role makes of an object: a line a target, its labels sorted, without the common beginning of their names. */
function made(role: RoleName, wire: WireObject, surroundings: Surroundings = {}): string[] {
  const { kind, targets } = roles[role];
  return targets(kind.keep(wire), surroundings).map((labels) =>
    Object.entries(labels)
      .map(([name, value]) => `${name.replace("__meta_kubernetes_", "")}=${value}`)
      .sort()
      .join(" "),
  );
}

const podSays =
  "pod_annotation_prometheus_io_scrape=yes pod_annotationpresent_prometheus_io_scrape=true CONTAINER pod_controller_kind=ReplicaSet pod_controller_name=web pod_host_ip=10.0.0.9 pod_ip=fd00::1 pod_label_app=web pod_labelpresent_app=true pod_name=web-1 pod_node_name=n1 pod_phase=Running pod_ready=true pod_uid=u1";
const ofPod = (container: string) => podSays.replace("CONTAINER", container);

test("a pod gives a target for each port of a container, and one for a container without", () => {
  assert.deepEqual(made("pod", podWire), [
    `__address__=[fd00::1]:80 namespace=shop ${ofPod("pod_container_id=containerd://aa pod_container_image=web:1 pod_container_init=false pod_container_name=app pod_container_port_name=http pod_container_port_number=80 pod_container_port_protocol=TCP")}`,
    `__address__=[fd00::1]:9090 namespace=shop ${ofPod("pod_container_id=containerd://aa pod_container_image=web:1 pod_container_init=false pod_container_name=app pod_container_port_name= pod_container_port_number=9090 pod_container_port_protocol=TCP")}`,
    `__address__=fd00::1 namespace=shop ${ofPod("pod_container_id= pod_container_image=side:1 pod_container_init=false pod_container_name=side")}`,
    `__address__=[fd00::1]:1 namespace=shop ${ofPod("pod_container_id= pod_container_image=init:1 pod_container_init=true pod_container_name=init pod_container_port_name= pod_container_port_number=1 pod_container_port_protocol=TCP")}`,
  ]);
});

test("a pod without an address, or on a node that is not selected, gives none", () => {
  assert.deepEqual(made("pod", { ...podWire, status: {} } as WireObject), []);
  assert.deepEqual(made("pod", podWire, { node: () => undefined }), []);
});

test("labels and annotations of node and namespace are said where they are attached", () => {
  const [first = ""] = made("pod", podWire, attached);
  assert.match(first, / namespace=shop namespace_label_team=blue namespace_labelpresent_team=true /);
  assert.match(first, / node_label_zone=a node_labelpresent_zone=true node_name=n1 /);
});

test("a node gives its kubelet, by the best of its addresses", () => {
  assert.deepEqual(made("node", nodeWire), [
    "__address__=10.0.0.9:10250 instance=n1 node_address_Hostname=n1.local node_address_InternalIP=10.0.0.9 node_condition_memorypressure=false node_label_zone=a node_labelpresent_zone=true node_name=n1 node_provider_id=x://1",
  ]);
  assert.deepEqual(made("node", { metadata: { name: "lost" } }), []);
});

test("a service gives a target for each port, by its name", () => {
  const common = "service_label_tier=front service_labelpresent_tier=true service_name=web";
  const port = "service_port_name=http service_port_number=8080 service_port_protocol=TCP";
  assert.deepEqual(made("service", serviceWire), [
    `__address__=web.shop.svc:8080 namespace=shop service_cluster_ip=10.1.0.1 ${common} ${port} service_type=ClusterIP`,
  ]);
  const outside = { ...serviceWire, spec: { ...serviceWire.spec, type: "ExternalName", externalName: "x.example" } } as WireObject;
  assert.deepEqual(made("service", outside), [
    `__address__=web.shop.svc:8080 namespace=shop service_external_name=x.example ${common} ${port} service_type=ExternalName`,
  ]);
  const balanced = {
    ...serviceWire,
    spec: { ...serviceWire.spec, type: "LoadBalancer", loadBalancerIP: "1.1.1.1" },
    status: { loadBalancer: { ingress: [{ ip: "2.2.2.2" }, { hostname: "h" }, { ip: "3.3.3.3" }] } },
  } as WireObject;
  assert.match(made("service", balanced)[0] ?? "", /service_loadbalancer_ip=2\.2\.2\.2,3\.3\.3\.3/);
});

test("an ingress gives a target for each path of each rule, https where a certificate covers the host", () => {
  const ingress = {
    metadata: { name: "i", namespace: "shop" },
    spec: {
      ingressClassName: "nginx",
      tls: [{ hosts: ["*.example.com"] }],
      rules: [{ host: "a.example.com", http: { paths: [{ path: "/x" }, {}] } }, { host: "b.a.example.com" }],
    },
  } as WireObject;
  const common = (host: string, path: string, scheme: string) =>
    `__address__=${host} ingress_class_name=nginx ingress_host=${host} ingress_name=i ingress_path=${path} ingress_scheme=${scheme} namespace=shop`;
  assert.deepEqual(made("ingress", ingress), [
    common("a.example.com", "/x", "https"),
    common("a.example.com", "/", "https"),
    common("b.a.example.com", "/", "http"),
  ]);
});

const podReference = { kind: "Pod", namespace: "shop", name: "web-1" };

test("endpoints give their ports with service and pod, and the pod's other ports", () => {
  const endpoints = {
    metadata: { name: "web", namespace: "shop" },
    subsets: [
      {
        ports: [{ name: "http", port: 80, protocol: "TCP" }],
        addresses: [{ ip: "fd00::1", nodeName: "n1", hostname: "h", targetRef: podReference }],
        notReadyAddresses: [{ ip: "10.2.0.2" }],
      },
    ],
  } as WireObject;
  const shared = "endpoints_name=web namespace=shop";
  const service = "service_label_tier=front service_labelpresent_tier=true service_name=web";
  const [backed, plain, other, init] = made("endpoints", endpoints, around);
  assert.equal(
    backed,
    `__address__=[fd00::1]:80 endpoint_address_target_kind=Pod endpoint_address_target_name=web-1 endpoint_hostname=h endpoint_node_name=n1 endpoint_port_name=http endpoint_port_protocol=TCP endpoint_ready=true ${shared} ${ofPod("pod_container_image=web:1 pod_container_init=false pod_container_name=app pod_container_port_name=http pod_container_port_number=80 pod_container_port_protocol=TCP")} ${service}`,
  );
  assert.equal(
    plain,
    `__address__=10.2.0.2:80 endpoint_port_name=http endpoint_port_protocol=TCP endpoint_ready=false ${shared} ${service}`,
  );
  assert.match(other ?? "", /^__address__=\[fd00::1\]:9090 endpoints_name=web .*pod_container_name=app .*service_name=web$/);
  assert.match(init ?? "", /^__address__=\[fd00::1\]:1 .*pod_container_init=true/);
});

test("an endpoint slice gives its ports likewise; of a service with two families the first counts", () => {
  const slice = {
    metadata: { name: "web-abc", namespace: "shop", labels: { "kubernetes.io/service-name": "web" } },
    addressType: "IPv6",
    ports: [{ name: "http", port: 80, protocol: "TCP", appProtocol: "h2c" }, {}],
    endpoints: [
      {
        addresses: ["fd00::1"],
        conditions: { ready: true, serving: true, terminating: false },
        nodeName: "n1",
        zone: "z",
        deprecatedTopology: { "kubernetes.io/hostname": "n1" },
        targetRef: podReference,
      },
    ],
  } as WireObject;
  const found = made("endpointslice", slice, attached);
  assert.equal(found.length, 4);
  assert.match(
    found[0] ?? "",
    /^__address__=\[fd00::1\]:80 endpointslice_address_target_kind=Pod endpointslice_address_target_name=web-1 endpointslice_address_type=IPv6 endpointslice_endpoint_conditions_ready=true endpointslice_endpoint_conditions_serving=true endpointslice_endpoint_conditions_terminating=false endpointslice_endpoint_node_name=n1 endpointslice_endpoint_topology_kubernetes_io_hostname=n1 endpointslice_endpoint_topology_present_kubernetes_io_hostname=true endpointslice_endpoint_zone=z endpointslice_label_kubernetes_io_service_name=web endpointslice_labelpresent_kubernetes_io_service_name=true endpointslice_name=web-abc endpointslice_port=80 endpointslice_port_app_protocol=h2c endpointslice_port_name=http endpointslice_port_protocol=TCP namespace=shop namespace_label_team=blue .* node_name=n1 .*pod_container_name=app .*service_name=web$/,
  );
  assert.match(found[1] ?? "", /^__address__=fd00::1 /);
  const dual = services.keep({
    ...serviceWire,
    spec: { ...serviceWire.spec, ipFamilyPolicy: "PreferDualStack", ipFamilies: ["IPv4", "IPv6"] },
  } as WireObject);
  assert.deepEqual(made("endpointslice", slice, { ...around, service: () => dual }), []);
});
