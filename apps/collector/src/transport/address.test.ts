import assert from "node:assert/strict";
import { test } from "node:test";
import { addressText, listenError, parseAddress } from "./address.ts";

const cases: readonly (readonly [string, string])[] = [
  ["0.0.0.0:4317", "0.0.0.0 4317"],
  [":4318", "undefined 4318"],
  ["localhost:80", "localhost 80"],
  ["[::1]:4317", "::1 4317"],
  ["[]:1", '"" in brackets must be an IPv6 address'],
  ["host:http", "host 80"],
  ["host:", "host 0"],
  ["host", '"host" must be host:port, as in "0.0.0.0:4317"'],
  ["::1:4317", '"::1:4317" must be host:port, as in "0.0.0.0:4317"'],
  ["host:65536", '"65536" in "host:65536" must be a port from 0 to 65535'],
  ["host:-1", '"-1" in "host:-1" must be a port from 0 to 65535'],
];

for (const [text, expected] of cases)
  test(`${text} is ${expected}`, () => {
    const parsed = parseAddress(text);
    assert.equal(typeof parsed === "string" ? parsed : `${parsed.host} ${parsed.port}`, expected);
  });

test("a port in use is named in the words that users search for", () => {
  const { message } = listenError(Object.assign(new Error("x"), { code: "EADDRINUSE" }), "::", 4317);
  assert.equal(message, "listen tcp [::]:4317: bind: address already in use");
  assert.equal(addressText(undefined, 1), ":1");
});
