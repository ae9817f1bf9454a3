import assert from "node:assert/strict";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { imagesBuilt } from "./collector-image.ts";
import { collectorPod, configMap } from "./objects.ts";
import { withNamespace } from "./with-cluster.ts";

const config = 'prometheus.exporter.self "own" { }\n';

for (const [name, user] of [
  ["its own user", 65_532],
  ["any user", 1_234_567],
] as const)
  test(`the image runs read-only as ${name}, is ready and healthy, and ends by itself when told to`, async () => {
    await withNamespace(`image-${user}`, async (cluster, namespace) => {
      await cluster.apply(
        configMap("collector", namespace, { "config.alloy": config }),
        collectorPod({ name: "collector", namespace, user, memory: "256Mi", restartPolicy: "Never" }),
      );
      await cluster.wait("condition=Ready", "pod/collector", namespace);
      const status = (path: string) => cluster.kubectl(["get", "pod", "collector", "-n", namespace, "-o", `jsonpath=${path}`]);
      const url = `http://${await status("{.status.podIP}")}:12345`;
      for (const path of ["/-/ready", "/-/healthy", "/"]) assert.equal((await fetch(url + path)).status, 200, path);
      const container = (await status("{.status.containerStatuses[0].containerID}")).replace("containerd://", "");
      const told = performance.now();
      await cluster.run("node", "ctr", "-a", "/run/containerd/containerd.sock", "-n", "k8s.io", "task", "kill", "-s", "SIGTERM", container);
      let exitCode = "";
      while (exitCode === "") {
        assert.ok(performance.now() - told < 30_000, "it does not end");
        await sleep(100);
        exitCode = await status("{.status.containerStatuses[0].state.terminated.exitCode}");
      }
      assert.equal(exitCode, "0", await cluster.logs("collector", namespace));
    });
  });

test("the image is small, and nothing in it can be run but Node and what Node loads", () => {
  const { size } = statSync(imagesBuilt.collector);
  console.log(`${(size / 1e6).toFixed(1)} MB compressed`);
  assert.ok(size < 60e6, `${size} bytes`);
  const files = ["runtime", "program"].flatMap((layer) =>
    readdirSync(join(imagesBuilt.context, layer), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()),
  );
  const runnable = files.filter((entry) => (statSync(join(entry.parentPath, entry.name)).mode & 0o111) !== 0).map((entry) => entry.name);
  assert.deepEqual(
    runnable.filter((name) => !/^(lib|ld-linux).*\.so\.\d+$|^snappy\.node$/.test(name)),
    ["node"],
  );
});
