import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";

const program = join(import.meta.dirname, "../bin/invar-chart");

for (const [args, first] of [
  [["--help"], "invar-chart COMMAND [arguments]: renders, checks and explains Helm charts"],
  [["lint", "--help"], "invar-chart lint CHART"],
  [["diff", "-h"], "invar-chart diff A B"],
  [["explain", "--help"], "invar-chart explain CHART"],
  [["test", "--help"], "invar-chart test CHART"],
  [["watch", "--help"], "invar-chart watch CHART"],
  [["template", "--help"], "Renders the templates of a chart"],
] as const)
  test(`invar-chart ${args.join(" ")} tells how it is written`, () => {
    const { status, stdout, stderr } = spawnSync(program, args, { encoding: "utf8" });
    assert.deepEqual([status, stderr, stdout.slice(0, first.length)], [0, "", first]);
  });
