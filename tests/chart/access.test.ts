import assert from "node:assert/strict";
import { test } from "node:test";
import { render } from "./rendering.ts";

// What a collector may do at the API server follows from its configuration alone.

interface Rule {
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
  readonly verbs: readonly string[];
}

/** The roles, one a line: `* get,list,watch pods`, or a namespace in place of the star; `[name]` where only one object is meant. */
function roles(config: string, settings = ""): string[] {
  const { objects, errors } = render(`
collectors:
  one:
    presets: [deployment]
    alloy: {stabilityLevel: experimental}
    extraConfig: |
${config.replaceAll(/^/gm, "      ")}
${settings}`);
  assert.deepEqual(errors, []);
  return objects
    .filter(({ kind }) => kind === "ClusterRole" || kind === "Role")
    .flatMap(({ kind, metadata, rules }) =>
      (rules as readonly Rule[]).map((rule) => {
        const scope = kind === "ClusterRole" ? "*" : metadata.namespace;
        const names = rule.resourceNames === undefined ? "" : ` [${rule.resourceNames}]`;
        return `${scope} ${rule.verbs} ${rule.nonResourceURLs ?? rule.resources}${names}`;
      }),
    )
    .sort();
}

const watch = "get,list,watch";

const cases: readonly (readonly [title: string, config: string, expected: readonly string[]])[] = [
  ["nothing where no component asks the API server", `prometheus.exporter.self "a" { }`, []],
  ["targets of one role", `discovery.kubernetes "a" {\n  role = "pod"\n}`, [`* ${watch} pods`]],
  ["a role that needs several kinds", `discovery.kubernetes "a" {\n  role = "endpoints"\n}`, [`* ${watch} endpoints,pods,services`]],
  [
    "attached metadata",
    `discovery.kubernetes "a" {\n  role = "pod"\n\n  attach_metadata {\n    node = true\n    namespace = true\n  }\n}`,
    [`* ${watch} namespaces,nodes,pods`],
  ],
  [
    "namespaces that are named, in a role of each",
    `discovery.kubernetes "a" {\n  role = "service"\n\n  namespaces {\n    names = ["x", "z"]\n  }\n}`,
    [`x ${watch} services`, `z ${watch} services`],
  ],
  [
    "the pod's own namespace",
    `discovery.kubernetes "a" {\n  role = "pod"\n\n  namespaces {\n    own_namespace = true\n  }\n}`,
    [`monitoring ${watch} pods`],
  ],
  [
    "everything where the role is no literal",
    `discovery.kubernetes "a" {\n  role = sys.env("ROLE")\n}`,
    [`* ${watch} endpoints,namespaces,nodes,pods,services`, `* ${watch} endpointslices`, `* ${watch} ingresses`],
  ],
  [
    "the sum of several, inside of modules too",
    `discovery.kubernetes "a" {\n  role = "pod"\n}\ndeclare "m" {\n  discovery.kubernetes "b" {\n    role = "node"\n  }\n}`,
    [`* ${watch} nodes,pods`],
  ],
  ["one Secret by its name", `remote.kubernetes.secret "a" {\n  name = "s"\n  namespace = "n"\n}`, ["n get secrets [s]"]],
  ["events of one namespace", `loki.source.kubernetes_events "a" {\n  namespaces = ["n"]\n  forward_to = []\n}`, [`n ${watch} events`]],
  [
    "kinds that attributes of pods come from",
    `otelcol.processor.k8sattributes "a" {\n  extract {\n    metadata = ["k8s.job.name"]\n\n    label {\n      from = "daemonset"\n    }\n  }\n\n  output { }\n}`,
    [`* ${watch} daemonsets,replicasets`, `* ${watch} pods`],
  ],
  ["events of all", `loki.source.kubernetes_events "a" {\n  forward_to = []\n}`, [`* ${watch} events`]],
  [
    "metrics of nodes, scraped with the pod's token",
    `discovery.kubernetes "a" {\n  role = "node"\n}\nprometheus.scrape "a" {\n  targets = discovery.kubernetes.a.targets\n  forward_to = []\n  bearer_token_file = "/var/run/secrets/kubernetes.io/serviceaccount/token"\n}`,
    ["* get /metrics", "* get nodes/metrics", `* ${watch} nodes`],
  ],
];

for (const [title, config, expected] of cases)
  test(title, () => {
    assert.deepEqual(roles(config), [...expected].sort());
  });

const pods = `discovery.kubernetes "a" {\n  role = "pod"\n}\ndiscovery.kubernetes "b" {\n  role = "node"\n}`;

test("rbac.namespaces makes a Role in each of them, and nothing of what lies in none", () => {
  assert.deepEqual(roles(pods, "    rbac: {namespaces: [x, z]}"), [`x ${watch} pods`, `z ${watch} pods`]);
});

test("rules of the user's stand in for those computed", () => {
  assert.deepEqual(roles(pods, '    rbac: {rules: [{apiGroups: [""], resources: [pods], verbs: [get]}]}'), ["* get pods"]);
});

test("rbac.create=false makes none", () => {
  assert.deepEqual(roles(pods, "    rbac: {create: false}"), []);
});

test("a cluster's replicas see each other's addresses and share leases in their namespace", () => {
  assert.deepEqual(roles("logging {}", "    controller: {replicas: 2}").length, 0);
  const { objects } = render("collectors: {one: {presets: [statefulset, clustered], extraConfig: 'logging {}'}}");
  assert.deepEqual(
    objects.filter(({ kind }) => kind.endsWith("Role")).map(({ kind, metadata }) => `${kind} ${metadata.namespace}`),
    ["Role monitoring"],
  );
});

test("components less stable than is allowed are named with the level to write", () => {
  const { errors } = render("collectors: {one: {extraConfig: 'loki.secretfilter \"a\" {\n  forward_to = []\n}'}}");
  assert.match(errors.join(), /loki\.secretfilter/);
  assert.match(errors.join(), /stabilityLevel: experimental/);
});
