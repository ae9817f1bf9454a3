// npm run bench -- --chart=CHART [--chart-values=FOLDER] measures the chart renderer, beside Helm when there is one.
// npm run bench -- [--case=PART]... [--runs=N] [--scale=X] [--peer=alloy=PATH]... [--program=PATH] [--json=FILE] [--profile=FOLDER]
// Runs each case as a whole process on fixed work; with peers in turn, so that all meet the same machine. Figures are medians.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { casesOf } from "./cases.ts";
import { findLoad } from "./load.ts";
import { measure, type Program, type Result } from "./measure.ts";
import { hottest } from "./profile.ts";
import { render, type Summary, summarize } from "./report.ts";

const { values } = parseArgs({
  options: {
    case: { type: "string", multiple: true },
    runs: { type: "string" },
    scale: { type: "string", default: "1" },
    peer: { type: "string", multiple: true, default: [] },
    program: { type: "string" },
    json: { type: "string" },
    profile: { type: "string" },
    chart: { type: "string" },
    "chart-values": { type: "string" },
  },
});
const repository = join(import.meta.dirname, "..", "..");
if (values.chart !== undefined) {
  const { benchCharts } = await import("./charts.ts");
  await benchCharts(
    repository,
    resolve(values.chart),
    values["chart-values"] && resolve(values["chart-values"]),
    Number(values.runs ?? "3"),
  );
  process.exit(0);
}
const load = findLoad(repository);
if ("absent" in load) {
  console.error(`bench: nothing was measured: ${load.absent}`);
  process.exit(1);
}
const large = join(repository, "..", "shared", "corpus", "large.alloy");
const all = casesOf(existsSync(large) ? readFileSync(large, "utf8") : undefined);
// A whole name means that case alone: scrape-20 is not meant to bring scrape-200 along.
const isWanted = (name: string, part: string) => (all.some((item) => item.name === part) ? name === part : name.includes(part));
const cases = all.filter(({ name }) => values.case === undefined || values.case.some((part) => isWanted(name, part)));
if (cases.length === 0) {
  console.error(`bench: no case matches ${values.case?.join(", ")}: ${all.map(({ name }) => name).join(", ")}`);
  process.exit(2);
}
const built = join(repository, "apps/collector/dist/invar");
const ours = values.program ?? (existsSync(built) ? built : join(repository, "node_modules/.bin/invar"));
const programs: Program[] = [
  { name: "invar", path: resolve(ours), isOurs: true },
  ...values.peer.map((peer) => {
    const [name = "", path] = peer.split("=", 2);
    if (path === undefined) throw new Error(`--peer=${peer}: write --peer=NAME=PATH`);
    return { name, path: resolve(path), isOurs: false };
  }),
];
const runs = Number(values.runs ?? (programs.length > 1 ? "3" : "1"));
console.log(`${programs[0]?.path}; ${runs} run${runs === 1 ? "" : "s"} a case, scale ${values.scale}`);

const results: Result[] = [];
const summaries: Summary[] = [];
for (const item of cases) {
  for (let run = 0; run < runs; run++) {
    for (const program of programs) {
      const options = { load: load.path, scale: Number(values.scale), profileFolder: values.profile && resolve(values.profile) };
      results.push(await measure(item, program, options));
    }
  }
  const ofCase = programs.map((program) =>
    summarize(
      item,
      results.filter((result) => result.case === item.name && result.program === program.name),
    ),
  );
  summaries.push(...ofCase);
  console.log(render(item, ofCase));
  if (values.profile !== undefined)
    for (const line of hottest(join(values.profile, `${item.name}.cpuprofile`))) console.log(`      ${line}`);
}
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify({ runs: results, medians: summaries }, undefined, 2)}\n`);
process.exitCode = summaries.some(({ program, errors }) => program === "invar" && errors.length > 0) ? 1 : 0;
