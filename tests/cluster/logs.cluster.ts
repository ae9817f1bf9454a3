import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type Destination, startDestination } from "../destinations/destination.ts";
import { nodeAddress } from "./layout.ts";
import { startLogWriter } from "./log-writer.ts";
import { account, collectorDaemonSet, configMap } from "./objects.ts";
import { withNamespace } from "./with-cluster.ts";

const mayRead = [
  { apiGroups: [""], resources: ["pods", "namespaces", "nodes"], verbs: ["get", "list", "watch"] },
  { apiGroups: [""], resources: ["pods/log"], verbs: ["get"] },
];

function config(namespace: string, files: Destination, api: Destination): string {
  return `discovery.kubernetes "pods" {
	role = "pod"
	selectors {
		role  = "pod"
		field = "spec.nodeName=" + sys.env("NODE_NAME")
	}
	namespaces {
		names = ["${namespace}"]
	}
}

discovery.relabel "pods" {
	targets = discovery.kubernetes.pods.targets
	rule {
		source_labels = ["__meta_kubernetes_pod_label_app"]
		regex         = "writer"
		action        = "keep"
	}
	rule {
		source_labels = ["__meta_kubernetes_pod_name"]
		target_label  = "pod"
	}
	rule {
		source_labels = ["__meta_kubernetes_pod_uid", "__meta_kubernetes_pod_container_name"]
		separator     = "/"
		replacement   = "/var/log/pods/*$1/*.log"
		target_label  = "__path__"
	}
}

local.file_match "pods" {
	path_targets = discovery.relabel.pods.output
	sync_period  = "1s"
}

loki.source.file "files" {
	targets    = local.file_match.pods.targets
	forward_to = [loki.process.cri.receiver]
	file_watch {
		min_poll_frequency = "100ms"
		max_poll_frequency = "250ms"
	}
}

loki.process "cri" {
	stage.cri { }
	forward_to = [loki.write.files.receiver]
}

loki.source.kubernetes "api" {
	targets    = discovery.relabel.pods.output
	forward_to = [loki.write.api.receiver]
}

loki.write "files" {
	endpoint {
		url        = "${files.lokiUrl}"
		batch_wait = "200ms"
	}
}

loki.write "api" {
	endpoint {
		url        = "${api.lokiUrl}"
		batch_wait = "200ms"
	}
}
`;
}

test("lines of a pod arrive once each, by the node's files and by the API, while the kubelet rotates, containers restart, the API server and collectors die", async () => {
  await withNamespace("logs", async (cluster, namespace) => {
    await using files = await startDestination({ address: nodeAddress });
    await using api = await startDestination({ address: nodeAddress });
    await cluster.apply(
      ...account("collector", namespace, mayRead),
      configMap("collector", namespace, { "config.alloy": config(namespace, files, api) }),
      collectorDaemonSet({
        name: "collector",
        namespace,
        // The kubelet's files are root's alone.
        user: 0,
        serviceAccount: "collector",
        hostPaths: ["/var/log/pods"],
        writable: { "/var/lib/invar": join(cluster.folder, "log-test") },
      }),
    );
    const writer = await startLogWriter(cluster, "writer", namespace, { app: "writer" });
    const isReady = () => cluster.kubectl(["rollout", "status", "daemonset/collector", "-n", namespace, "--timeout=120s"]);
    await isReady();
    const folder = join(
      cluster.podLogs,
      readdirSync(cluster.podLogs).find((name) => name.startsWith(`${namespace}_writer_`)) ?? "",
      "main",
    );
    const arrived = async (what: string, lines: number) => {
      const begun = performance.now();
      for (const [way, to] of [["files", files] as const, ["the API", api] as const])
        await to
          .until(() => to.sequences("lines").counts().unique >= lines, 60_000)
          .catch(async () => {
            const log = await cluster.kubectl(["logs", "-n", namespace, "daemonset/collector", "--tail=20"]);
            throw new Error(`${what}: by ${way} ${JSON.stringify(to.sequences("lines").counts())} of ${lines}\n${log}`);
          });
      console.log(`${what}: ${lines} lines, the last ${Math.round(performance.now() - begun)} ms after it was written`);
    };
    await arrived("at first", await writer.write(100, 100));

    const rotated = await writer.write(24_000, 1500);
    await arrived("while the kubelet rotates", rotated);
    assert.ok(readdirSync(folder).length > 1, `the kubelet rotated: ${readdirSync(folder)}`);

    await writer.write(500, 500);
    await writer.restart();
    await arrived("after a restart of the container", await writer.write(500, 500));

    await cluster.kill("kube-apiserver");
    const whileAway = await writer.write(1000, 200);
    await files.until(() => files.sequences("lines").counts().unique >= whileAway, 60_000);
    await sleep(3000);
    await cluster.revive("kube-apiserver");
    await arrived("after the API server was away", await writer.write(100, 100));

    const doubledBefore = [files, api].map((each) => each.sequences("lines").counts().duplicates);
    const pod = (await cluster.kubectl(["get", "pods", "-n", namespace, "-l", "app=collector", "-o", "name"])).trim();
    await cluster.kubectl(["delete", "-n", namespace, pod, "--grace-period=0", "--force"]);
    await writer.write(500, 250);
    await isReady();
    await arrived("after the collector was killed", await writer.write(100, 100));

    assert.deepEqual(doubledBefore, [0, 0], "nothing came twice before the kill");
    for (const each of [files, api]) {
      const { duplicates, missing } = each.sequences("lines").counts();
      assert.equal(missing, 0);
      assert.ok(duplicates <= 600, `at most a batch in flight came twice, ${duplicates} lines did`);
    }
  });
});
