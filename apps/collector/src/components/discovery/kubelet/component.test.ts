import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock } from "../../../component/clock.ts";
import { decodeText } from "../../../component/from-text.ts";
import { testContext } from "../../../component/testing.ts";
import { ApiServerRig } from "../../../kubernetes/api-server-rig.ts";
import { component } from "./component.ts";

test("finds the pods of a kubelet below a path, in the namespaces that count, and says when the kubelet refuses", async () => {
  const rig = await new ApiServerRig().start();
  let status = 200;
  const pod = (name: string, namespace: string) => ({
    metadata: { name, namespace },
    spec: { containers: [{ name: "c", image: "i", ports: [{ containerPort: 80, protocol: "TCP" }] }] },
    status: { podIP: "10.0.0.1" },
  });
  rig.pages.set("/node/proxy/pods", (_, response) => {
    response.writeHead(status).end(JSON.stringify({ kind: "PodList", items: [pod("a", "shop"), pod("b", "other")] }));
  });
  const clock = new FakeClock();
  const context = testContext({ clock });
  const running = await component.create(context, decodeText(component, `url = "${rig.url}/node/proxy"\nnamespaces = ["shop"]`));
  await running.start();
  const settles = async (isDone: () => boolean) => {
    for (let tries = 0; !isDone() && tries < 400; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      await clock.advance(100);
    }
    assert.ok(isDone());
  };
  await settles(() => (context.exports.targets as unknown[]).length === 1);
  const [target] = context.exports.targets as Record<string, string>[];
  assert.deepEqual([target?.__address__, target?.__meta_kubernetes_pod_name], ["10.0.0.1:80", "a"]);
  status = 403;
  await settles(() => context.healthReports.at(-1)?.message === "what was found before stays: error response from kubelet: 403");
  assert.equal((context.exports.targets as unknown[]).length, 1);
  await running.stop(new AbortController().signal);
  await rig.stop();
});
