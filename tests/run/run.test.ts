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
