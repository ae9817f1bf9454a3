import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { fuzzParameters } from "../../../../tests/fuzz-time.ts";
import { protobufFromJson } from "../signals/otlp/json-to-protobuf.ts";
import { jsonFromProtobuf } from "../signals/otlp/protobuf-to-json.ts";
import { requests } from "../signals/otlp/schema.ts";
import { compileConditions, compileStatements, type StatementProblem } from "./compile.ts";
import { standardFunctions } from "./functions/standard.ts";
import { Frame } from "./telemetry/frame.ts";
import { Walk } from "./telemetry/walk.ts";
import { StatementError } from "./value.ts";

// No text may throw, hang or be found wrong at a place outside of it; and what compiles may only change telemetry, or say why it can't.

const names = standardFunctions.map(({ name }) => name);
const values = fc.constantFrom(
  ...[
    "attributes",
    'attributes["a"]',
    'attributes["list"][0]',
    "body",
    'body["k"]',
    "resource.attributes",
    'resource.attributes["r"]',
    "scope.name",
  ],
  ...[
    "severity_number",
    "time_unix_nano",
    "time",
    "trace_id",
    "trace_id.string",
    "flags",
    "log.cache",
    'log.cache["c"]',
    "observed_time",
    "nil",
  ],
  ...[
    "1",
    "-9223372036854775808",
    "0.5",
    "1e308",
    "true",
    '"text"',
    '""',
    '"("',
    "0x00ff",
    "[1, 2.5]",
    '{"k": {"n": [nil]}}',
    "1 + 2",
    "-body",
    "[]",
    "{}",
  ],
  ...[
    "SEVERITY_NUMBER_INFO",
    '"%Y-%m-%d"',
    '"1h"',
    "1 / 0",
    'Duration("1s")',
    "Now()",
    '(k, v) => k == "a"',
    "(x) => x + 1",
    "9223372036854775807 * 2",
  ],
);
const { call } = fc.letrec<{ call: string; argument: string }>((tie) => ({
  call: fc
    .tuple(fc.constantFrom(...names), fc.array(tie("argument"), { maxLength: 4 }))
    .map(([name, list]) => `${name}(${list.join(", ")})`),
  argument: fc.oneof({ maxDepth: 3 }, values, tie("call")),
}));
const condition = fc.oneof(
  fc
    .tuple(fc.oneof(values, call), fc.constantFrom("==", "!=", "<", ">=", "and", "or"), fc.oneof(values, call))
    .map((parts) => parts.join(" ")),
  call,
);
const statement = fc.oneof(
  { weight: 3, arbitrary: fc.tuple(values, fc.oneof(values, call)).map(([target, value]) => `set(${target}, ${value})`) },
  { weight: 2, arbitrary: call },
  { weight: 1, arbitrary: fc.tuple(call, condition).map(([editor, where]) => `${editor} where ${where}`) },
);
const tokens = fc
  .array(fc.oneof(values, fc.constantFrom(...names, ..."()[]{}.,:=<>!+-*/\"'\\ \n\0💥", "=>", "where", "not", "and", "or", "==", "0x")), {
    maxLength: 60,
  })
  .map((list) => list.join(" "));
const nested = fc
  .tuple(
    fc.constantFrom("(", "[", "not (", "Len(", '{"a": ', "1 + (", "-", "a[", "x.", "((x) => ", "set(set("),
    fc.integer({ min: 1, max: 30_000 }),
  )
  .map(([part, times]) => `set(attributes["a"], ${part.repeat(times)}`);

function checkProblems(text: string, problems: readonly StatementProblem[]): void {
  for (const { index, start, end, message } of problems) {
    assert.equal(index, 0);
    assert.ok(0 <= start && start <= end && end <= text.length, `${start} to ${end} of ${text.length}: ${message}`);
    assert.notEqual(message, "");
  }
}

for (const [kind, texts] of Object.entries({
  "any text": fc.string({ unit: "binary" }),
  "words in any order": tokens,
  "deep nesting": nested,
  statement,
}))
  test(`compiles or refuses ${kind}`, () => {
    fc.assert(
      fc.property(texts, (text) => {
        for (const context of ["log", "span", "metric", "datapoint"] as const) {
          checkProblems(text, compileStatements(context, [text]).diagnostics);
          checkProblems(text, compileConditions(context, [text]).diagnostics);
        }
      }),
      fuzzParameters(),
    );
  });

const request = {
  resourceLogs: [
    {
      resource: { attributes: [{ key: "r", value: { stringValue: "one" } }] },
      scopeLogs: [
        {
          scope: { name: "lib" },
          logRecords: [
            {
              timeUnixNano: "1700000000000000000",
              body: { kvlistValue: { values: [{ key: "k", value: { intValue: "7" } }] } },
              attributes: [
                { key: "a", value: { stringValue: '<a>{"x": 1}</a>' } },
                { key: "list", value: { arrayValue: { values: [{ intValue: "1" }, {}, { doubleValue: 2.5 }] } } },
                { key: "nothing", value: {} },
              ],
            },
            { body: { stringValue: "two" }, severityNumber: 9 },
          ],
        },
      ],
    },
  ],
};
const chunk = protobufFromJson(requests.logs, Buffer.from(JSON.stringify(request)));

test("what compiles leaves telemetry, or an error of the statement", () => {
  fc.assert(
    fc.property(fc.array(statement, { minLength: 1, maxLength: 3 }), (texts) => {
      const compiled = texts.map((text) => compileStatements("log", [text])).filter(({ diagnostics }) => diagnostics.length === 0);
      const log = (frame: Frame): boolean => {
        for (const { execute } of compiled) {
          try {
            execute(frame);
          } catch (error) {
            if (!(error instanceof StatementError)) throw error;
          }
        }
        return false;
      };
      const changed = new Walk(new Frame("logs"), { log }).run(chunk, undefined);
      const { resourceLogs } = JSON.parse(jsonFromProtobuf(requests.logs, [changed]));
      assert.equal(resourceLogs[0].scopeLogs[0].logRecords.length, 2);
    }),
    fuzzParameters(),
  );
});
