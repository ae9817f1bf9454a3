import { writeFileSync } from "node:fs";
import { requirePart } from "../../backends/real-part.ts";
import { allCases } from "./cases.ts";
import { askOracle, RECORDED } from "./conformance.ts";

// Asks the incumbent's translators and keeps their answers.
writeFileSync(RECORDED, `${JSON.stringify(askOracle(requirePart("ways-in"), allCases), undefined, 1)}\n`);
