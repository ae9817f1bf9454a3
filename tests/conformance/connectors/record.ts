import { writeFileSync } from "node:fs";
import { requirePart } from "../../backends/real-part.ts";
import { cases } from "./cases.ts";
import { askReference, RECORDED } from "./conformance.ts";

// Asks the real processors and connectors, and keeps their answers.
writeFileSync(RECORDED, `${JSON.stringify(askReference(requirePart("connectors"), cases))}\n`);
