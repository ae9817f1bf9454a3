import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { findingsOf } from "../../apps/collector/src/commands/validate.ts";
import { format, renderDiagnostic } from "../../packages/alloy-syntax/src/index.ts";
import { parts } from "../../values-schema/src/index.ts";
import { follow, problemsOf } from "./advice.ts";
import { render } from "./rendering.ts";
import { pairwise, setAt, type Toggle, togglesOf } from "./toggles.ts";

// Values that switch on every feature and destination, with every two flags and choices together in every combination: each renders, after the
// chart's own advice where choices do not go together, and its configurations are formatted and valid. The values are JSON, which is YAML.

const folder = mkdtempSync(join(tmpdir(), "chart-toggles-"));
after(() => rmSync(folder, { recursive: true }));

const collectors = {
  logs: { presets: ["daemonset", "filesystem-log-reader"] },
  hosts: { presets: ["daemonset", "clustered", "linux-host-monitor"] },
  metrics: { presets: ["statefulset", "clustered"] },
  receiver: { presets: ["deployment"] },
  singleton: { presets: ["singleton"] },
};

/** Where a feature runs, and what it needs beside its toggles. */
const features: Readonly<Record<string, object>> = {
  annotationAutodiscovery: { collector: "metrics" },
  applicationObservability: { collector: "receiver", receivers: { otlp: { grpc: { enabled: true } } } },
  clusterEvents: { collector: "singleton" },
  clusterMetrics: { collector: "metrics" },
  hostMetrics: { collector: "hosts" },
  podLogsViaLoki: { collector: "logs", staticLabels: { a: "b" }, secretFilter: { inclusionSelector: '{app="x"}' } },
  prometheusOperatorObjects: { collector: "metrics" },
  selfReporting: {},
};

const url = "http://destination.example.com:4317";
const auth = { username: "user", password: "password", bearerToken: "token", oauth2: { clientId: "a", clientSecret: "b", tokenURL: url } };
const destinations: Readonly<Record<string, object>> = {
  loki: { type: "loki", url, auth },
  prometheus: { type: "prometheus", url, auth, metricEnrichment: { podLabels: ["app"] } },
  otlp: {
    type: "otlp",
    url,
    auth,
    sendingQueue: { batch: { sizer: "items", flushTimeout: "1s" } },
    processors: { memoryLimiter: { limit: "100MiB" }, filters: { traces: { span: ['name == "x"'] } } },
  },
};

/** Values that fail by name, or that need others beside them: their combinations are cases of their own. */
const EXCLUDED = /(^|\.)(disabled|create)$|rules\.enabled|sigv4\.enabled|tailSampling|serviceGraphMetrics|^destinations\.\w+\.type$/;

function toggles(): Toggle[] {
  return [
    ...Object.keys(features).flatMap((key) => togglesOf(parts.features[key], [key])),
    ...Object.keys(destinations).flatMap((type) => togglesOf(parts.destinations[type], ["destinations", type])),
  ].filter(({ path }) => !EXCLUDED.test(path.join(".")) && !(path.length === 2 && path[1] === "enabled"));
}

function valuesOf(chosen: readonly Toggle[], row: readonly number[]): Record<string, unknown> {
  // Not structuredClone: what is the same object in two places must become two.
  const values = JSON.parse(JSON.stringify({ cluster: { name: "test" }, collectors, destinations, ...features })) as Record<
    string,
    unknown
  >;
  for (const key of Object.keys(features)) setAt(values, [key, "enabled"], true);
  chosen.forEach(({ path, choices }, at) => {
    setAt(values, path, choices[row[at] as number]);
  });
  return values;
}

/** Numbers between 0 and 1, the same in every run. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}

/** The values after the advice of the chart's own messages, where some choices do not go together. */
function advised(values: string): string {
  for (let round = 0; round < 3; round++) {
    const advice = problemsOf(render(values).errors).filter((problem) => problem.advice !== "");
    if (advice.length === 0) break;
    for (const problem of advice) values = follow(problem.advice, values);
  }
  return values;
}

const all = toggles();
const rows = pairwise(all, seeded(7));

test(`${rows.length} values files hold every pair of the choices of ${all.length} toggles; all render to valid configurations`, () => {
  rows.forEach((row, number) => {
    const values = advised(JSON.stringify(valuesOf(all, row)));
    const { configurations, errors } = render(values);
    assert.deepEqual(errors, [], `values ${number}`);
    for (const [name, text] of configurations) {
      const path = join(folder, `${name}.alloy`);
      writeFileSync(path, text);
      const wrong = findingsOf(path, "experimental").filter(({ severity }) => severity === "error");
      assert.deepEqual(
        wrong.map((finding) => renderDiagnostic(finding)),
        [],
        `values ${number}`,
      );
      assert.equal(text, format(text, path).text);
    }
  });
});
