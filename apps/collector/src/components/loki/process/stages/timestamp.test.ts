import assert from "node:assert/strict";
import { test } from "node:test";
import { faultsOf, StageRun } from "../pipeline-cases.ts";

const stage = (args: string) => `stage.json {\n expressions = { time = "" }\n}\nstage.timestamp {\n source = "time"\n${args}\n}`;

/** The time after the stage, of a line of 1 second whose JSON has this time. */
async function timeOf(args: string, time: unknown): Promise<string> {
  const run = new StageRun(stage(args));
  // 3 January of 2024, for layouts without a year.
  const [out = ""] = await run.send(`{} @1 ${JSON.stringify({ time })}`);
  return /@(\S+)/.exec(out)?.[1] ?? "";
}

test("times are read in every format", async () => {
  const cases: [string, unknown, string][] = [
    ['format = "RFC3339"', "2019-01-01T01:00:00Z", "1546304400"],
    ['format = "RFC3339"', "2019-01-01T01:00:00.5+02:00", "1546297200.5"],
    ['format = "RFC3339Nano"', "2019-01-01T01:00:00.000000001Z", "1546304400.000000001"],
    ['format = "ANSIC"', "Tue Jan  1 01:00:00 2019", "1546304400"],
    ['format = "RFC1123Z"', "Tue, 01 Jan 2019 01:00:00 +0000", "1546304400"],
    ['format = "Unix"', "1562708916", "1562708916"],
    ['format = "Unix"', 1562708916, "1562708916"],
    ['format = "Unix"', "1562708916.000000123", "1562708916.000000123"],
    ['format = "Unix"', "1562708916.5", "1562708916.5"],
    ['format = "UnixMs"', "1562708916414", "1562708916.414"],
    ['format = "UnixUs"', "1562708916414123", "1562708916.414123"],
    ['format = "UnixNs"', "1562708916000000123", "1562708916.000000123"],
    ['format = "UnixMs"', "-1", "-1.999"],
    ['format = "2006-01-02T15:04:05,000-07:00"', "2024-12-20T09:14:58,381+02:00", "1734678898.381"],
    ['format = "2006-01-02 15:04:05"\nlocation = "America/New_York"', "2019-07-01 12:00:00", "1561996800"],
    ['format = "RFC3339"\nfallback_formats = ["Unix", "2006"]', "1562708916", "1562708916"],
    ['format = "RFC3339"\nfallback_formats = ["2006", "Unix"]', "2019", "1546300800"],
    ['format = "Jan _2 15:04:05"', "Jan  1 01:00:00", "1704070800"],
    ['format = "Jan _2 15:04:05.000"', "Dec 31 23:59:59.250", "1704067199.25"],
    ['format = "Unix"', "nonsense", "1"],
    ['format = "Unix"', "1.2.3", "1"],
    ['format = "UnixMs"', "99999999999999999999", "1"],
    ['format = "RFC3339"', null, "1"],
  ];
  for (const [args, time, expected] of cases) assert.equal(await timeOf(args, time), expected, `${args} ${String(time)}`);
});

test("what can't be read, and what comes twice, is moved a nanosecond behind the last of its stream, or left", async () => {
  const lines = [
    '{a="1"} @1 no',
    '{a="1"} @1 {"time":"100"}',
    '{a="1"} @1 no',
    '{a="2"} @1 no',
    '{a="1"} @1 {"time":"100"}',
    '{a="1"} @1 no',
  ];
  const times = async (args: string) =>
    (await new StageRun(stage(`format = "Unix"\n${args}`)).send(...lines)).map((line) => /@(\S+)/.exec(line)?.[1]);
  assert.deepEqual(await times(""), ["1", "100", "100.000000001", "1", "100.000000002", "100.000000003"]);
  assert.deepEqual(await times('action_on_failure = "skip"'), ["1", "100", "1", "1", "100.000000001", "1"]);
  assert.deepEqual(await times('action_on_duplicate_timestamp = "keep"'), ["1", "100", "100.000000001", "1", "100", "100.000000001"]);
});

test("wrong arguments are refused", () => {
  const cases: [string, RegExp][] = [
    ['format = ""', /timestamp format is required/],
    ['format = "Unix"\nlocation = "Nowhere/Land"', /invalid location specified/],
    ['format = "Unix"\naction_on_failure = "x"', /x/],
  ];
  for (const [args, message] of cases) assert.match(faultsOf(stage(args)), message, args);
});
