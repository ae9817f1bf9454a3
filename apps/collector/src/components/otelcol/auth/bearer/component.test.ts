import assert from "node:assert/strict";
import { test } from "node:test";
import type { Capsule } from "@invar/alloy-syntax";
import { decodeText, tryDecodeText } from "../../../../component/from-text.ts";
import { testContext } from "../../../../component/testing.ts";
import { Metadata } from "../../../../signals/client-info.ts";
import type { AuthHandler } from "../../../../transport/authentication.ts";
import { component } from "./component.ts";

// A semicolon ends a line.
const decode = (text: string) => decodeText(component, text.replaceAll(";", "\n"));

async function start(text: string) {
  const context = testContext();
  const running = await component.create(context, decode(text));
  const handler = (context.exports.handler as Capsule<AuthHandler>).value;
  return {
    update: (next: string) => running.update(decode(next)),
    sent(): string {
      const request = { method: "POST", url: new URL("http://a/"), headers: new Map([["authorization", "before"]]), body: [] };
      void handler.client?.authenticate(request);
      return [...request.headers].map(([name, value]) => `${name}: ${value}`).join(", ");
    },
    async login(name: string, value: string): Promise<string> {
      const outcome = await handler.server?.authenticate(new Metadata([name, value]));
      return outcome?.granted === true ? "in" : (outcome?.message ?? "");
    },
  };
}

test("the token goes out with its scheme, in its header", async () => {
  assert.equal((await start('token = "t"')).sent(), "authorization: Bearer t");
  assert.equal((await start('token = "t"; scheme = "MyScheme"')).sent(), "authorization: MyScheme t");
  assert.equal((await start('token = "t"; scheme = ""; header = "X-Token"')).sent(), "authorization: before, x-token: t");
});

test("only the very token is let in", async () => {
  const one = await start('token = "t"');
  assert.equal(await one.login("authorization", "Bearer t"), "in");
  for (const wrong of ["Bearer x", "bearer t", "t", "Bearer t ", "Bearer "])
    assert.equal(await one.login("authorization", wrong), "provided authorization does not match expected scheme or token", wrong);
  assert.equal(await one.login("other", "Bearer t"), "missing or empty authorization header: Authorization");
  assert.equal(await (await start('token = "t"; header = "X-Token"; scheme = ""')).login("x-token", "t"), "in");
});

test("an update holds from the next request on", async () => {
  const one = await start('token = "t"');
  await one.update('token = "u"');
  assert.equal(one.sent(), "authorization: Bearer u");
  assert.notEqual(await one.login("authorization", "Bearer t"), "in");
});

test("a header must have a name", () => {
  const found = tryDecodeText(component, 'token = "t"\nheader = "two words"').diagnostics.map(({ message }) => message);
  assert.match(found.join(), /is no name of a header/);
});
