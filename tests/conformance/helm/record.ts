import { writeFileSync } from "node:fs";
import { requirePart } from "../../backends/real-part.ts";
import { RECORDED, runAll } from "./conformance.ts";

// Asks the real Helm and keeps its answers.
writeFileSync(RECORDED, `${JSON.stringify(runAll(requirePart("helm")), undefined, 2)}\n`);
