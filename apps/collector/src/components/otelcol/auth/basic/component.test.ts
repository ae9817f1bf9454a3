import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import type { Capsule } from "@invar/alloy-syntax";
import { FakeClock } from "../../../../component/clock.ts";
import { decodeText, tryDecodeText } from "../../../../component/from-text.ts";
import { testContext } from "../../../../component/testing.ts";
import { Metadata } from "../../../../signals/client-info.ts";
import type { AuthHandler } from "../../../../transport/authentication.ts";
import { component } from "./component.ts";

const folder = mkdtempSync(join(tmpdir(), "invar-basic-"));
after(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

// A semicolon ends a line.
const lines = (text: string) => text.replaceAll(";", "\n");

async function start(text: string, clock = new FakeClock()) {
  const context = testContext({ clock, id: "otelcol.auth.basic.creds" });
  const running = await component.create(context, decodeText(component, lines(text)));
  await running.start();
  const handler = () => (context.exports.handler as Capsule<AuthHandler>).value;
  return {
    handler,
    clock,
    context,
    update: (next: string) => running.update(decodeText(component, lines(next))),
    /** "u" and "p" become what a client sends; the answer is "in as u", or why not. */
    async login(authorization: string): Promise<string> {
      const outcome = await handler().server?.authenticate(new Metadata(["authorization", authorization]));
      if (outcome === undefined) return "no server";
      return outcome.granted ? `in as ${outcome.attributes.username}` : outcome.message;
    },
    /** The header that is sent. */
    async sent(headers: Record<string, string> = {}): Promise<string | undefined> {
      const request = { method: "POST", url: new URL("http://a/"), headers: new Map(Object.entries(headers)), body: [] };
      await handler().client?.authenticate(request);
      return request.headers.get("authorization");
    },
  };
}

const basic = (user: string, password: string) => `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;

test("requests that are sent carry the user of client_auth, else the old arguments'", async () => {
  assert.equal(await (await start('client_auth { ; username = "u"; password = "p"; }')).sent(), basic("u", "p"));
  assert.equal(await (await start('username = "old"; password = "p"')).sent(), basic("old", "p"));
  const both = await start('username = "old"; password = "p"; client_auth { ; username = "new"; password = "q"; }');
  assert.equal(await both.sent({ authorization: "Bearer x" }), basic("new", "q"));
});

test("files win over texts, and are read again", async () => {
  const [user, password] = [file("user", "filed\n"), file("password", "first\n")];
  const one = await start(`client_auth { ; username = "u"; username_file = "${user}"; password = "p"; password_file = "${password}"; }`);
  assert.equal(await one.sent(), basic("filed", "first"));
  file("password", "second");
  assert.equal(await one.sent(), basic("filed", "second"));
});

test("requests that are received need a user of htpasswd", async () => {
  const one = await start(`htpasswd { inline = "alice:wonder\\nbob:$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW" }`);
  assert.equal(await one.login(basic("alice", "wonder")), "in as alice");
  assert.equal(await one.login(basic("bob", "U*U")), "in as bob");
  assert.equal(await one.login(basic("bob", "U*U")), "in as bob");
  assert.equal(await one.login(basic("bob", "wrong")), "invalid credentials");
  assert.equal(await one.login(basic("nobody", "wonder")), "invalid credentials");
  assert.equal(await one.login(basic("alice", "won:der")), "invalid credentials");
  assert.equal(await one.login(""), "no basic auth provided");
  assert.equal(await one.login("Bearer x"), "invalid authorization scheme prefix");
  assert.equal(await one.login("Basic !!!"), "invalid authorization format");
  assert.equal(await one.login(`Basic ${Buffer.from("no colon").toString("base64")}`), "invalid authorization format");
  assert.equal(one.handler().client, undefined);
});

test("the old arguments are a user as well, and inline wins over the file", async () => {
  const path = file("htpasswd", "# users\nalice:from file\ncarol:c\nno line\n");
  const one = await start(`username = "old"; password = "o"; htpasswd { ; file = "${path}"; inline = "alice:inline"; }`);
  assert.equal(await one.login(basic("alice", "inline")), "in as alice");
  assert.equal(await one.login(basic("alice", "from file")), "invalid credentials");
  assert.equal(await one.login(basic("carol", "c")), "in as carol");
  assert.equal(await one.login(basic("old", "o")), "in as old");
});

test("a changed file is taken up, one that is gone leaves the users of before", async () => {
  const path = file("changing", "a:1");
  const one = await start(`htpasswd { file = "${path}" }`);
  assert.equal(await one.login(basic("a", "1")), "in as a");
  file("changing", "a:2");
  assert.equal(await one.login(basic("a", "2")), "invalid credentials");
  await one.clock.advance(1000);
  assert.equal(await one.login(basic("a", "1")), "invalid credentials");
  assert.equal(await one.login(basic("a", "2")), "in as a");
  rmSync(path);
  await one.clock.advance(1000);
  assert.equal(await one.login(basic("a", "2")), "in as a");
  assert.match(one.context.logged[0]?.message ?? "", /its users of before stay/);
});

test("an update changes what the handler does, and makes another where it changes what it is for", async () => {
  const one = await start('htpasswd { inline = "a:1" }');
  const before = one.handler();
  await one.update('htpasswd { inline = "a:2" }');
  assert.equal(one.handler(), before);
  assert.equal(await one.login(basic("a", "2")), "in as a");
  await one.update('client_auth { ; username = "u"; password = "p"; }');
  assert.notEqual(one.handler(), before);
  assert.equal(await one.login(basic("a", "2")), "no server");
});

test("a flood of wrong passwords is not computed all at once", async () => {
  const one = await start('htpasswd { inline = "a:$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW" }');
  const answers = await Promise.all(Array.from({ length: 50 }, (_, i) => one.login(basic("a", `guess ${i}`))));
  assert.equal(answers.filter((answer) => answer.startsWith("too many")).length, 18);
});

const cases: readonly (readonly [string, RegExp])[] = [
  ["", /no credential source provided/],
  ['username = "u"', /no password provided/],
  ['client_auth { username = "u" }', /client_auth needs password or password_file/],
  ['client_auth { password = "p" }', /client_auth needs username or username_file/],
  ['client_auth { ; username = "a:b"; password = "p"; }', /must not contain a colon/],
  ['htpasswd { inline = "a:b" }', /^$/],
];

for (const [text, expected] of cases)
  test(`${text || "nothing"} is found to be ${expected}`, () => {
    const found = tryDecodeText(component, lines(text)).diagnostics.map(({ message }) => message);
    assert.match(found.join("; "), expected);
  });

test("an htpasswd file that can't be read is said at once", async () => {
  await assert.rejects(start(`htpasswd { file = "${join(folder, "absent")}" }`), /open htpasswd file: .*ENOENT/);
});
