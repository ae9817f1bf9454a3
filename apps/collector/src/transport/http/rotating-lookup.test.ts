import assert from "node:assert/strict";
import type { lookup } from "node:dns";
import { test } from "node:test";
import { rotatingLookup } from "./rotating-lookup.ts";

/** A resolver that always gives the same. */
const resolver = (addresses: readonly string[] | Error) =>
  ((_: string, __: unknown, callback: (error: Error | null, found: { address: string; family: number }[]) => void) =>
    addresses instanceof Error
      ? callback(addresses, [])
      : callback(
          null,
          addresses.map((address) => ({ address, family: 4 })),
        )) as unknown as typeof lookup;

test("each connection begins with the next address, whether it asks for one or for all", () => {
  const rotate = rotatingLookup(resolver(["1.1.1.1", "2.2.2.2", "3.3.3.3"]));
  const firsts: string[] = [];
  const note = (_: unknown, found: unknown) =>
    void firsts.push(typeof found === "string" ? found : (found as { address: string }[]).map(({ address }) => address[0]).join(""));
  for (let i = 0; i < 2; i++) rotate("name", { all: true }, note);
  for (let i = 0; i < 2; i++) rotate("name", {}, note);
  assert.deepEqual(firsts, ["123", "231", "3.3.3.3", "1.1.1.1"]);
});

test("a name that does not resolve is an error", () => {
  let message = "";
  rotatingLookup(resolver(new Error("ENOTFOUND")))("name", {}, (error) => {
    message = error?.message ?? "";
  });
  assert.equal(message, "ENOTFOUND");
});
