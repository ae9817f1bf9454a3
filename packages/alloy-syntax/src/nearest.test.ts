import assert from "node:assert/strict";
import { test } from "node:test";
import { nearest } from "./nearest.ts";

const candidates = ["url", "endpoint", "basic_auth", "bearer_token", "bearer_token_file", "forward_to", "tls_config", "a"];

const cases: readonly (readonly [name: string, nearest: string | undefined])[] = [
  ["ur", "url"],
  ["URL", "url"],
  ["ulr", "url"],
  ["endpiont", "endpoint"],
  ["endpoints", "endpoint"],
  ["basicauth", "basic_auth"],
  ["basic-auth", "basic_auth"],
  ["bearer_tokn", "bearer_token"],
  ["bearer_token_fil", "bearer_token_file"],
  ["foward_to", "forward_to"],
  ["b", undefined],
  ["completely_different", undefined],
  ["", undefined],
  ["endpoint", undefined],
  ["x".repeat(100_000), undefined],
];

test("proposes the name that was probably meant", () => {
  for (const [name, expected] of cases) assert.equal(nearest(name, candidates), expected, name.slice(0, 30));
});

test("prefers the nearer of two", () => {
  assert.equal(nearest("targts", ["target", "targets"]), "targets");
});

test("is quick with many long candidates", () => {
  const many = Array.from({ length: 5000 }, (_, at) => `component_number_${at}_${"x".repeat(100)}`);
  const start = performance.now();
  assert.equal(nearest(`component_number_77_${"x".repeat(99)}`, many), many[77]);
  assert.ok(performance.now() - start < 10_000);
});
