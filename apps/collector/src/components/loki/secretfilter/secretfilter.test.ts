import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import fc from "fast-check";
import type { Clock } from "../../../component/clock.ts";
import { FakeClock } from "../../../component/clock.ts";
import { capsuleOf, decodeText, tryDecodeText } from "../../../component/from-text.ts";
import { testContext } from "../../../component/testing.ts";
import type { Consumer } from "../../../signals/consumer.ts";
import { DeliveryError } from "../../../signals/delivery-error.ts";
import type { LogBatch } from "../../../signals/loki/log-batch.ts";
import { LogBatchBuilder } from "../../../signals/loki/log-batch-builder.ts";
import { lineText } from "../../../signals/loki/log-lines.ts";
import { internRecord } from "../../../signals/loki/stream-labels.ts";
import { component } from "./component.ts";
import { Detector, entropyOf } from "./detector.ts";
import { KeywordScan } from "./keyword-scan.ts";
import { readRules } from "./read-rules.ts";
import { redact } from "./redact.ts";
import { defaultRuleSet } from "./rule-set.ts";
import { SecretFilter } from "./secret-filter.ts";

const folder = mkdtempSync(join(tmpdir(), "invar-secrets-"));
after(() => rmSync(folder, { recursive: true }));

function fileOf(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const never = () => false;
const find = (detector: Detector, text: string) => {
  const bytes = Buffer.from(text);
  return detector.find(bytes, 0, bytes.length, never).map(({ rule, secret }) => `${rule}: ${secret}`);
};

// Made up, and put together here so that no scanner of this repository takes them for real ones.
const secrets = {
  "grafana-service-account-token": `glsa_${"HXDwCnYDjOWBvvLWPjgl5qXaZs3fWk7P"}_${"4c1b5d6f"}`,
  "github-pat": `ghp_${"q7Rk2mZx9Lw4Tn8Vb3Yc6Hd1Jf5Gp0SaQeUi"}`,
  "aws-access-token": `AKIA${"Z7QK4MXW2LT5N3VB"}`,
  "gcp-api-key": `AIza${"SyD7q9Kx2mZw4Lt8Nv3Bc6Yh1Jf5Gp0RaUe"}`,
};

const byDefault = new Detector(defaultRuleSet());

for (const [rule, secret] of Object.entries(secrets))
  test(`finds ${rule} by the default rules`, () => {
    assert.deepEqual(find(byDefault, `level=info msg="login" credential=${secret} user=a`), [`${rule}: ${secret}`]);
  });

test("finds nothing in plain lines", () => {
  for (const line of ["", "GET /api/v1/items 200", "token refreshed", 'key="value"', "password=", "null", "日本語"])
    assert.deepEqual(find(byDefault, line), []);
});

test("leaves out what a line says is allowed, and what a generic rule finds beside a particular one", () => {
  const token = secrets["github-pat"];
  assert.deepEqual(find(byDefault, `token=${token} # gitleaks:allow`), []);
  assert.deepEqual(find(byDefault, `api_key = "${token}"`), [`github-pat: ${token}`]);
});

test("rules of a file: groups, entropy, allowlists, companions and keywords", () => {
  const path = fileOf(
    "own.toml",
    `[[rules]]
id = "plain"
regex = '''tok_([a-z]+)_([0-9]+)'''
secretGroup = 2
keywords = ["TOK_"]
[[rules]]
id = "entropic"
regex = '''e=(\\w+)'''
entropy = 2.0
[[rules.allowlists]]
regexTarget = "match"
regexes = ["^e=allowed"]
[[rules.allowlists]]
condition = "AND"
regexes = ["^both"]
stopwords = ["Stop"]
[[rules]]
id = "part"
regex = '''user=(\\w+)'''
skipReport = true
[[rules]]
id = "whole"
regex = '''pass=(\\w+)'''
[[rules.required]]
id = "part"
withinLines = 1
[[rules]]
id = "in-files"
regex = '''tok'''
path = '''\\.php$'''
[[allowlists]]
targetRules = ["plain"]
regexTarget = "line"
regexes = ["ignored line"]
[[allowlists]]
stopwords = ["example"]
`,
  );
  const own = new Detector(readRules(path));
  assert.deepEqual(find(own, "a tok_ab_12 and tok_c_345"), ["plain: 12", "plain: 345"]);
  assert.deepEqual(find(own, "an ignored line tok_ab_12"), []);
  assert.deepEqual(find(own, "e=aaaaaaaa e=abcdefgh"), ["entropic: abcdefgh"]);
  assert.deepEqual(find(own, "e=allowedxyz e=bothstopx e=bothgoesx e=exampleabc"), ["entropic: bothgoesx"]);
  assert.deepEqual(find(own, "pass=x"), []);
  assert.deepEqual(find(own, "user=u pass=x"), ["whole: x"]);
  assert.deepEqual(find(own, "user=u\n\n\npass=x"), []);
});

test("extends the default rules: changes some, switches some off", () => {
  const path = fileOf(
    "extended.toml",
    `[extend]
useDefault = true
disabledRules = ["aws-access-token"]
[[rules]]
id = "github-pat"
[[rules.allowlists]]
regexes = ["^ghp_q7"]
[[rules]]
id = "mine"
regex = '''secret_tok_[0-9]{4}'''
keywords = ["secret_tok_"]
`,
  );
  const extended = new Detector(readRules(path));
  assert.deepEqual(find(extended, secrets["aws-access-token"]), []);
  assert.deepEqual(find(extended, secrets["github-pat"]), []);
  assert.deepEqual(find(extended, secrets["gcp-api-key"]), [`gcp-api-key: ${secrets["gcp-api-key"]}`]);
  assert.deepEqual(find(extended, "secret_tok_1234"), ["mine: secret_tok_1234"]);
  const outer = fileOf("outer.toml", `[extend]\npath = ${JSON.stringify(path)}`);
  assert.deepEqual(find(new Detector(readRules(outer)), "secret_tok_1234"), ["mine: secret_tok_1234"]);
});

for (const [text, finding] of [
  ["rules = 1", /rules must be tables/],
  ["[[rules]\n", /parse gitleaks config/],
  ["[[rules]]\nregex = 'a'", /rule \|id\| is missing or empty/],
  ["[[rules]]\nid = 'a'", /a: both \|regex\| and \|path\| are empty/],
  ["[[rules]]\nid = 'a'\nregex = '('", /a: error parsing regexp/],
  ["[[rules]]\nid = 'a'\nregex = 'a'\nsecretGroup = 1", /invalid regex secret group 1, max regex secret group 0/],
  ["[[rules]]\nid = 'a'\nregex = 'a'\n[[rules.allowlists]]", /must contain at least one check/],
  ["[[rules]]\nid = 'a'\nregex = 'a'\n[[rules.required]]\nid = 'b'", /rule ID 'b' does not exist/],
  ["[extend]\nuseDefault = true\npath = 'x'", /extend.path and extend.useDefault being set/],
  ["[[allowlists]]\ntargetRules = ['x']\nregexes = ['a']", /target rule ID 'x' does not exist/],
  ["[[allowlists]]\nregexes = ['a']\ncondition = 'xor'", /unknown allowlist \|condition\| 'xor'/],
] as const)
  test(`refuses the rules ${JSON.stringify(text)}`, () => {
    assert.throws(() => readRules(fileOf("wrong.toml", text)), finding);
  });

test("refuses a file that is not there", () => {
  assert.throws(() => readRules(join(folder, "none.toml")), /read gitleaks config/);
});

test("finds keywords as a search for each would", () => {
  const word = fc.string({ unit: fc.constantFrom("a", "b", "c", "_"), minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(
      fc.array(word, { maxLength: 6 }),
      fc.string({ unit: fc.constantFrom("a", "B", "b", "C", "_", "x", "ü") }),
      (words, text) => {
        const found = new Set<number>();
        const bytes = Buffer.from(text);
        new KeywordScan(words).scan(bytes, 0, bytes.length, (keyword) => found.add(keyword));
        const expected = words.flatMap((each, at) => (text.toLowerCase().includes(each) ? [at] : []));
        assert.deepEqual([...found].sort(), expected.sort());
      },
    ),
  );
});

test("measures entropy", () => {
  assert.equal(entropyOf(""), 0);
  assert.equal(entropyOf("aaaa"), 0);
  assert.equal(entropyOf("abcd"), 2);
});

test("redacts a part, all, or by a template", () => {
  const findings = [{ rule: "r", secret: "0123456789", match: "", line: 0, column: 0 }];
  const line = "a 0123456789 b 0123456789";
  assert.equal(redact(line, findings, { template: "", percent: 80 }), "a 01... b 01...");
  assert.equal(redact(line, findings, { template: "", percent: 100 }), "a REDACTED b REDACTED");
  assert.equal(redact(line, findings, { template: "", percent: 75 }), "a 01... b 01...");
  const hash = "87acec17cd9dcd20a716cc2cf67417b71c8a7016";
  assert.equal(redact(line, findings, { template: "<$SECRET_NAME:$SECRET_HASH>", percent: 0 }), `a <r:${hash}> b <r:${hash}>`);
});

class Sink implements Consumer<LogBatch> {
  readonly lines: string[] = [];
  readonly batches: LogBatch[] = [];
  refusal: DeliveryError | undefined;
  async consume(batch: LogBatch): Promise<void> {
    if (this.refusal !== undefined) throw this.refusal;
    this.batches.push(batch);
    for (let row = 0; row < batch.rows; row++)
      this.lines.push(`${batch.streams[batch.stream[row] as number]?.text} ${lineText(batch, row)}`);
  }
  pressure(): DeliveryError | undefined {
    return this.refusal;
  }
}

function setUp(text = "", options: { clock?: Clock; random?: () => number } = {}) {
  const sink = new Sink();
  const context = testContext({ id: "loki.secretfilter.a", clock: options.clock ?? new FakeClock() });
  const decode = (more: string) => decodeText(component, `forward_to = [sink]\n${more}`, { sink: capsuleOf("loki.LogsReceiver", sink) });
  const filter = new SecretFilter(context, decode(text), options.random);
  const send = async (...lines: string[]) => {
    const builder = new LogBatchBuilder();
    for (const line of lines) builder.add(internRecord({ app: "x" }), 1, 0, line, [["k", "v"]]);
    const batch = builder.build({ createdMs: 0 });
    await filter.consume(batch).finally(() => batch.release());
    return { batch, lines: sink.lines.splice(0) };
  };
  return { sink, context, filter, send, decode };
}

const secret = secrets["github-pat"];

test("redacts secrets, counts them, and passes clean batches on as they are", async () => {
  const { sink, context, send } = setUp('origin_label = "app"\nredact_with = "<$SECRET_NAME>"');
  const { batch } = await send("clean", "also clean");
  assert.equal(sink.batches[0], batch);
  const { lines } = await send("first", `token ${secret}`, "last");
  assert.deepEqual(lines, ['{app="x"} first', '{app="x"} token <github-pat>', '{app="x"} last']);
  const metadata = sink.batches[1]?.metadata;
  assert.ok(metadata !== undefined && (metadata.end[1] as number) > (metadata.start[1] as number));
  assert.equal(context.metric("loki_secretfilter_secrets_redacted_total"), 1);
  assert.equal(context.metric("loki_secretfilter_secrets_redacted_by_category_total", { rule: "github-pat", origin: "x" }), 1);
  assert.equal(context.metric("loki_secretfilter_processing_duration_seconds_count"), 5);
});

test("looks at a part of the lines where asked", async () => {
  const draws = [0.4, 0.6];
  const { context, send } = setUp("rate = 0.5", { random: () => draws.shift() ?? 1 });
  const { lines } = await send(secret, secret);
  assert.deepEqual(lines, [`{app="x"} ${secret.slice(0, 8)}...`, `{app="x"} ${secret}`]);
  assert.equal(context.metric("loki_secretfilter_entries_bypassed_total"), 1);
});

/** Each look takes a millisecond. */
function slowClock(): Clock {
  let now = 0;
  return { now: () => now, monotonic: () => now++, after: () => () => {} };
}

test("gives up on lines that take too long: passes them on, labels or drops them", async () => {
  const labelled = setUp('processing_timeout = "1ms"\nlabel_timed_out = true', { clock: slowClock() });
  assert.deepEqual((await labelled.send(secret, "clean")).lines, [
    `{app="x", secretfilter="timed-out"} ${secret}`,
    '{app="x", secretfilter="timed-out"} clean',
  ]);
  assert.equal(labelled.context.metric("loki_secretfilter_lines_timed_out_total"), 2);
  const dropping = setUp('processing_timeout = "1ms"\ndrop_on_timeout = true', { clock: slowClock() });
  assert.deepEqual((await dropping.send(secret, "clean")).lines, []);
  assert.equal(dropping.context.metric("loki_secretfilter_lines_dropped_total"), 2);
});

test("takes new rules while it runs, and keeps the old ones where they are wrong", async () => {
  const { filter, send, decode } = setUp();
  const path = fileOf("next.toml", "[[rules]]\nid = 'x'\nregex = 'needle'");
  filter.update(decode(`gitleaks_config = ${JSON.stringify(path)}\nredact_percent = 100`));
  assert.deepEqual((await send("a needle")).lines, ['{app="x"} a REDACTED']);
  writeFileSync(path, "[[rules]]");
  assert.throws(() => filter.update(decode(`gitleaks_config = ${JSON.stringify(path)}`)), /missing or empty/);
  assert.deepEqual((await send("a needle")).lines, ['{app="x"} a REDACTED']);
});

test("passes refusals back", async () => {
  const { sink, filter, send } = setUp();
  sink.refusal = new DeliveryError("full", { retryable: true, reason: "queue_full" });
  assert.equal(filter.pressure(), sink.refusal);
  await assert.rejects(send("a"), /full/);
  filter.stop();
  await assert.rejects(send("a"), /has exited/);
});

test("refuses rates that are none", () => {
  const { diagnostics } = tryDecodeText(component, "forward_to = []\nrate = 1.5");
  assert.match(diagnostics[0]?.message ?? "", /secretfilter: rate must be between 0.0 and 1.0, received 1.500000/);
});
