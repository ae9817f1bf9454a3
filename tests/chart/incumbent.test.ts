import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { mergeFiles, readYamlMap } from "../../apps/chart-renderer/src/index.ts";
import { writeYaml } from "../../apps/chart-renderer/src/yaml/write.ts";
import { type Body, parse } from "../../packages/alloy-syntax/src/index.ts";
import { render } from "./rendering.ts";

// Users name components of generated configurations in configuration of their own. So for the same values each feature's module has the
// same components as the one that k8s-monitoring generates, under the same labels, in the configuration of the same collector.

const corpus = join(import.meta.dirname, "../../../shared/corpus");
const skip = existsSync(corpus) ? false : "no corpus beside the repository";

/** What is not there yet is left out: whole features, and programs to install, in whose place there are others already. */
const present = readYamlMap(`
autoInstrumentation: null
costMetrics: null
integrations: null
kubernetesManifests: null
podLogsObjects: null
profilesReceiver: null
profiling: null
windowsEventLogs: null
telemetryServices: null
clusterMetrics: {kube-state-metrics: {labelMatchers: {app: kube-state-metrics}}}
hostMetrics:
  linuxHosts: {labelMatchers: {app: node-exporter}}
  windowsHosts: {labelMatchers: {app: windows-exporter}}
  energyMetrics: {labelMatchers: {app: kepler}}
`);

/** Modules of features that are not there yet. */
const ABSENT = /^(auto_instrumentation|cost_metrics|kubernetes_manifests|pod_logs_objects|profil\w+|windows_event_logs|\w+_integration)$/;

/** The components of each module: `cluster_events: loki.process "cluster_events", …`. */
function modulesOf(text: string, name: string): Map<string, string[]> {
  const { file, diagnostics } = parse({ name, text });
  assert.deepEqual(diagnostics, []);
  const modules = file.body.flatMap((statement) => {
    if (statement.kind !== "block" || statement.name[0]?.text !== "declare") return [];
    return [[statement.label?.text ?? "", componentsOf(statement.body)] as const];
  });
  return new Map(modules.filter(([module]) => !ABSENT.test(module)));
}

function componentsOf(body: Body): string[] {
  return body
    .flatMap((inner) => (inner.kind === "block" ? [`${inner.name.map(({ text }) => text).join(".")} "${inner.label?.text ?? ""}"`] : []))
    .sort();
}

const files = skip === false ? readdirSync(join(corpus, "values")) : ["every file.yaml"];
for (const file of files) {
  test(`${file}: modules have the components that k8s-monitoring gives them`, { skip }, (context) => {
    const values = mergeFiles(readYamlMap(readFileSync(join(corpus, "values", file), "utf8")), present);
    const { configurations, errors } = render(writeYaml(values), { release: "k8smon", namespace: "default" });
    if (errors.length > 0) return context.diagnostic("does not render: see corpus.test.ts");
    for (const [name, text] of configurations) {
      const theirs = join(corpus, "alloy", `${file.replace(/\.yaml$/, "")}.${name.replace(/^k8smon-/, "")}.alloy`);
      if (!existsSync(theirs)) continue;
      const expected = modulesOf(readFileSync(theirs, "utf8"), theirs);
      const actual = modulesOf(text, name);
      assert.deepEqual([...actual.keys()].sort(), [...expected.keys()].sort());
      for (const [module, components] of expected) assert.deepEqual(actual.get(module), components, module);
    }
  });
}
