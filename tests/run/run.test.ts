import assert from "node:assert/strict";
import { mkdirSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { invar, startInvar, temporaryFolder, until } from "./invar.ts";

const folder = temporaryFolder();
after(folder.remove);
const file = (name: string, text: string) => {
  const path = join(folder.path, name);
  writeFileSync(path, text);
  return path;
};
const storage = `--storage.path=${join(folder.path, "data")}`;

test("answers probes, reloads a good configuration, refuses a bad one, and ends in order", async () => {
  const config = file("life.alloy", 'local.file "a" {\n\tfilename = "/etc/hostname"\n}\n');
  const process = await startInvar(config, storage);
  assert.deepEqual(await process.get("/-/ready"), { status: 200, text: "Alloy is ready.\n" });
  assert.deepEqual(await process.get("/-/healthy"), { status: 200, text: "All Alloy components are healthy.\n" });
  assert.match((await process.get("/metrics")).text, /^alloy_component_controller_running_components\{.*health_type="healthy"\} 1$/m);

  writeFileSync(config, 'local.file "a" {\n\tfilename = "/etc/hostname"\n}\nlocal.file "b" {\n\tfilename = "/etc/hosts"\n}\n');
  assert.deepEqual(await process.get("/-/reload"), { status: 200, text: "config reloaded\n" });
  const ids = async () =>
    (JSON.parse((await process.get("/api/v0/web/components")).text) as { localID: string }[]).map(({ localID }) => localID);
  assert.deepEqual((await ids()).sort(), ["local.file.a", "local.file.b"]);

  writeFileSync(config, 'local.file "a" {\n\tfilename = "/nowhere/at/all"\n}\nlocal.fil "c" { }\n');
  const refused = await process.get("/-/reload");
  assert.equal(refused.status, 400);
  assert.match(refused.text, /life\.alloy:4:1: cannot find the definition of component name "local\.fil"/);
  assert.match(refused.text, /did you mean "local\.file"\?/);
  assert.deepEqual((await ids()).sort(), ["local.file.a", "local.file.b"]);
  assert.match((await process.get("/metrics")).text, /^alloy_config_last_load_successful 0$/m);

  process.child.kill("SIGHUP");
  await until(() => process.log().split("failed to reload config").length > 2, "SIGHUP reloads");
  assert.equal(await process.stop(), 0);
  assert.match(process.log(), /msg=stopped/);
});

test("runs with its queues in memory, and says so, where the storage path can't be written", async () => {
  const config = file("memory.alloy", 'local.file "a" {\n\tfilename = "/etc/hostname"\n}\n');
  const process = await startInvar(config, "--storage.path=/proc/nowhere/at/all");
  assert.match(process.log(), /the storage path can't be written: queues and positions are kept in memory only/);
  assert.equal(await process.stop(), 0);
});

test("follows a mounted configuration through the swap of a symlink two folders up", async () => {
  const mount = join(folder.path, "mount");
  const version = (name: string, text: string) => {
    mkdirSync(join(mount, name), { recursive: true });
    writeFileSync(join(mount, name, "config.alloy"), text);
  };
  version("..one", 'local.file "one" {\n\tfilename = "/etc/hostname"\n}\n');
  symlinkSync("..one", join(mount, "..data"));
  symlinkSync("..data/config.alloy", join(mount, "config.alloy"));
  const process = await startInvar(join(mount, "config.alloy"), storage, "--config.watch");
  version("..two", 'local.file "two" {\n\tfilename = "/etc/hostname"\n}\n');
  symlinkSync("..two", join(mount, "..data_tmp"));
  renameSync(join(mount, "..data_tmp"), join(mount, "..data"));
  await until(async () => (await process.get("/api/v0/web/components")).text.includes("local.file.two"), "the new configuration runs");
  assert.equal(await process.stop(), 0);
});

test("a configuration that can't be loaded ends the program with all its findings", async () => {
  const config = file("bad.alloy", 'local.file "a" {\n\tfilenam = "/etc/hostname"\n}\nlocal.file "b" {\n\tfilename = nothing.here\n}\n');
  const { code, stderr } = await invar("run", config, storage, "--server.http.listen-addr=127.0.0.1:0");
  assert.equal(code, 1);
  assert.match(stderr, /bad\.alloy:2:2: unrecognized attribute name "filenam"/);
  assert.match(stderr, /bad\.alloy:1:1: missing required attribute "filename"/);
  assert.match(stderr, /bad\.alloy:5:13: component "nothing\.here" does not exist or is out of scope/);
});

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
