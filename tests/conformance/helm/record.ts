import { writeFileSync } from "node:fs";
import { requirePart } from "../../backends/real-part.ts";
import { RECORDED, recordedOutcomes, runAll } from "./conformance.ts";

// Asks the real Helm and keeps its answers: all, or those to the lines with the argument in them.
const part = process.argv[2];
const known = part === undefined ? {} : recordedOutcomes();
writeFileSync(
  RECORDED,
  `${JSON.stringify({ ...known, ...runAll(requirePart("helm"), (line) => part === undefined || line.includes(part)) }, undefined, 2)}\n`,
);
