// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the placeholders of replacements look like ours
import assert from "node:assert/strict";
import { test } from "node:test";
import type { WireObject } from "../kubernetes/kind.ts";
import type { Rule } from "../relabel/rule.ts";
import type { JobPlan } from "./job-plan.ts";
import { fullRule } from "./job-rules.ts";
import { podMonitors, probes, serviceMonitors } from "./monitor-kinds.ts";
import type { PlanContext } from "./plan-context.ts";
import { podMonitorPlans } from "./pod-monitor-plans.ts";
import { probePlans } from "./probe-plans.ts";
import { serviceMonitorPlans } from "./service-monitor-plans.ts";

const context: PlanContext = {
  role: "endpoints",
  rules: [],
  allowFiles: false,
  read: async (kind, namespace, { name, key }) => `${kind}/${namespace}/${name}/${key}`,
};

/** A rule in a line: `keep a+b =~ regex`, `a -> b`, `a =~ regex -> b = replacement`. Labels without their common beginning. */
function line({ action, source_labels = [], regex, target_label, replacement }: Rule): string {
  const sources = source_labels.map((label) => label.replace("__meta_kubernetes_", "")).join("+");
  const matches = regex === "(.*)" ? "" : ` =~ ${regex}`;
  const writes = action === "replace" ? ` -> ${target_label}${replacement === "$1" ? "" : ` = ${replacement}`}` : "";
  return `${action === "replace" ? "" : `${action} `}${sources}${matches}${writes}`.trim();
}

const resource = (spec: object, name = "m") => ({ metadata: { name, namespace: "shop" }, spec }) as WireObject;
const ofService = (spec: object, more: Partial<PlanContext> = {}) =>
  serviceMonitorPlans(serviceMonitors.keep(resource(spec)), { ...context, ...more });
const ofPod = (spec: object) => podMonitorPlans(podMonitors.keep(resource(spec)), context);
const ofProbe = (spec: object) => probePlans(probes.keep(resource(spec)), context);
const first = (plans: readonly JobPlan[]) => plans[0] ?? assert.fail("no plan");

test("a ServiceMonitor gives a job for each endpoint, with the operator's rules in their order", async () => {
  const plans = await ofService({
    jobLabel: "team.name",
    targetLabels: ["tier"],
    podTargetLabels: ["rev"],
    selector: {
      matchLabels: { b: "2", "a/x": "1" },
      matchExpressions: [
        { key: "c", operator: "In", values: ["3", "4"] },
        { key: "d", operator: "NotIn", values: ["5"] },
        { key: "e", operator: "Exists" },
        { key: "f", operator: "DoesNotExist" },
      ],
    },
    endpoints: [
      {
        port: "http",
        relabelings: [{ action: "Drop", sourceLabels: ["x"], regex: "y" }],
        metricRelabelings: [{ targetLabel: "z", replacement: "1" }],
      },
      { targetPort: 9090 },
    ],
  });
  assert.deepEqual(
    plans.map(({ jobName }) => jobName),
    ["serviceMonitor/shop/m/0", "serviceMonitor/shop/m/1"],
  );
  assert.deepEqual(first(plans).find, { kind: "role", role: "endpoints", namespaces: ["shop"], attachNode: false });
  assert.deepEqual(first(plans).rules.map(line), [
    "job -> __tmp_prometheus_job_name",
    "keep service_label_a_x+service_labelpresent_a_x =~ (1);true",
    "keep service_label_b+service_labelpresent_b =~ (2);true",
    "keep service_label_c+service_labelpresent_c =~ (3|4);true",
    "drop service_label_d+service_labelpresent_d =~ (5);true",
    "keep service_labelpresent_e =~ true",
    "drop service_labelpresent_f =~ true",
    "keep endpoint_port_name =~ http",
    "endpoint_address_target_kind+endpoint_address_target_name =~ Node;(.*) -> node = ${1}",
    "endpoint_address_target_kind+endpoint_address_target_name =~ Pod;(.*) -> pod = ${1}",
    "namespace -> namespace",
    "service_name -> service",
    "pod_container_name -> container",
    "pod_name -> pod",
    "drop pod_phase =~ (Failed|Succeeded)",
    "service_label_tier =~ (.+) -> tier = ${1}",
    "pod_label_rev =~ (.+) -> rev = ${1}",
    "service_name -> job = ${1}",
    "service_label_team_name =~ (.+) -> job = ${1}",
    "-> endpoint = http",
    "drop x =~ y",
  ]);
  assert.deepEqual(first(plans).metricRules.map(line), ["-> z = 1"]);
  assert.ok(plans[1]?.rules.map(line).includes("keep pod_container_port_number =~ 9090"));
  assert.ok(plans[1]?.rules.map(line).includes("-> endpoint = 9090"));
});

test("with endpoint slices the labels of these are looked at; own rules come first", async () => {
  const own = fullRule({ action: "keep", source_labels: ["mine"], regex: "1" });
  const [plan] = await ofService(
    { namespaceSelector: { any: true }, attachMetadata: { node: true }, endpoints: [{ port: "p", filterRunning: false }] },
    { role: "endpointslice", rules: [own] },
  );
  assert.deepEqual(plan?.find, { kind: "role", role: "endpointslice", namespaces: [], attachNode: true });
  const lines = plan?.rules.map(line) ?? [];
  assert.deepEqual(lines.slice(0, 3), ["keep mine =~ 1", "job -> __tmp_prometheus_job_name", "keep endpointslice_port_name =~ p"]);
  assert.ok(lines.includes("endpointslice_address_target_kind+endpointslice_address_target_name =~ Pod;(.*) -> pod = ${1}"));
  assert.ok(!lines.some((each) => each.includes("pod_phase")));
});

test("an endpoint says how it is scraped, with secrets from its own namespace", async () => {
  const { scrape } = first(
    await ofService({
      sampleLimit: 5,
      labelLimit: 6,
      bodySizeLimit: "2MB",
      scrapeProtocols: ["PrometheusText0.0.4"],
      endpoints: [
        {
          interval: "1m30s",
          scrapeTimeout: "5s",
          path: "/x",
          scheme: "HTTPS",
          params: { a: ["b"] },
          honorLabels: true,
          honorTimestamps: false,
          proxyUrl: "http://p:1",
          followRedirects: false,
          enableHttp2: false,
          tlsConfig: {
            ca: { configMap: { name: "c", key: "ca" } },
            cert: { secret: { name: "s", key: "crt" } },
            keySecret: { name: "s", key: "key" },
            serverName: "n",
            insecureSkipVerify: true,
          },
          basicAuth: { username: { name: "s", key: "u" }, password: { name: "s", key: "p" } },
        },
      ],
    }),
  );
  const { tls_config, basic_auth, ...rest } = scrape;
  assert.deepEqual(rest, {
    sample_limit: 5,
    label_limit: 6,
    body_size_limit: 2 * 1024 * 1024,
    scrape_protocols: ["PrometheusText0.0.4"],
    honor_labels: true,
    honor_timestamps: false,
    scrape_interval: 90_000,
    scrape_timeout: 5000,
    metrics_path: "/x",
    scheme: "https",
    params: { a: ["b"] },
    proxy_url: "http://p:1",
    follow_redirects: false,
    enable_http2: false,
  });
  assert.deepEqual(
    [tls_config?.ca_pem, tls_config?.cert_pem, tls_config?.key_pem?.reveal(), tls_config?.server_name, tls_config?.insecure_skip_verify],
    ["configmaps/shop/c/ca", "secrets/shop/s/crt", "secrets/shop/s/key", "n", true],
  );
  assert.deepEqual([basic_auth?.username, basic_auth?.password?.reveal()], ["secrets/shop/s/u", "secrets/shop/s/p"]);
});

test("tokens, authorization and OAuth are taken from Secrets as well", async () => {
  const [token, authorization, oauth] = await ofService({
    endpoints: [
      { bearerTokenSecret: { name: "s", key: "t" } },
      { authorization: { credentials: { name: "s", key: "t" } } },
      {
        oauth2: {
          clientId: { configMap: { name: "c", key: "id" } },
          clientSecret: { name: "s", key: "secret" },
          tokenUrl: "http://t",
          scopes: ["a"],
        },
      },
    ],
  });
  assert.equal(token?.scrape.bearer_token?.reveal(), "secrets/shop/s/t");
  assert.deepEqual(
    [authorization?.scrape.authorization?.type, authorization?.scrape.authorization?.credentials?.reveal()],
    ["Bearer", "secrets/shop/s/t"],
  );
  assert.deepEqual(
    [oauth?.scrape.oauth2?.client_id, oauth?.scrape.oauth2?.client_secret?.reveal(), oauth?.scrape.oauth2?.token_url],
    ["configmaps/shop/c/id", "secrets/shop/s/secret", "http://t"],
  );
});

for (const [endpoint, field, instead] of [
  [{ bearerTokenFile: "/x" }, "bearerTokenFile", "bearerTokenSecret or authorization"],
  [{ tlsConfig: { caFile: "/x" } }, "tlsConfig.caFile", "tlsConfig.ca"],
  [{ tlsConfig: { certFile: "/x" } }, "tlsConfig.certFile", "tlsConfig.cert"],
  [{ tlsConfig: { keyFile: "/x" } }, "tlsConfig.keyFile", "tlsConfig.keySecret"],
] as const)
  test(`a ServiceMonitor may not name a file in ${field}, unless it is allowed`, async () => {
    await assert.rejects(ofService({ endpoints: [endpoint] }), {
      message: `serviceMonitor shop/m endpoint 0 uses ${field}, which is disallowed because allow_arbitrary_file_access is false; use ${instead} instead`,
    });
    const [plan] = await ofService({ endpoints: [endpoint] }, { allowFiles: true });
    assert.match(JSON.stringify(plan?.scrape), /"\/x"/);
  });

test("a PodMonitor looks at pods", async () => {
  const [byName, byNumber] = await ofPod({
    jobLabel: "team",
    podTargetLabels: ["rev"],
    selector: { matchLabels: { a: "1" } },
    namespaceSelector: { matchNames: ["x", "y"] },
    podMetricsEndpoints: [{ port: "http" }, { portNumber: 81, tlsConfig: { caFile: "/x" } }],
  });
  assert.equal(byName?.jobName, "podMonitor/shop/m/0");
  assert.deepEqual(byName?.find, { kind: "role", role: "pod", namespaces: ["x", "y"], attachNode: false });
  assert.deepEqual(byName?.rules.map(line), [
    "job -> __tmp_prometheus_job_name",
    "drop pod_phase =~ (Failed|Succeeded)",
    "keep pod_label_a+pod_labelpresent_a =~ (1);true",
    "keep pod_container_port_name =~ http",
    "namespace -> namespace",
    "pod_container_name -> container",
    "pod_name -> pod",
    "pod_label_rev =~ (.+) -> rev = ${1}",
    "-> job = shop/m",
    "pod_label_team =~ (.+) -> job = ${1}",
    "-> endpoint = http",
  ]);
  assert.ok(byNumber?.rules.map(line).includes("keep pod_container_port_number =~ 81"));
  assert.equal(byNumber?.scrape.tls_config?.ca_file, undefined);
});

test("a Probe has a prober look at addresses", async () => {
  const plan = first(
    await ofProbe({
      jobName: "ping",
      module: "http_2xx",
      interval: "30s",
      prober: { url: "blackbox:9115" },
      targets: { staticConfig: { static: ["https://a"], labels: { env: "x" } } },
    }),
  );
  assert.equal(plan.jobName, "probe/shop/m");
  assert.deepEqual(plan.find.kind === "static" && plan.find.targets.map((each) => ({ ...each })), [
    { namespace: "shop", env: "x", __address__: "https://a" },
  ]);
  assert.deepEqual(plan.rules.map(line), [
    "job -> __tmp_prometheus_job_name",
    "-> job = ping",
    "__address__ -> __param_target",
    "__param_target -> instance",
    "-> __address__ = blackbox:9115",
  ]);
  assert.deepEqual(plan.scrape, {
    honor_timestamps: true,
    scrape_interval: 30_000,
    metrics_path: "/probe",
    params: { module: ["http_2xx"] },
  });
});

test("a Probe has a prober look at the hosts of ingresses", async () => {
  const plan = first(
    await ofProbe({
      prober: { url: "blackbox" },
      targets: { ingress: { selector: { matchLabels: { a: "1" } }, namespaceSelector: { any: true } } },
    }),
  );
  assert.deepEqual(plan.find, { kind: "role", role: "ingress", namespaces: [], attachNode: false });
  assert.deepEqual(plan.rules.map(line), [
    "job -> __tmp_prometheus_job_name",
    "keep ingress_label_a+ingress_labelpresent_a =~ (1);true",
    "ingress_scheme+__address__+ingress_path =~ (.+);(.+);(.+) -> __param_target = ${1}://${2}${3}",
    "namespace -> namespace",
    "ingress_name -> ingress",
    "__address__ =~ (.+) -> __tmp_ingress_address",
    "__param_target -> instance",
    "-> __address__ = blackbox",
  ]);
});

for (const [spec, message] of [
  [{ endpoints: [{ interval: "soon" }] }, /parsing interval: /],
  [{ endpoints: [{ proxyUrl: "::" }] }, /parsing proxyUrl: "::" is not a URL/],
  [{ scrapeProtocols: ["Smoke"], endpoints: [{}] }, /unknown scrape protocol "Smoke"/],
  [{ bodySizeLimit: "big", endpoints: [{}] }, /parsing bodySizeLimit: "big" is no size/],
] as const)
  test(`says what is wrong with ${JSON.stringify(spec)}`, async () => {
    await assert.rejects(ofService(spec), message);
  });
