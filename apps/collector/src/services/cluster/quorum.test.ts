import assert from "node:assert/strict";
import { test } from "node:test";
import { goesOn, type Partner } from "./quorum.ts";

/** a+ is reachable, c- is lost, dx is gone. */
const cases: readonly (readonly [text: string, expected: boolean, why: string])[] = [
  ["", true, "who never worked with anybody"],
  ["a+", true, "one that is alone"],
  ["a+ b+ c+ d- e-", true, "the larger side"],
  ["a- b- c- d+ e+", false, "the smaller side"],
  ["a+ b-", true, "the half with the first name"],
  ["a- b+", false, "the other half"],
  ["ax b+", true, "one whose partner has ended"],
  ["ax b- c+ dx", false, "the last half, for those that ended count on no side,"],
  ["a+ b- c+ d-", true, "half of four with the first name"],
  ["a- b- c+ d+", false, "half of four without it"],
  ["ax bx", true, "who comes after all have ended"],
  ["a-", false, "who never worked with the one that is lost"],
];

for (const [text, expected, why] of cases)
  test(`${why} ${expected ? "goes on" : "stops"}`, () => {
    const partners = text
      .split(" ")
      .filter((word) => word !== "")
      .map((word): Partner => ({ name: word[0] ?? "", fate: word[1] === "+" ? "reachable" : word[1] === "-" ? "lost" : "gone" }));
    assert.equal(goesOn(partners), expected);
  });
