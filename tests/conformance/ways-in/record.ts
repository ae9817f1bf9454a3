import { writeFileSync } from "node:fs";
import { requirePart } from "../../backends/real-part.ts";
import { allCases } from "./cases.ts";
import { askOracle, RECORDED } from "./conformance.ts";
import { operatorCases } from "./operator-cases.ts";
import { askOperators, RECORDED_OPERATORS } from "./operators.ts";

// Asks the incumbent's translators and operators and keeps their answers.
writeFileSync(RECORDED, `${JSON.stringify(askOracle(requirePart("ways-in"), allCases), undefined, 1)}\n`);
writeFileSync(RECORDED_OPERATORS, `${JSON.stringify(askOperators(requirePart("ways-in"), operatorCases), undefined, 1)}\n`);
