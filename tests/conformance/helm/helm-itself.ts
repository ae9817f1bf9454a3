import assert from "node:assert/strict";
import { test } from "node:test";
import type { HelmVersion } from "../../../apps/chart-renderer/src/helm-version.ts";
import { realPart } from "../../backends/real-part.ts";
import { inOrder, readCases, recordedDifferences, recordedOutcomes, runAll } from "./conformance.ts";

// Helm takes a tenth of a second a line: CI asks it all of them, everyone else one in ten.
const isThorough = process.env.CI === "true";

const HELMS = { "3.22": "helm", "4.1": "helm-4.1", "4.2": "helm-4.2" } as const;

/** Tests that the recorded answers are those of this version of Helm; each version has a file, as a file's time is bounded. */
export function compareWithHelm(version: HelmVersion): void {
  const helm = realPart(HELMS[version]);
  test(`the recorded answers are those of Helm ${version}`, { skip: helm.skip }, () => {
    if (helm.path === undefined) return;
    const asked = [...readCases("runs.txt"), ...readCases("cases.txt")].filter((_, index) => isThorough || index % 10 === 0);
    const recorded = { ...recordedOutcomes(), ...recordedDifferences(version) };
    const answers = runAll({ helm: helm.path }, (line) => asked.includes(line));
    for (const [line, answer] of Object.entries(answers)) assert.deepEqual(inOrder(answer), inOrder(recorded[line]), line);
  });
}
