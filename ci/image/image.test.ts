import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { gunzipSync } from "node:zlib";
import { imageArchive, layerOf } from "./archive.ts";
import { readDockerfile } from "./dockerfile.ts";
import { tarOf } from "./tar.ts";

const folder = mkdtempSync(join(tmpdir(), "invar-image-"));
after(() => rmSync(folder, { recursive: true }));

const entries = [
  { path: "bin/", mode: 0o755 },
  { path: "bin/program", mode: 0o755, data: Buffer.from("p".repeat(700)) },
  { path: "bin/alias", mode: 0o777, target: "program" },
  { path: "tmp/", mode: 0o1777 },
];

test("an archive is what tar reads: names, permissions, sizes, links, owned by root", () => {
  const file = join(folder, "a.tar");
  writeFileSync(file, tarOf(entries));
  const listed = execFileSync("tar", ["-tvf", file, "--numeric-owner", "--utc"], { encoding: "utf8" });
  const wanted = [
    "drwxr-xr-x 0/0 0 bin/",
    "-rwxr-xr-x 0/0 700 bin/program",
    "lrwxrwxrwx 0/0 0 bin/alias -> program",
    "drwxrwxrwt 0/0 0 tmp/",
  ];
  const told = listed.trim().split("\n");
  assert.deepEqual(
    told.map((line) => line.replace(/1970-01-01 00:00 /, "").replace(/ +/g, " ")),
    wanted,
  );
});

test("an image holds its layers and its configuration under their digests, for containerd and for docker load", async () => {
  const layer = await layerOf(entries, join(folder, "layers"));
  const file = join(folder, "image.tar");
  writeFileSync(file, imageArchive("docker.io/a/b:1", { Entrypoint: ["/bin/program"], User: "1:1" }, [layer]));
  execFileSync("tar", ["-xf", file, "-C", folder]);
  const read = (path: string) => readFileSync(join(folder, path));
  const json = (path: string) => JSON.parse(read(path).toString());
  const blob = (digest: string) => {
    const data = read(`blobs/${digest.replace(":", "/")}`);
    assert.equal(`sha256:${createHash("sha256").update(data).digest("hex")}`, digest);
    return data;
  };
  const [named] = json("index.json").manifests;
  assert.equal(named.annotations["io.containerd.image.name"], "docker.io/a/b:1");
  const manifest = JSON.parse(blob(named.digest).toString());
  const config = JSON.parse(blob(manifest.config.digest).toString());
  assert.deepEqual(config.config, { Entrypoint: ["/bin/program"], User: "1:1" });
  const content = gunzipSync(blob(manifest.layers[0].digest));
  assert.deepEqual(config.rootfs.diff_ids, [`sha256:${createHash("sha256").update(content).digest("hex")}`]);
  const [forDocker] = json("manifest.json");
  assert.deepEqual(forDocker.RepoTags, ["docker.io/a/b:1"]);
  assert.equal(forDocker.Config, `blobs/${manifest.config.digest.replace(":", "/")}`);
  assert.deepEqual(await layerOf(entries, join(folder, "layers")), layer, "the cache gives the same bytes");
});

test("a Dockerfile is read as far as it needs no engine, and refused beyond", () => {
  const read = readDockerfile(readFileSync(join(import.meta.dirname, "Dockerfile"), "utf8"));
  assert.deepEqual(read.copies, [
    { from: "runtime", to: "/" },
    { from: "program", to: "/" },
  ]);
  assert.equal(read.config.User, "65532:65532");
  assert.ok(read.config.Entrypoint.includes("--max-old-space-size-percentage=45"), "the heap has its bound");
  assert.throws(() => readDockerfile("FROM scratch\nRUN true"), /RUN can't be followed/);
  assert.throws(() => readDockerfile("FROM debian"), /FROM scratch/);
  assert.throws(() => readDockerfile("FROM scratch\nENTRYPOINT node x"), /JSON/);
  assert.throws(() => readDockerfile("FROM scratch\nCOPY a /"), /ENTRYPOINT/);
});
