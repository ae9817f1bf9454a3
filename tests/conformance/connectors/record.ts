import { writeFileSync } from "node:fs";
import { requirePart } from "../../backends/real-part.ts";
import { cases } from "./cases.ts";
import { askReference, RECORDED } from "./conformance.ts";

// Asks the real processors and connectors and keeps their answers, a line each.
const answers = askReference(requirePart("connectors"), cases);
writeFileSync(RECORDED, cases.map(({ name }) => `${JSON.stringify([name, answers[name]])}\n`).join(""));
