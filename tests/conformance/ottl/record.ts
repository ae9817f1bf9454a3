import { writeFileSync } from "node:fs";
import { requirePart } from "../../backends/real-part.ts";
import { askOracle, RECORDED, readCases } from "./conformance.ts";

// Asks the incumbent's transform processor and keeps its answers, a line each.
const lines = Object.entries(askOracle(requirePart("ottl"), readCases())).map((entry) => `${JSON.stringify(entry)}\n`);
writeFileSync(RECORDED, lines.join(""));
