import { writeFileSync } from "node:fs";
import { cases } from "./cases.ts";
import { askOracle, RECORDED } from "./conformance.ts";

// node record.ts PROGRAM: asks the oracle, which ci/install builds of tests/backends/bridges, and keeps its answers.
const [program] = process.argv.slice(2);
if (program === undefined) throw new Error("expected the path of the built oracle");
writeFileSync(RECORDED, `${JSON.stringify(askOracle(program, cases), undefined, 1)}\n`);
