import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { systemClock } from "../component/clock.ts";
import { testContext } from "../component/testing.ts";
import { ApiServerRig } from "../kubernetes/api-server-rig.ts";
import { parseJoinAddress } from "../services/cluster/dns-source.ts";
import { clusterSettings, serviceOf, watchedSource } from "./cluster.ts";
import { parseFlags } from "./flags.ts";
import { runFlags } from "./run-flags.ts";

const slices = "/apis/discovery.k8s.io/v1/namespaces/ns/endpointslices";
let rig: ApiServerRig;
let folder: string;
beforeEach(async () => {
  rig = await new ApiServerRig().start();
  folder = mkdtempSync(join(tmpdir(), "invar-slices-"));
});
afterEach(async () => {
  await rig.stop();
  rmSync(folder, { recursive: true });
});

function slice(name: string, addressType: string, ...addresses: string[]) {
  return {
    metadata: { name, labels: { "kubernetes.io/service-name": "alloy" } },
    addressType,
    ports: [{ name: "http", port: 1 }],
    endpoints: addresses.map((address, i) => ({ addresses: [address], conditions: { ready: i > 0 } })),
  };
}

function watch(told: string[]) {
  const kubeconfigFile = join(folder, "kubeconfig");
  writeFileSync(
    kubeconfigFile,
    JSON.stringify({
      clusters: [{ name: "c", cluster: { server: rig.url } }],
      users: [{ name: "u", user: { token: "t" } }],
      contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
      "current-context": "x",
    }),
  );
  const names = {
    description: "dns",
    isAuthoritative: true,
    start(listener: { found(addresses: string[]): void }) {
      listener.found(["by-name:12345"]);
      return () => {};
    },
  };
  const context = { ...testContext({ clock: systemClock }), clock: systemClock };
  const source = watchedSource({ namespace: "ns", name: "alloy", port: 12345, kubeconfigFile }, names, context);
  return source.start({ found: (addresses) => told.push(addresses.join(" ")), failed: (reason) => told.push(`! ${reason}`) });
}

async function until(isSo: () => boolean): Promise<void> {
  for (let tries = 0; !isSo() && tries < 1000; tries++) await new Promise((resolve) => setTimeout(resolve, 10));
  assert.ok(isSo());
}

test("finds the pods behind a service, ready or not, once where there are two address families, and follows changes", async () => {
  rig.put(slices, slice("one", "IPv4", "10.0.0.1", "10.0.0.2"));
  rig.put(slices, slice("six", "IPv6", "fd00::1", "fd00::2"));
  const told: string[] = [];
  const stop = watch(told);
  await until(() => told.length === 1);
  rig.put(slices, slice("two", "IPv4", "10.0.0.3"));
  await until(() => told.length === 2);
  rig.remove(slices, "one");
  await until(() => told.length === 3);
  assert.deepEqual(told, ["10.0.0.1:12345 10.0.0.2:12345", "10.0.0.1:12345 10.0.0.2:12345 10.0.0.3:12345", "10.0.0.3:12345"]);
  stop();
});

test("looks the name up where EndpointSlices may not be read", async () => {
  rig.forbidden.add("list endpointslices");
  const told: string[] = [];
  const stop = watch(told);
  await until(() => told.length === 1);
  assert.deepEqual(told, ["by-name:12345"]);
  stop();
});

test("knows the name of a headless service from other names", () => {
  const service = (text: string) => serviceOf(parseJoinAddress(text));
  assert.deepEqual(service("alloy-cluster.ns.svc.cluster.local:12345"), { name: "alloy-cluster", namespace: "ns" });
  assert.deepEqual(service("alloy-cluster.ns.svc"), { name: "alloy-cluster", namespace: "ns" });
  for (const text of ["10.0.0.1", "alloy.example.com", "alloy.ns", "svc"]) assert.equal(service(text), undefined, text);
});

test("reads the flags, and says what is wrong with them", () => {
  const settings = (...argv: string[]) => clusterSettings(parseFlags(runFlags, argv).flags, "0.0.0.0:12345", testContext().log);
  const { joins, advertiseAddress, minimumSize, minimumSizeTimeoutMs, refreshMs, tls } = settings(
    "--cluster.enabled",
    "--cluster.join-addresses=a:1, b",
    "--cluster.advertise-address=10.0.0.9",
    "--cluster.wait-for-size=3",
    "--cluster.wait-timeout=5m",
  );
  assert.deepEqual(
    joins.map(({ host, port }) => `${host}:${port}`),
    ["a:1", "b:undefined"],
  );
  assert.deepEqual(
    [advertiseAddress, minimumSize, minimumSizeTimeoutMs, refreshMs, tls],
    ["10.0.0.9:12345", 3, 300_000, 60_000, undefined],
  );
  const mistakes = [
    [["--cluster.wait-for-size=many"], /write a whole number/],
    [["--cluster.discover-peers=provider=aws"], /--cluster.join-addresses/],
    [["--cluster.enable-tls", "--cluster.tls-cert-path=x"], /belong together/],
  ] as const;
  for (const [argv, message] of mistakes) assert.throws(() => settings("--cluster.enabled", ...argv), message);
});
