import assert from "node:assert/strict";
import { test } from "node:test";
import { HELM_VERSIONS } from "../../../apps/chart-renderer/src/helm-version.ts";
import { realPart } from "../../backends/real-part.ts";
import { inOrder, readCases, recordedDifferences, recordedOutcomes, runAll } from "./conformance.ts";

// Helm takes a tenth of a second a line: CI asks it all of them, everyone else one in ten.
const isThorough = process.env.CI === "true";
const asked = [...readCases("runs.txt"), ...readCases("cases.txt")].filter((_, index) => isThorough || index % 10 === 0);

for (const version of HELM_VERSIONS) {
  const helm = realPart(version === "3.22" ? "helm" : `helm-${version}`);
  test(`the recorded answers are those of Helm ${version}`, { skip: helm.skip }, () => {
    if (helm.path === undefined) return;
    const recorded = { ...recordedOutcomes(), ...recordedDifferences(version) };
    const answers = runAll({ helm: helm.path }, (line) => asked.includes(line));
    for (const [line, answer] of Object.entries(answers)) assert.deepEqual(inOrder(answer), inOrder(recorded[line]), line);
  });
}
