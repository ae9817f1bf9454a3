import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { FakeClock } from "../../component/clock.ts";
import { decodeText } from "../../component/from-text.ts";
import type { ImportExports } from "../../component/module-text.ts";
import { testContext } from "../../component/testing.ts";
import { component as importFile } from "./file/component.ts";
import { component as importGit } from "./git/component.ts";
import { component as importHttp } from "./http/component.ts";

const folder = mkdtempSync(join(tmpdir(), "invar-import-"));
after(() => rmSync(folder, { recursive: true }));
const texts = (exports: Record<string, unknown>) => (exports as unknown as ImportExports).modules.map(({ text }) => text);
const noDeadline = AbortSignal.abort();

test("import.file reads a folder's files in order and follows changes", async () => {
  const clock = new FakeClock();
  const context = testContext({ clock });
  const path = join(folder, "modules");
  mkdirSync(path);
  writeFileSync(join(path, "b.alloy"), "// b");
  writeFileSync(join(path, "a.alloy"), "// a");
  writeFileSync(join(path, "c.txt"), "no");
  const component = await importFile.create(context, decodeText(importFile, `filename = ${JSON.stringify(path)}`));
  assert.deepEqual(texts(context.exports), ["// a", "// b"]);
  await component.start();
  writeFileSync(join(path, "a.alloy"), "// changed");
  await clock.advance(1000);
  assert.deepEqual(texts(context.exports), ["// changed", "// b"]);
  rmSync(path, { recursive: true });
  await clock.advance(1000);
  assert.equal(context.healthReports.at(-1)?.state, "unhealthy");
  assert.deepEqual(texts(context.exports), ["// changed", "// b"]);
  await component.stop(noDeadline);
});

test("import.http keeps the last module while the server fails", async () => {
  let answer = { status: 200, body: "// one" };
  const server = createServer((request, response) =>
    response.writeHead(answer.status).end(answer.body + String(request.headers["x-a"])),
  ).listen(0, "127.0.0.1");
  after(() => server.close());
  await new Promise((resolve) => server.once("listening", resolve));
  const clock = new FakeClock();
  const context = testContext({ clock });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/m`;
  const args = decodeText(importHttp, `url = "${url}"\nheaders = { "X-A" = "h" }`);
  const component = await importHttp.create(context, args);
  assert.deepEqual(texts(context.exports), ["// oneh"]);
  await component.start();
  answer = { status: 500, body: "no" };
  await clock.advance(60_000);
  await until(() => context.healthReports.length === 1);
  assert.match(context.healthReports[0]?.message ?? "", /the last module stays: .* answered with status 500/);
  answer = { status: 200, body: "// two" };
  await clock.advance(60_000);
  await until(() => context.healthReports.length === 2);
  assert.deepEqual(texts(context.exports), ["// twoh"]);
  await component.stop(noDeadline);
  answer = { status: 404, body: "" };
  await assert.rejects(async () => importHttp.create(testContext(), args), /answered with status 404/);
});

test("import.git checks out branches, tags and commits, and fetches what is new", async () => {
  const repository = join(folder, "repository");
  const git = (...args: string[]) =>
    execFileSync("git", ["-C", repository, "-c", "user.name=t", "-c", "user.email=t@t", ...args], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
  mkdirSync(repository);
  git("init", "--quiet", "--initial-branch=main");
  const commit = (text: string) => {
    writeFileSync(join(repository, "m.alloy"), text);
    git("add", ".");
    git("commit", "--quiet", "-m", text);
  };
  commit("// one");
  git("tag", "v1");
  commit("// two");
  const clock = new FakeClock();
  const start = async (revision: string) => {
    const context = testContext({ clock });
    const component = await importGit.create(
      context,
      decodeText(importGit, `repository = "${repository}"\npath = "m.alloy"\nrevision = "${revision}"`),
    );
    return { context, component };
  };
  const tagged = await start("v1");
  assert.deepEqual(texts(tagged.context.exports), ["// one"]);
  const main = await start("main");
  assert.deepEqual(texts(main.context.exports), ["// two"]);
  await main.component.start();
  commit("// three");
  await clock.advance(60_000);
  await until(() => main.context.healthReports.length > 0);
  assert.deepEqual(texts(main.context.exports), ["// three"]);
  await assert.rejects(start("none"), /revision "none" not found/);
  await tagged.component.stop(noDeadline);
  await main.component.stop(noDeadline);
});

for (const [text, message] of [
  ['repository = "ext::sh -c evil"\npath = "x"', /may not name a transport program/],
  ['repository = "--upload-pack=evil"\npath = "x"', /may not begin with a dash/],
  ['repository = "r"\npath = "../../etc/passwd"', /must lie inside the repository/],
] as const)
  test(`import.git refuses ${JSON.stringify(text)}`, () => assert.throws(() => decodeText(importGit, text), message));

async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 500 && !condition(); i++) await new Promise((resolve) => setTimeout(resolve, 10));
  assert.ok(condition());
}
