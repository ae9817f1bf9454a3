// What the collector's memory grows by while it finds 10,000 pods of fake nodes, on a real API server. By hand, after ci/install kubernetes kwok:
//   node tests/cluster/scale.bench.ts [PODS, a multiple of 20]
import { readFileSync, writeFileSync } from "node:fs";
import { Agent, request } from "node:https";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { requirePart } from "../backends/real-part.ts";
import { freePort, startPart, temporaryFolder } from "../backends/running-part.ts";
import { startInvar, temporaryFolder as testFolder } from "../run/invar.ts";
import { type ControlPlane, startControlPlane } from "./control-plane.ts";
import { eventually } from "./eventually.ts";

// A container each.
const targetsAPod = 2;
const podCount = Number(process.argv[2] ?? 10_000);

/** What befalls fake nodes and pods: both are ready at once. */
const stages = [
  stage(
    "node-ready",
    "Node",
    [{ key: ".status.phase", operator: "DoesNotExist" }],
    'phase: Running\nconditions: [{ type: Ready, status: "True" }]',
  ),
  stage(
    "pod-ready",
    "Pod",
    [{ key: ".status.podIP", operator: "DoesNotExist" }],
    `phase: Running
conditions: [{ type: Ready, status: "True" }]
podIP: {{ PodIPWith .spec.nodeName false ( or .metadata.uid "" ) ( or .metadata.name "" ) ( or .metadata.namespace "" ) | Quote }}
containerStatuses:
{{ range .spec.containers }}
- { name: {{ .name | Quote }}, image: {{ .image | Quote }}, ready: true, restartCount: 0, state: { running: { startedAt: {{ Now | Quote }} } } }
{{ end }}`,
  ),
];

function stage(name: string, kind: string, matchExpressions: readonly object[], statusTemplate: string): object {
  return {
    apiVersion: "kwok.x-k8s.io/v1alpha1",
    kind: "Stage",
    metadata: { name },
    spec: { resourceRef: { apiGroup: "v1", kind }, selector: { matchExpressions }, next: { statusTemplate } },
  };
}

/** Puts pods in place as fast as the API server takes them; kubectl holds itself back. */
async function createPods(plane: ControlPlane, count: number): Promise<void> {
  const pki = dirname(plane.kubeconfig);
  const [ca, cert, key] = ["ca.crt", "admin.crt", "admin.key"].map((name) => readFileSync(join(pki, name)));
  const agent = new Agent({ keepAlive: true, maxSockets: 8, ca, cert, key });
  const url = `${plane.server}/api/v1/namespaces/default/pods`;
  const post = (pod: object) =>
    new Promise<void>((resolve, reject) => {
      const sent = request(url, { method: "POST", agent, headers: { "content-type": "application/json" } }, (answer) => {
        answer.resume();
        answer.on("end", () => (answer.statusCode === 201 ? resolve() : reject(new Error(`a pod was answered with ${answer.statusCode}`))));
      });
      sent.on("error", reject);
      sent.end(JSON.stringify(pod));
    });
  let next = 0;
  const lane = async () => {
    while (next < count) await post(podOf(next++));
  };
  await Promise.all(Array.from({ length: 8 }, lane));
  agent.destroy();
}

/** As large as those of ordinary charts are. */
function podOf(index: number): object {
  const app = `app-${index % 200}`;
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: `${app}-7d9c5b8f6-${index}`,
      labels: {
        app,
        "app.kubernetes.io/name": app,
        "app.kubernetes.io/version": "1.2.3",
        "pod-template-hash": "7d9c5b8f6",
        team: `team-${index % 20}`,
      },
      annotations: { "prometheus.io/scrape": "true", "prometheus.io/port": "8080", "checksum/config": "0".repeat(64) },
    },
    spec: {
      nodeName: `fake-${index % 50}`,
      automountServiceAccountToken: false,
      tolerations: [{ operator: "Exists" }],
      containers: ["main", "sidecar"].map((name) => ({
        name,
        image: `registry.example/${app}/${name}:1.2.3`,
        ports: [{ name: "http", containerPort: name === "main" ? 8080 : 9090 }],
        env: Array.from({ length: 15 }, (_, number) => ({ name: `SETTING_${number}`, value: `a value of some length, ${number}` })),
        resources: { requests: { cpu: "10m", memory: "64Mi" } },
      })),
    },
  };
}

await measure();

async function measure(): Promise<void> {
  await using plane = await startControlPlane();
  const nodes = Array.from({ length: 50 }, (_, index) => ({
    apiVersion: "v1",
    kind: "Node",
    metadata: { name: `fake-${index}`, annotations: { "kwok.x-k8s.io/node": "fake" } },
  }));
  await plane.apply(...nodes);
  const port = await freePort();
  const kwokFolder = temporaryFolder("kwok");
  const stagesFile = join(kwokFolder, "stages.yaml");
  writeFileSync(stagesFile, stages.map((each) => JSON.stringify(each)).join("\n---\n"));
  await using kwok = await startPart({
    path: requirePart("kwok"),
    folder: kwokFolder,
    args: [
      `--kubeconfig=${plane.kubeconfig}`,
      `--config=${stagesFile}`,
      "--manage-all-nodes=true",
      "--cidr=10.0.0.0/16",
      `--server-address=127.0.0.1:${port}`,
    ],
    readyUrl: `http://127.0.0.1:${port}/healthz`,
    readyWithinMs: 60_000,
  });
  const folder = testFolder();
  try {
    const config = join(folder.path, "config.alloy");
    writeFileSync(
      config,
      `discovery.kubernetes "pods" {
	role            = "pod"
	kubeconfig_file = "${plane.kubeconfig}"
}

discovery.relabel "none" {
	targets = discovery.kubernetes.pods.targets
	rule {
		source_labels = ["__meta_kubernetes_pod_label_team"]
		regex         = "team-1"
		action        = "keep"
	}
}

prometheus.scrape "none" {
	targets         = discovery.relabel.none.output
	forward_to      = []
	scrape_interval = "1h"
}
`,
    );
    const invar = await startInvar(config, `--storage.path=${join(folder.path, "data")}`);
    try {
      const residentMiB = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${invar.child.pid}/status`, "utf8"))?.[1]) / 1024;
      await sleep(3000);
      const before = residentMiB();
      const begun = performance.now();
      await createPods(plane, podCount);
      console.log(`${podCount} pods were made in ${((performance.now() - begun) / 1000).toFixed(0)} s`);
      // The page of a component would hold all that it is given.
      const kept = async () => Number(/^prometheus_scrape_targets_gauge\{.*\} (\d+)$/m.exec((await invar.get("/metrics")).text)?.[1]);
      await eventually("every pod of the team is found", kept, (count) => count === (podCount / 20) * targetsAPod, {
        withinMs: 900_000,
        explain: async () => `${invar.log().slice(-2000)}\n${kwok.output().slice(-1000)}`,
      });
      const seen: number[] = [];
      for (let i = 0; i < 20; i++) {
        seen.push(residentMiB());
        await sleep(500);
      }
      const grown = Math.min(...seen) - before;
      console.log(`${before.toFixed(0)} MiB without pods, ${grown.toFixed(0)} MiB more with ${podCount}`);
    } finally {
      await invar.stop();
    }
  } finally {
    folder.remove();
  }
}
