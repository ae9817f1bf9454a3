// The last line of CI: node ci/closing-line.ts SUMMARY... adds up what the runners of tests wrote. One that wrote nothing has failed.
import { existsSync, readFileSync } from "node:fs";
import { closingLine, type Sum } from "./verdict.ts";

const sums = process.argv.slice(2).map((file): Sum => {
  if (existsSync(file)) return JSON.parse(readFileSync(file, "utf8")) as Sum;
  console.log(`FAILED ${file}: the runner ended before its sum was known`);
  return { passed: 0, failed: 1, skipped: 0 };
});
const total = (what: keyof Sum) => sums.reduce((sum, each) => sum + each[what], 0);
console.log(closingLine({ passed: total("passed"), failed: total("failed"), skipped: total("skipped") }));
process.exitCode = total("failed") > 0 ? 1 : 0;
