import { writeFileSync } from "node:fs";
import { cases } from "./cases.ts";
import { askReference, RECORDED } from "./conformance.ts";

// node record.ts PROGRAM: asks the reference, built by `go build` in reference/, and keeps its answers.
const [program] = process.argv.slice(2);
if (program === undefined) throw new Error("expected the path of the built reference program");
writeFileSync(RECORDED, `${JSON.stringify(askReference(program, cases), undefined, 1)}\n`);
