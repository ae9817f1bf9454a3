import assert from "node:assert/strict";
import { test } from "node:test";
import type { Capsule } from "@invar/alloy-syntax";
import { decodeText, tryDecodeText } from "../../../../component/from-text.ts";
import { testContext } from "../../../../component/testing.ts";
import { type ClientInfo, Metadata } from "../../../../signals/client-info.ts";
import type { AuthHandler } from "../../../../transport/authentication.ts";
import { component } from "./component.ts";

/** Blocks from "key action source", one a line. */
function blocks(text: string): string {
  return text
    .trim()
    .split("\n")
    .map((line) => {
      const [key, action, ...source] = line.trim().split(" ");
      return `header {\n key = "${key}"\n action = "${action}"\n ${source.join(" ")}\n}`;
    })
    .join("\n");
}

async function sent(text: string, before: Record<string, string>, client?: Partial<ClientInfo>): Promise<Record<string, string>> {
  const context = testContext();
  await component.create(context, decodeText(component, blocks(text)));
  const handler = (context.exports.handler as Capsule<AuthHandler>).value;
  const who = client === undefined ? undefined : { metadata: Metadata.none, address: "", ...client };
  const request = {
    method: "POST",
    url: new URL("http://a/"),
    headers: new Map(Object.entries(before)),
    body: [],
    ...(who !== undefined && { client: who }),
  };
  await handler.client?.authenticate(request);
  assert.equal(handler.server, undefined);
  return Object.fromEntries(request.headers);
}

test("headers are inserted, updated, upserted and deleted, in their order", async () => {
  const actions = `X-New insert value = "new"
    X-Old insert value = "not taken"
    X-Old update value = "updated"
    X-None update value = "not there"
    X-Both upsert value = "1"
    X-Both upsert value = "2"
    X-Gone delete value = ""`;
  assert.deepEqual(await sent(actions, { "x-old": "o", "x-gone": "g" }), { "x-new": "new", "x-old": "updated", "x-both": "2" });
});

test("values come from the request that brought the data, or its authentication", async () => {
  const text = `X-Scope-OrgID upsert from_context = "Tenant_ID"
    X-User upsert from_attribute = "username"`;
  const client = { metadata: new Metadata(["tenant_id", "t1"]), attributes: { username: "u" } };
  assert.deepEqual(await sent(text, {}, client), { "x-scope-orgid": "t1", "x-user": "u" });
  assert.deepEqual(await sent(text, { "x-user": "before" }), { "x-scope-orgid": "", "x-user": "" });
});

test("several values leave no right choice", async () => {
  const client = { metadata: new Metadata(["tenant", "a", "tenant", "b"]) };
  await assert.rejects(sent('X upsert from_context = "tenant"', {}, client), /2 source keys found in the context/);
});

const cases: readonly (readonly [string, RegExp])[] = [
  ["", /at least one header/],
  ['header { key = "a" }', /one of value, from_context, or from_attribute must be provided/],
  ['header { ; key = "a"; value = "b"; from_context = "c"; }', /only one of value, from_context, or from_attribute/],
  ['header { ; key = ""; value = "b"; }', /key must be set to a non-empty string/],
  ['header { ; key = "a b"; value = "b"; }', /no name of a header/],
  ['header { ; key = "a"; value = "b"; action = "replace"; }', /unknown action replace/],
  ['header { ; key = "a"; value = "b"; action = "Upsert"; }', /^$/],
];

for (const [text, expected] of cases)
  test(`${text || "nothing"} is found to be ${expected}`, () => {
    const found = tryDecodeText(component, text.replaceAll(";", "\n")).diagnostics.map(({ message }) => message);
    assert.match(found.join("; "), expected);
  });

test("says what of the sender it needs, so that queues keep that with the data", async () => {
  const keys = async (text: string) => {
    const context = testContext();
    await component.create(context, decodeText(component, blocks(text)));
    return (context.exports.handler as Capsule<AuthHandler>).value.client?.senderKeys?.();
  };
  assert.equal(await keys('a upsert value = "x"'), undefined);
  assert.deepEqual(await keys('a upsert from_context = "Tenant"\nb upsert from_attribute = "subject"'), {
    metadata: ["Tenant"],
    attributes: ["subject"],
  });
});
