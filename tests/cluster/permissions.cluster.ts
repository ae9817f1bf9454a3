import assert from "node:assert/strict";
import { test } from "node:test";
import { startDestination } from "../destinations/destination.ts";
import { eventually } from "./eventually.ts";
import { nodeAddress } from "./layout.ts";
import { account, collectorPod, configMap, nodeProgram } from "./objects.ts";
import { withNamespace } from "./with-cluster.ts";

const credentials = `	bearer_token_file = "/var/run/secrets/kubernetes.io/serviceaccount/token"
	tls_config {
		ca_file              = "/var/run/secrets/kubernetes.io/serviceaccount/ca.crt"
		insecure_skip_verify = false
	}`;

function scrapeOf(name: string, path: string): string {
  return `prometheus.scrape "${name}" {
	targets         = [{ __address__ = "${nodeAddress}:10250" }]
	forward_to      = [prometheus.remote_write.out.receiver]
	job_name        = "${name}"
	scheme          = "https"
	metrics_path    = "${path}"
	scrape_interval = "3s"
	scrape_timeout  = "3s"
${credentials}
}
`;
}

test("scrapes the kubelet and cAdvisor with the pod's token, and names the permission that is missing until it is given", async () => {
  await withNamespace("kubelet", async (cluster, namespace) => {
    await using destination = await startDestination({ address: nodeAddress });
    const config = `discovery.kubelet "node" {
	url = "https://${nodeAddress}:10250"
${credentials}
}

discovery.kubernetes "pods" {
	role = "pod"
	namespaces {
		names = ["${namespace}"]
	}
}

${scrapeOf("kubelet", "/metrics")}
${scrapeOf("cadvisor", "/metrics/cadvisor")}
prometheus.remote_write "out" {
	endpoint {
		url = "${destination.remoteWriteUrl}"
		queue_config {
			batch_send_deadline = "500ms"
		}
	}
}
`;
    await cluster.apply(
      ...account("collector", namespace, []),
      configMap("collector", namespace, { "config.alloy": config }),
      collectorPod({ name: "collector", namespace, serviceAccount: "collector" }),
    );
    await cluster.wait("condition=Ready", "pod/collector", namespace);
    const address = await cluster.kubectl(["get", "pod", "collector", "-n", namespace, "-o", "jsonpath={.status.podIP}"]);
    const explained = { explain: () => cluster.logs("collector", namespace, "--tail=20") };
    const health = async (component: string) => {
      const answer = await fetch(`http://${address}:12345/api/v0/web/components/${component}`);
      return ((await answer.json()) as { health: { message: string } }).health.message;
    };
    const told = await eventually(
      "the lack is told",
      () => health("discovery.kubernetes.pods"),
      (text) => /permission/.test(text),
      explained,
    );
    assert.match(told, new RegExp(`a permission is missing: list on pods in namespace ${namespace}`));
    // The kubelet says itself what it misses.
    assert.match(
      await eventually(
        "the kubelet refuses",
        () => health("discovery.kubelet.node"),
        (text) => /403/.test(text),
        explained,
      ),
      /403/,
    );
    const has = (metric: string, labels: Readonly<Record<string, string>>) => () =>
      Promise.resolve(
        destination
          .received("samples")
          .some(({ labels: own }) => own.__name__ === metric && Object.entries(labels).every(([name, value]) => own[name] === value)),
      );
    assert.equal(await has("kubelet_running_pods", {})(), false);

    const rules = [
      { apiGroups: [""], resources: ["pods"], verbs: ["get", "list", "watch"] },
      { apiGroups: [""], resources: ["nodes/proxy", "nodes/metrics", "nodes/stats"], verbs: ["get"] },
    ];
    await cluster.apply(...account("collector", namespace, rules));
    // The kubelet remembers for half a minute whom it has refused.
    await eventually("the kubelet's own metrics", has("kubelet_running_pods", { job: "kubelet" }), Boolean, {
      ...explained,
      withinMs: 120_000,
    });
    await eventually(
      "cAdvisor's of this very pod",
      has("container_memory_working_set_bytes", { job: "cadvisor", namespace, pod: "collector", container: "collector" }),
      Boolean,
      explained,
    );
    await eventually(
      "all is well",
      () => health("discovery.kubernetes.pods"),
      (text) => !/permission/.test(text),
      explained,
    );
  });
});

test("spans get the pod's names from the address that they come from", async () => {
  await withNamespace("attributes", async (cluster, namespace) => {
    await using destination = await startDestination({ address: nodeAddress });
    const config = `otelcol.receiver.otlp "in" {
	http {
		endpoint = "0.0.0.0:4318"
	}
	output {
		traces = [otelcol.processor.k8sattributes.pods.input]
	}
}

otelcol.processor.k8sattributes "pods" {
	extract {
		metadata = ["k8s.namespace.name", "k8s.pod.name", "k8s.pod.uid", "k8s.node.name"]
		label {
			from     = "pod"
			key      = "team"
			tag_name = "team"
		}
	}
	pod_association {
		source {
			from = "connection"
		}
	}
	output {
		traces = [otelcol.exporter.otlphttp.out.input]
	}
}

otelcol.exporter.otlphttp "out" {
	client {
		endpoint = "${destination.url}"
	}
}
`;
    const rules = [{ apiGroups: [""], resources: ["pods", "namespaces"], verbs: ["get", "list", "watch"] }];
    await cluster.apply(
      ...account("collector", namespace, rules),
      configMap("collector", namespace, { "config.alloy": config }),
      collectorPod({ name: "collector", namespace, serviceAccount: "collector" }),
    );
    await cluster.wait("condition=Ready", "pod/collector", namespace);
    const address = await cluster.kubectl(["get", "pod", "collector", "-n", namespace, "-o", "jsonpath={.status.podIP}"]);
    const span = { traceId: "1".repeat(32), spanId: "2".repeat(16), name: "seq=1", startTimeUnixNano: "1", endTimeUnixNano: "2" };
    const body = JSON.stringify({ resourceSpans: [{ resource: {}, scopeSpans: [{ spans: [span] }] }] });
    const script = `setInterval(() => fetch("http://${address}:4318/v1/traces", { method: "POST", headers: { "content-type": "application/json" },
      body: ${JSON.stringify(body)} }).catch(() => undefined), 500)`;
    await cluster.apply(nodeProgram({ name: "sender", namespace, script, labels: { team: "red" } }));
    const found = await eventually(
      "a span that bears the pod's name",
      () => Promise.resolve(destination.received("spans").find(({ resource }) => resource["k8s.pod.name"] === "sender")),
      (each) => each !== undefined,
      { explain: () => cluster.logs("collector", namespace, "--tail=20") },
    );
    const uid = await cluster.kubectl(["get", "pod", "sender", "-n", namespace, "-o", "jsonpath={.metadata.uid}"]);
    const resource: Readonly<Record<string, unknown>> = found?.resource ?? {};
    assert.deepEqual(
      ["k8s.namespace.name", "k8s.pod.uid", "k8s.node.name", "team"].map((key) => resource[key]),
      [namespace, uid, "node0", "red"],
    );
  });
});
