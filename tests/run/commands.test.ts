import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { invar, temporaryFolder } from "./invar.ts";

const folder = temporaryFolder();
after(folder.remove);
const file = (name: string, text: string) => {
  const path = join(folder.path, name);
  writeFileSync(path, text);
  return path;
};

for (const [args, message] of [
  [["run"], /write the path of one configuration/],
  [["run", "/nowhere.alloy"], /configuration path not found: \/nowhere\.alloy/],
  [["run", "--server.http.listen-adr=x", "y"], /unknown flag: --server\.http\.listen-adr; did you mean "--server\.http\.listen-addr"\?/],
  [["run", "--shutdown.drain-timeout=soon", "y"], /invalid argument "soon" for --shutdown\.drain-timeout: write a duration such as 90s/],
  [["run", "--stability.level=wild", "y"], /must be one of experimental, public-preview, generally-available/],
  [["rum"], /unknown command "rum"/],
] as const)
  test(`says what is wrong with: ${args.join(" ")}`, async () => {
    const { code, stderr } = await invar(...args);
    assert.equal(code, 1);
    assert.match(stderr, message);
  });

test("validate prints text, JSON and SARIF, and takes warnings as errors when it is told to", async () => {
  const config = file("warn.alloy", 'local.file "a" {\n\tfilename = env("HOME")\n}\n');
  const plain = await invar("validate", config);
  assert.equal(plain.code, 0);
  assert.match(plain.stderr, /this stdlib function is deprecated/);
  assert.equal((await invar("validate", "--strict", config)).code, 1);
  const findings = JSON.parse((await invar("validate", "--format=json", config)).stdout) as {
    findings: { code: string; start: { line: number } }[];
  };
  assert.deepEqual(
    findings.findings.map(({ code, start }) => `${start.line} ${code}`),
    ["1 component.unused", "2 function.deprecated"],
  );
  const sarif = JSON.parse((await invar("validate", "--format=sarif", config)).stdout) as { runs: { results: { ruleId: string }[] }[] };
  assert.equal(sarif.runs[0]?.results.length, 2);
});

test("fmt formats standard output, files in place, and tells whether it would", async () => {
  const config = file("fmt.alloy", 'local.file "a" {\nfilename="x"\n}\n');
  const formatted = 'local.file "a" {\n\tfilename = "x"\n}\n';
  assert.equal((await invar("fmt", config)).stdout, formatted);
  assert.equal((await invar("fmt", "--test", config)).code, 1);
  assert.equal((await invar("fmt", "-w", config)).code, 0);
  assert.equal((await invar("fmt", "-t", config)).code, 0);
  const { stderr, code } = await invar("fmt", "-w", "-t", config);
  assert.equal(code, 1);
  assert.match(stderr, /cannot use -w\/--write and -t\/--test at the same time/);
});
