import { writeFileSync } from "node:fs";
import { requirePart } from "../../backends/real-part.ts";
import { inOrder, recordedDifferences, recordedOutcomes, recordOf, runAll } from "./conformance.ts";

// Asks the real Helms and keeps their answers: all, or those to the lines with the argument in them.
const part = process.argv[2];
const isWanted = (line: string): boolean => part === undefined || line.includes(part);
const outcomes = { ...(part === undefined ? {} : recordedOutcomes()), ...runAll({ helm: requirePart("helm") }, isWanted) };
keep("3.22", outcomes);
for (const version of ["4.1", "4.2"] as const) {
  const known = part === undefined ? {} : recordedDifferences(version);
  const answers = { ...known, ...runAll({ helm: requirePart(`helm-${version}`) }, isWanted) };
  keep(version, Object.fromEntries(Object.entries(answers).filter(([line, answer]) => inOrder(answer) !== inOrder(outcomes[line]))));
}

function keep(version: Parameters<typeof recordOf>[0], answers: object): void {
  writeFileSync(recordOf(version), `${JSON.stringify(answers, undefined, 2)}\n`);
}
