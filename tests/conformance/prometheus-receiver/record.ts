// node record.ts PROGRAM: writes what the incumbent's receiver makes of the cases.
import { writeFileSync } from "node:fs";
import { cases } from "./cases.ts";
import { askOracle, RECORDED } from "./conformance.ts";

const [binary] = process.argv.slice(2);
if (binary === undefined) throw new Error("usage: node record.ts PROGRAM");
writeFileSync(RECORDED, `${JSON.stringify(askOracle(binary, cases), undefined, 1)}\n`);
