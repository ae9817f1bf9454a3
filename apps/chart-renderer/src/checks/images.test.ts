import assert from "node:assert/strict";
import { test } from "node:test";
import { findingsIn } from "./testing.ts";

function rulesFor(image: string, allowedImages?: readonly string[]): string {
  const template = `apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, image: "${image}"}]}\n`;
  return findingsIn(template, allowedImages === undefined ? {} : { allowedImages })
    .map(({ rule }) => rule)
    .filter((rule) => rule.startsWith("images/"))
    .join(" ");
}

test("an image has a version or a digest", () => {
  for (const image of ["a:1", "r.example.com:5000/a:1.2", "a@sha256:00", "a:latest@sha256:00"]) assert.equal(rulesFor(image), "", image);
  for (const image of ["a", "a:latest", "r.example.com:5000/a", "a:", ""]) assert.equal(rulesFor(image), "images/unpinned", image);
});

test("an image is in the list by name, with any tag, or by its beginning", () => {
  const cases: readonly (readonly [string, string, boolean])[] = [
    ["r.example.com/a:1", "r.example.com/a:1", true],
    ["r.example.com/a:1", "r.example.com/a", true],
    ["r.example.com/a@sha256:00", "r.example.com/a", true],
    ["r.example.com/a:1", "r.example.com/*", true],
    ["r.example.com/ab:1", "r.example.com/a", false],
    ["other/a:1", "r.example.com/*", false],
  ];
  for (const [image, allowed, isAllowed] of cases)
    assert.equal(rulesFor(image, [allowed]), isAllowed ? "" : "images/unlisted", `${image} ${allowed}`);
});
