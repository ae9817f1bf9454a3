import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { lintCommand } from "../../apps/chart-renderer/src/commands/lint.ts";
import type { Finding } from "../../apps/chart-renderer/src/finding.ts";
import { chartFolder } from "./rendering.ts";

// Every object is one that the oldest and the newest Kubernetes take, and the chart itself has no mistake that lint knows. The files that
// have every kind of object are looked at for the oldest too.

const cases = join(import.meta.dirname, "cases");

const EVERY_KIND = ["big-bang.yaml", "workloads.yaml"];

for (const version of ["1.28", "1.36"])
  for (const file of version === "1.28" ? EVERY_KIND : readdirSync(cases).filter((name) => name.endsWith(".yaml")))
    test(`${file}: lint finds nothing for Kubernetes ${version}`, () => {
      const { stdout, stderr } = lintCommand([chartFolder, "-o", "json", "--kube-version", version, "-f", join(cases, file)]);
      assert.equal(stderr, "");
      const { findings } = JSON.parse(stdout) as { findings: readonly Finding[] };
      const told = findings
        .filter(({ severity }) => severity !== "info")
        .map(({ rule, message, place }) => `${place?.file}: ${message} [${rule}]`);
      assert.deepEqual(told, []);
    });
