import assert from "node:assert/strict";
import { test } from "node:test";
import { parse } from "@invar/alloy-syntax";
import {
  any,
  assumed,
  block,
  bool,
  bytes,
  capsule,
  defaulted,
  duration,
  float,
  int,
  labels,
  list,
  many,
  map,
  maybe,
  oneOf,
  optional,
  optionalSecret,
  required,
  type Schema,
  type Stability,
  secret,
  string,
  uint,
} from "./arguments.ts";
import { decodeBody } from "./decode.ts";
import { capsuleOf, tryDecodeText } from "./from-text.ts";

const schema = {
  arguments: {
    name: required(string, "A name."),
    wait: defaulted(duration, "A wait.", "1m30s"),
    size: defaulted(bytes, "A size.", "5MiB"),
    count: defaulted(uint, "A count.", 3, { check: (n) => (n > 100 ? `count must be at most 100, got ${n}` : undefined) }),
    delta: optional(int, "A difference."),
    ratio: optional(float, "A ratio."),
    on: defaulted(bool, "A switch.", false),
    mode: defaulted(oneOf("fast", "slow"), "A mode.", "fast"),
    tags: defaulted(labels, "Tags.", {}),
    words: defaulted(list(string), "Words.", ["a"]),
    nested: optional(map(list(int)), "Lists by name."),
    password: optional(secret, "A secret."),
    token: optional(optionalSecret, "A token."),
    anything: optional(any, "Anything."),
    sink: defaulted(list(capsule<{ id: number }>("loki.LogsReceiver")), "Sinks.", []),
    old: optional(string, "An old one.", { deprecated: "write name instead" }),
    idle: optional(string, "An idle one.", { withoutEffect: "there is nothing to do" }),
  },
  blocks: {
    retry: assumed("Retries.", { arguments: { attempts: defaulted(uint, "How often.", 5) } }),
    tls: maybe("TLS.", { arguments: { ca: optional(string, "CA.") } }),
    rule: many("Rules.", { arguments: { action: required(string, "What.") } }),
  },
  ordered: {
    into: "stages",
    blocks: { "stage.json": many("JSON.", { arguments: { source: optional(string, "From.") } }), "stage.cri": many("CRI.", {}) },
  },
} as const satisfies Schema;

const names = { sinkOne: capsuleOf("loki.LogsReceiver", { id: 1 }), wrong: capsuleOf("otelcol.Consumer", {}) };
const decode = (text: string) => tryDecodeText(schema, text, names);
const args = (text: string) => {
  const { args: decoded, diagnostics } = decode(text);
  assert.deepEqual(diagnostics, []);
  return decoded ?? assert.fail();
};
const messages = (text: string) =>
  decode(text).diagnostics.map(
    (diagnostic) => `${diagnostic.code}: ${diagnostic.message}${diagnostic.hint === undefined ? "" : ` (${diagnostic.hint})`}`,
  );

test("gives every default its decoded form", () => {
  const decoded = args('name = "x"');
  assert.deepEqual(
    {
      wait: decoded.wait,
      size: decoded.size,
      count: decoded.count,
      mode: decoded.mode,
      words: decoded.words,
      retry: decoded.retry.attempts,
      tls: decoded.tls,
      rule: decoded.rule,
      stages: decoded.stages,
    },
    { wait: 90_000, size: 5 * 2 ** 20, count: 3, mode: "fast", words: ["a"], retry: 5, tls: undefined, rule: [], stages: [] },
  );
});

test("keeps the order of ordered blocks", () => {
  const decoded = args('name = "x"\nstage.cri { }\nstage.json { source = "a" }\nstage.cri { }');
  assert.deepEqual(
    decoded.stages.map((stage) => stage.block),
    ["stage.cri", "stage.json", "stage.cri"],
  );
});

test("unwraps capsules and drops null receivers", () => {
  assert.deepEqual(args('name = "x"\nsink = [sinkOne, null]').sink, [{ id: 1 }]);
});

test("converts as Alloy does", () => {
  const decoded = args(
    'name = 15\ncount = "7"\ntags = { a = "b", c = 3 }\nsize = "1.5KiB"\nnested = { k = [1, 2] }\npassword = "s"\nratio = 2',
  );
  assert.deepEqual(
    [decoded.name, decoded.count, { ...decoded.tags }, decoded.size, { ...decoded.nested }, decoded.ratio],
    ["15", 7, { a: "b", c: "3" }, 1536, { k: [1, 2] }, 2],
  );
  assert.equal(String(decoded.password), "(secret)");
});

for (const [text, expected] of [
  ["", ['argument.missing: missing required attribute "name"']],
  ['name = "x"\nnmae = 1', ['argument.unknown: unrecognized attribute name "nmae" (did you mean "name"?)']],
  ['name = "x"\nname = "y"', ['argument.repeated: attribute "name" may only be provided once']],
  ['name = "x"\nretry = 3', ['argument.is-block: "retry" must be a block, but is used as an attribute']],
  ['name = "x"\nwait { }', ['block.is-argument: "wait" must be an attribute, but is used as a block']],
  ['name = "x"\nretri { }', ['block.unknown: unrecognized block name "retri" (did you mean "retry"?)']],
  ['name = "x"\nretry { }\nretry { }', ['block.repeated: block "retry" may only be specified once']],
  ['name = "x"\nretry "a" { }', ['block.label-unexpected: block "retry" does not support specifying labels']],
  ['name = "x"\nrule { }', ['argument.missing: missing required attribute "action"']],
  [
    'name = "x"\nwait = "5 parsecs"',
    ['value.duration: time: unknown unit " parsecs" in duration "5 parsecs" (write a duration as "90s" or "1m30s")'],
  ],
  ['name = "x"\nmode = "fats"', ['value.choice: unknown value "fats", must be one of "fast", "slow" (did you mean "fast"?)']],
  ['name = "x"\ncount = -1', ["value.range: -1 must be at least 0"]],
  ['name = "x"\ncount = 500', ["argument.invalid: count must be at most 100, got 500"]],
  ['name = "x"\nwords = ["a", true]', ["value.type: true should be string, got bool"]],
  ['name = "x"\nsink = [wrong]', ['value.type: expected capsule("loki.LogsReceiver"), got capsule("otelcol.Consumer")']],
  ['name = ["x"]\non = "yes"', ['value.type: ["x"] should be string, got array', 'value.type: "yes" should be bool, got string']],
  ['name = "x"\nold = "y"', ["argument.deprecated: old is deprecated: write name instead"]],
  ['name = "x"\nidle = "y"', ["argument.without-effect: idle has no effect: there is nothing to do"]],
] as const)
  test(`finds ${JSON.stringify(text)}`, () => assert.deepEqual(messages(text), expected));

test("checks inside blocks run on whole blocks only", () => {
  const checked = block(
    "X.",
    { arguments: { low: required(int, "L."), high: required(int, "H.") } },
    { check: ({ low, high }, report) => low > high && report("low is above high", "low") },
  );
  const outer = { blocks: { range: checked } } satisfies Schema;
  assert.deepEqual(
    tryDecodeText(outer, "range {\n low = 3\n high = 2\n}").diagnostics.map((d) => [d.message, d.span.start]),
    [["low is above high", 9]],
  );
  assert.equal(tryDecodeText(outer, "range {\n low = 3\n}").diagnostics.length, 1);
});

/** Decodes one text twice, `count` being what it refers to; answers whether both times the same object came. */
function decodedTwice(text: string, stabilities: readonly [Stability, Stability] = ["experimental", "experimental"]): boolean {
  const source = { name: "twice", text };
  const { file } = parse(source);
  let count = 0;
  const [first, second] = stabilities.map(
    (stability) =>
      decodeBody(schema, file.body, { start: 0, end: 0 }, { source, stability, diagnostics: [], evaluate: () => ({ known: `${count++}` }) })
        .args,
  );
  return first === second;
}

test("decodes what depends on nothing once, and for one stability", () => {
  const constant = 'name = "x"\n words = ["a", "b"]\n retry { attempts = 2 }\n rule { action = "keep" }\n stage.json { }';
  assert.equal(decodedTwice(constant), true);
  assert.equal(decodedTwice(constant, ["experimental", "generally-available"]), false);
  for (const changing of ["name = other", 'name = "x"\n tags = { a = other }', 'name = "x"\n rule { action = other }'])
    assert.equal(decodedTwice(changing), false, changing);
  assert.equal(decodedTwice('name = "x"\n old = "y"'), false, "a warning is given each time");
});

test("what several share can't be changed", () => {
  const decoded = args('name = "x"\n rule { action = "keep" }');
  assert.throws(() => (decoded.rule as unknown[]).push({}), TypeError);
  const { words } = tryDecodeText(schema, "name = other", { other: "x" }).args ?? assert.fail();
  assert.throws(() => (words as string[]).push("b"), TypeError);
});
