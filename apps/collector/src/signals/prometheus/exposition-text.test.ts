import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { MalformedInput } from "../../bytes/malformed-input.ts";
import type { ExpositionParser } from "./exposition.ts";
import { openMetricsFloat, parseGoFloat } from "./go-float.ts";
import { OpenMetricsTextParser } from "./openmetrics-text.ts";
import { PrometheusTextParser } from "./prometheus-text.ts";

// Bodies are Latin-1, so that any byte can be written. Expected entries are joined by "; ": labels, value, @timestamp, # exemplar.

const prometheusCases: [body: string, entries: string][] = [
  ["a 1", '__name__="a" 1'],
  ["a 1\n", '__name__="a" 1'],
  ["", ""],
  ["\n\n", ""],
  ["a{} 1", '__name__="a" 1'],
  ["a{,} 1", 'error: expected label name, got ",}" ("COMMA") while parsing: "a{,}"'],
  ['a{b="c",} 1', '__name__="a",b="c" 1'],
  ['a{b="c",,} 1', 'error: expected label name, got ",}" ("COMMA") while parsing: "a{b=\\"c\\",,}"'],
  ['a{b="c" d="e"} 1', '__name__="a",b="c",d="e" 1'],
  ['a{b="c"}1', '__name__="a",b="c" 1'],
  ['a\t{ b = "c" } 1', '__name__="a",b="c" 1'],
  [" a 1", '__name__=" a" 1'],
  ["a 1 ", '__name__="a" 1'],
  ["a 1 2", '__name__="a" 1 @2'],
  ["a 1 -2", 'error: expected timestamp or new record, got "-" ("INVALID") while parsing: "a 1 -"'],
  ["a 1 2.5", 'error: expected next entry after timestamp, got "." ("INVALID") while parsing: "a 1 2."'],
  ["a 1 2 3", 'error: expected next entry after timestamp, got "3\\n" ("TIMESTAMP") while parsing: "a 1 2 3\\n"'],
  ["a 1 9223372036854775807", '__name__="a" 1 @9223372036854776000'],
  [
    "a 1 9223372036854775808",
    'error: strconv.ParseInt: parsing "9223372036854775808": value out of range while parsing: "a 1 9223372036854775808"',
  ],
  ["a", 'error: expected value after metric, got "\\n" ("INVALID") while parsing: "a\\n"'],
  ["a\n", 'error: expected value after metric, got "\\n" ("INVALID") while parsing: "a\\n"'],
  ["a{", 'error: expected label name, got "\\n" ("INVALID") while parsing: "a{\\n"'],
  ["a{b", 'error: expected equal, got "\\n" ("INVALID") while parsing: "a{b\\n"'],
  ["a{b=", 'error: expected label value, got "\\n" ("INVALID") while parsing: "a{b=\\n"'],
  ['a{b="c', 'error: expected label value, got "\\"c\\n" ("INVALID") while parsing: "a{b=\\"c\\n"'],
  ['a{b="c"} ', 'error: expected value after metric, got "\\n" ("INVALID") while parsing: "a{b=\\"c\\"} \\n"'],
  ["a{b='c'} 1", 'error: expected label value, got "\'" ("INVALID") while parsing: "a{b=\'"'],
  ['a{1b="c"} 1', 'error: expected label name, got "1" ("INVALID") while parsing: "a{1"'],
  ["1a 1", 'error: expected a valid start token, got "1" ("INVALID") while parsing: "1"'],
  ["a b", 'error: strconv.ParseFloat: parsing "b": invalid syntax while parsing: "a b"'],
  ["a 0x10", 'error: strconv.ParseFloat: parsing "0x10": invalid syntax while parsing: "a 0x10"'],
  ["a 1_0", 'error: unsupported character in float while parsing: "a 1_0"'],
  ["a 1e999", 'error: strconv.ParseFloat: parsing "1e999": value out of range while parsing: "a 1e999"'],
  ["a 1e-999", '__name__="a" 0'],
  ["a +1", '__name__="a" 1'],
  ["a .5", '__name__="a" 0.5'],
  ["a 5.", '__name__="a" 5'],
  ["a .", 'error: strconv.ParseFloat: parsing ".": invalid syntax while parsing: "a ."'],
  ["a 1e", 'error: strconv.ParseFloat: parsing "1e": invalid syntax while parsing: "a 1e"'],
  ["a NaN", '__name__="a" NaN'],
  ["a nan", '__name__="a" NaN'],
  ["a +nan", 'error: strconv.ParseFloat: parsing "+nan": invalid syntax while parsing: "a +nan"'],
  ["a +Inf", '__name__="a" Infinity'],
  ["a -inf", '__name__="a" -Infinity'],
  ["a infinity", '__name__="a" Infinity'],
  ["a infin", 'error: strconv.ParseFloat: parsing "infin": invalid syntax while parsing: "a infin"'],
  ["a 1\r\n", 'error: strconv.ParseFloat: parsing "1\\r": invalid syntax while parsing: "a 1\\r"'],
  ['{"a.b"} 1', '__name__="a.b" 1'],
  ['{"a.b",c="d"} 1', '__name__="a.b",c="d" 1'],
  ['{c="d","a.b"} 1', '__name__="a.b",c="d" 1'],
  ['{"a","b"} 1', 'error: metric name already set while parsing: "{\\"a\\",\\"b\\"}"'],
  ['a{"b"} 1', 'error: metric name already set while parsing: "a{\\"b\\"}"'],
  ['{b="c"} 1', 'error: metric name not set while parsing: "{b=\\"c\\"}"'],
  ['{"a","x.y"="z"} 1', '__name__="a",x.y="z" 1'],
  ["{} 1", 'error: metric name not set while parsing: "{}"'],
  ['a{b="\\"\\\\\\n\\t"} 1', '__name__="a",b="\\"\\\\\\n\\\\t" 1'],
  ['a{b="x\ny"} 1', '__name__="a",b="x\\ny" 1'],
  ['a{b="\\\n"} 1', 'error: expected label value, got "\\"\\\\\\n" ("INVALID") while parsing: "a{b=\\"\\\\\\n"'],
  ['a{b="\xff"} 1', 'error: invalid UTF-8 label value: "\\"\\xff\\""'],
  ['a{b="\x00"} 1', '__name__="a",b="\\x00" 1'],
  ["\x00garbage", ""],
  ["a 1\n\x00garbage", '__name__="a" 1'],
  ["# comment\n#x\n#\n# HELP\n# TYPE\n# HELPx\n", "comment; comment; comment; comment; comment; comment"],
  ["# HELP a\n", 'help a ""'],
  ['# HELP a b\\nc\\\\d\\"\n', 'help a "b\\nc\\\\d\\\\\\""'],
  ['# HELP "a.b" c\n', 'help a.b "c"'],
  ["# HELP 1 c\n", 'error: expected metric name after HELP, got "1" ("INVALID") while parsing: "# HELP 1"'],
  ["# TYPE a counter\n", "type a counter"],
  ["# TYPE a countera\n", 'error: invalid metric type "countera"'],
  ["# TYPE a counter \n", 'error: invalid metric type "counter "'],
  ["# TYPE a info\n", 'error: invalid metric type "info"'],
  ["# TYPE a-b counter\n", 'error: invalid metric type "b counter"'],
  ["#\tTYPE\ta\tgauge\n", "type a gauge"],
  ["# HELP a \xff\n", 'error: help text "\\xff" is not a valid utf8 string'],
  [
    '# TYPE h histogram\nh_bucket{le="1"} 1\nh_bucket{le="1e6"} 1\nh_bucket{le="x"} 1\n',
    'type h histogram; __name__="h_bucket",le="1.0" 1; __name__="h_bucket",le="1e+06" 1; __name__="h_bucket",le="x" 1',
  ],
  ['# TYPE s summary\ns{quantile="0.10"} 1\n', 'type s summary; __name__="s",quantile="0.1" 1'],
];

const openMetricsCases: [body: string, entries: string][] = [
  ["a 1\n# EOF\n", '__name__="a" 1'],
  ["a 1\n# EOF", '__name__="a" 1'],
  ["a 1\n", "error: data does not end with # EOF"],
  ["", "error: data does not end with # EOF"],
  ["# EOF\n", ""],
  ["# EOF\nx", "error: unexpected data after # EOF"],
  ["# EOF\n\n", "error: unexpected data after # EOF"],
  ["# comment\n# EOF\n", 'error: expected a valid start token, got "# c" ("INVALID") while parsing: "# c"'],
  ["\n# EOF\n", 'error: expected a valid start token, got "\\n" ("INVALID") while parsing: "\\n"'],
  ["a  1\n# EOF\n", 'error: expected value after metric, got "  " ("INVALID") while parsing: "a  "'],
  ["a 1 \n# EOF\n", 'error: expected a valid start token, got " \\n" ("INVALID") while parsing: "a 1 \\n"'],
  ['a{b="c"} 1\n# EOF\n', '__name__="a",b="c" 1'],
  ['a{b="c",} 1\n# EOF\n', '__name__="a",b="c" 1'],
  ['a{b="c"d="e"} 1\n# EOF\n', 'error: expected comma or brace close, got "d=" ("LNAME") while parsing: "a{b=\\"c\\"d="'],
  ['a{ b="c"} 1\n# EOF\n', 'error: expected label name, got " " ("INVALID") while parsing: "a{ "'],
  ['a {b="c"} 1\n# EOF\n', 'error: strconv.ParseFloat: parsing "{b=\\"c\\"}": invalid syntax while parsing: "a {b=\\"c\\"}"'],
  ['a{b="x\ny"} 1\n# EOF\n', 'error: expected label value, got "\\"x\\n" ("INVALID") while parsing: "a{b=\\"x\\n"'],
  ["a 1 1.5\n# EOF\n", '__name__="a" 1 @1500'],
  ["a 1 -1.5\n# EOF\n", '__name__="a" 1 @-1500'],
  ["a 1 NaN\n# EOF\n", "error: invalid timestamp NaN"],
  ["a 1 Inf\n# EOF\n", "error: invalid timestamp +Inf"],
  ["a 1 x\n# EOF\n", 'error: strconv.ParseFloat: parsing "x": invalid syntax while parsing: "a 1 x"'],
  ["a 1 1 1\n# EOF\n", 'error: expected next entry after timestamp, got " 1\\n" ("TIMESTAMP") while parsing: "a 1 1 1\\n"'],
  ["a 1 # {} 1\n# EOF\n", '__name__="a" 1 #  1'],
  ['a 1 # {b="c"} 1 2\n# EOF\n', '__name__="a" 1 # b="c" 1 @2000'],
  ['a 1 3 # {b="c",d="\\""} 1 2.0015\n# EOF\n', '__name__="a" 1 @3000 # b="c",d="\\\\\\"" 1 @2001'],
  ['a 1 # {b="c"}\n# EOF\n', 'error: expected value after exemplar labels, got "\\n" ("INVALID") while parsing: "a 1 # {b=\\"c\\"}\\n"'],
  ['a 1 # {"b"} 1\n# EOF\n', 'error: expected label name, got "} " ("BCLOSE") while parsing: "a 1 # {\\"b\\"} "'],
  ['a 1 # {b="c"} 1 NaN\n# EOF\n', "error: invalid exemplar timestamp NaN"],
  [
    'a 1 # {b="c"} 1 2 3\n# EOF\n',
    'error: expected next entry after exemplar timestamp, got " 3\\n" ("TIMESTAMP") while parsing: "a 1 # {b=\\"c\\"} 1 2 3\\n"',
  ],
  ['a 1 # {b="c"} 1', "error: data does not end with # EOF"],
  ["# TYPE a info\n# EOF\n", "type a info"],
  ["# TYPE a untyped\n# EOF\n", 'error: invalid metric type "untyped"'],
  ["# TYPE a_b gauge\n# UNIT a_b b\na_b 1\n# EOF\n", 'type a_b gauge; unit a_b "b"; __name__="a_b" 1'],
  ["# UNIT a b\n# EOF\n", 'error: unit "b" not a suffix of metric "a"'],
  ["# UNIT ab b\n# EOF\n", 'error: unit "b" not a suffix of metric "ab"'],
  ["# UNIT a_b \na_b 1\n# EOF\n", 'unit a_b ""; __name__="a_b" 1'],
  ["# HELP a\n# EOF\n", "error: expected text in HELP"],
  ["# HELP a \n# EOF\n", 'help a ""'],
  ['# HELP a b\\"c\\n\n# EOF\n', 'help a "b\\"c\\n"'],
  ["# HELP  a b\n# EOF\n", 'error: expected metric name after HELP, got " " ("INVALID") while parsing: "# HELP  "'],
  ['{"a.b",c="d"} 1\n# EOF\n', '__name__="a.b",c="d" 1'],
  ["# TYPE a gaugehistogram\n# TYPE a stateset\n# TYPE a unknown\n# EOF\n", "type a gaugehistogram; type a stateset; type a unknown"],
];

function parserOf(
  format: "prometheus" | "openmetrics",
  body: Buffer,
  options: { typeAndUnitLabels?: boolean; skipsCreated?: boolean } = {},
) {
  const bytes = Buffer.alloc(body.length + 8, "?");
  body.copy(bytes);
  const { typeAndUnitLabels = false, skipsCreated = false } = options;
  return format === "prometheus"
    ? new PrometheusTextParser(bytes, body.length, { typeAndUnitLabels })
    : new OpenMetricsTextParser(bytes, body.length, { typeAndUnitLabels, skipsCreated });
}

function entriesOf(parser: ExpositionParser, describe: (parser: ExpositionParser) => string = seriesText): string {
  const entries: string[] = [];
  try {
    for (let entry = parser.next(); entry !== "end"; entry = parser.next()) {
      if (entry === "series") entries.push(describe(parser));
      else if (entry === "comment") entries.push("comment");
      else
        entries.push(`${entry} ${parser.family()} ${entry === "type" ? parser.type : JSON.stringify(parser[entry as "help" | "unit"]())}`);
    }
  } catch (error) {
    if (!(error instanceof MalformedInput)) throw error;
    return `error: ${error.message}`;
  }
  return entries.join("; ");
}

function seriesText(parser: ExpositionParser): string {
  let text = `${labelsText(parser.labels())} ${valueText(parser.value)}${parser.hasTimestamp ? ` @${parser.timestamp}` : ""}`;
  while (parser.nextExemplar()) {
    const { labels, value, hasTimestamp, timestamp } = parser.exemplar;
    text += ` # ${labelsText(labels)} ${valueText(value)}${hasTimestamp ? ` @${timestamp}` : ""}`;
  }
  return text;
}

function labelsText(labels: [string, string][]): string {
  return labels
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${JSON.stringify(value).replace("\\u0000", "\\x00")}`)
    .join(",");
}

function valueText(value: number): string {
  return String(value);
}

for (const [body, entries] of prometheusCases)
  test(`classic text: ${JSON.stringify(body)}`, () => {
    assert.equal(entriesOf(parserOf("prometheus", Buffer.from(body, "latin1"))), entries);
  });

for (const [body, entries] of openMetricsCases)
  test(`OpenMetrics: ${JSON.stringify(body)}`, () => {
    assert.equal(entriesOf(parserOf("openmetrics", Buffer.from(body, "latin1"))), entries);
  });

const created = [
  "# TYPE a counter",
  'a_total{x="1"} 5',
  'a_created{x="1"} 1520872607.123',
  'a_total{x="2"} 5',
  "# TYPE h histogram",
  'h_bucket{le="1"} 1',
  'h_bucket{le="+Inf"} 2',
  "h_created 12",
  "h_count 2",
  "# TYPE g gauge",
  "g 1",
  "g_created 3",
  "# EOF\n",
].join("\n");

test("created lines tell the start of the series that they follow", () => {
  const parser = parserOf("openmetrics", Buffer.from(created), { skipsCreated: true });
  const starts = entriesOf(parser, (at) => `${at.value} since ${at.startTimestamp()}`);
  assert.equal(
    starts,
    "type a counter; 5 since 1520872607123; 5 since 0; type h histogram; 1 since 12000; 2 since 12000; 2 since 12000; type g gauge; 1 since 0; 3 since 0",
  );
});

test("created lines are series like others where nobody asks for starts", () => {
  assert.match(entriesOf(parserOf("openmetrics", Buffer.from(created))), /a_created.*1520872607.123.*h_created/);
});

test("type and unit become labels where that is wanted, and win over given ones", () => {
  const body =
    '# TYPE a_s counter\n# UNIT a_s s\na_s_total{__type__="x",__unit__="y",b="c"} 1\n# TYPE b unknown\nb{__type__="x"} 1\n# EOF\n';
  assert.equal(
    entriesOf(parserOf("openmetrics", Buffer.from(body), { typeAndUnitLabels: true })),
    'type a_s counter; unit a_s "s"; __name__="a_s_total",__type__="counter",__unit__="s",b="c" 1; type b unknown; ' +
      '__name__="b",__type__="x",__unit__="s" 1',
  );
});

/** What a scrape's cache gives to the parser for the bytes of one series. */
function expectation(key: string): { words: Int32Array; length: number } {
  const bytes = Buffer.alloc((Buffer.byteLength(key) + 7) & ~3);
  const length = bytes.write(key);
  return { words: new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2), length };
}

const expectations: [format: "prometheus" | "openmetrics", key: string, line: string, isMet: boolean][] = [
  ["prometheus", 'a{b="c"}', 'a{b="c"} 1', true],
  ["prometheus", 'a{b="c"}', 'a{b="c"}1', true],
  ["prometheus", 'a{b="c"}', 'a{b="d"} 1', false],
  ["prometheus", 'a{b="c"}', 'a{b="c', false],
  ["prometheus", "a", "a 1", true],
  ["prometheus", "a", "a\t1", true],
  ["prometheus", "a", "ab 1", false],
  ["prometheus", "a", 'a{b="c"} 1', false],
  ["prometheus", "a", 'a {b="c"} 1', false],
  ["prometheus", "abc", "abc", false],
  ["openmetrics", "a", "a 1\n# EOF\n", true],
  ["openmetrics", "a", "ab 1\n# EOF\n", false],
  ["openmetrics", 'a{b="c"}', 'a{b="c"} 1 2 # {d="e"} 3\n# EOF\n', true],
];

for (const [format, key, line, isMet] of expectations)
  test(`${format}: expecting ${key}, ${JSON.stringify(line)} ${isMet ? "needs no lexing" : "is lexed"}`, () => {
    const plain = entriesOf(parserOf(format, Buffer.from(line)), (parser) => `${parser.value} ${parser.hasTimestamp && parser.timestamp}`);
    const parser = parserOf(format, Buffer.from(line));
    const { words, length } = expectation(key);
    parser.expect(words, 0, length);
    const met: boolean[] = [];
    const entries = entriesOf(parser, (at) => {
      met.push(at.asExpected);
      return `${at.value} ${at.hasTimestamp && at.timestamp}`;
    });
    assert.equal(entries, plain);
    assert.equal(met[0] ?? false, isMet);
  });

const name = fc.stringMatching(/^[a-zA-Z_:][a-zA-Z0-9_:]{0,20}$/);
const labelName = fc.stringMatching(/^[a-zA-Z_][a-zA-Z0-9_]{0,20}$/);
const number = fc.double().map((value) => (Object.is(value, -0) ? 0 : value));
const sample = fc.record({
  name: fc.oneof(name, fc.string({ unit: "grapheme", minLength: 1 })),
  labels: fc.dictionary(fc.oneof(labelName, fc.string({ unit: "grapheme", minLength: 1 })), fc.string({ unit: "grapheme" })),
  value: number,
  timestamp: fc.option(fc.integer({ min: 0, max: 4e12 })),
});

function escaped(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}

function goNumber(value: number): string {
  return Number.isFinite(value) || Number.isNaN(value) ? String(value) : value > 0 ? "+Inf" : "-Inf";
}

for (const format of ["prometheus", "openmetrics"] as const)
  test(`${format}: what an independent encoder writes is read back`, () => {
    fc.assert(
      fc.property(fc.array(sample, { maxLength: 8 }), (samples) => {
        const lines = samples.map(({ name, labels, value, timestamp }) => {
          const pairs = Object.entries(labels).map(([label, text]) =>
            /^[a-zA-Z_]\w*$/.test(label) ? `${label}="${escaped(text)}"` : `"${escaped(label)}"="${escaped(text)}"`,
          );
          const isPlain = /^[a-zA-Z_:][\w:]*$/.test(name);
          const series = isPlain ? `${name}{${pairs.join(",")}}` : `{${[`"${escaped(name)}"`, ...pairs].join(",")}}`;
          const time = timestamp === null ? "" : ` ${format === "prometheus" ? timestamp : timestamp / 1000}`;
          return `${series} ${goNumber(value)}${time}\n`;
        });
        const body = lines.join("") + (format === "prometheus" ? "" : "# EOF\n");
        const parser = parserOf(format, Buffer.from(body));
        for (const { name, labels, value, timestamp } of samples) {
          assert.equal(parser.next(), "series");
          const { __name__: _, ...others } = { __name__: "", ...labels };
          assert.deepEqual(Object.fromEntries(parser.labels().slice(1)), "__name__" in labels ? labels : others);
          assert.equal(parser.labels()[0]?.[1], name);
          assert.deepEqual(parser.value, value);
          assert.equal(parser.hasTimestamp, timestamp !== null);
          if (timestamp !== null) assert.ok(Math.abs(parser.timestamp - timestamp) <= 1);
        }
        assert.equal(parser.next(), "end");
      }),
      { numRuns: 300 },
    );
  });

test("no bytes make a parser do anything but answer or refuse", () => {
  const piece = fc.constantFrom(
    "a",
    "{",
    "}",
    '"',
    "\\",
    "\n",
    " ",
    "\t",
    "=",
    ",",
    "#",
    "# HELP ",
    "# TYPE a counter",
    "# EOF",
    "1",
    "\0",
    "\xff",
    "e",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), fc.boolean(), (pieces, isClassic) => {
      const body = Buffer.from(pieces.join(""), "latin1");
      const first = entriesOf(parserOf(isClassic ? "prometheus" : "openmetrics", body));
      const { words, length } = expectation(pieces.slice(0, 5).join(""));
      const parser = parserOf(isClassic ? "prometheus" : "openmetrics", body);
      if (length > 0) parser.expect(words, 0, length);
      entriesOf(parser, (at) => String(at.value));
      assert.equal(typeof first, "string");
    }),
    { numRuns: 2000 },
  );
});

const floats: [text: string, value: number | string][] = [
  ["1", 1],
  ["-1.5e-3", -0.0015],
  ["1e22", 1e22],
  ["123456789012345678", 123456789012345680],
  ["0.1234567890123456789", 0.12345678901234568],
  ["4.9406564584124654e-324", 5e-324],
  ["1e-400", 0],
  ["", 'strconv.ParseFloat: parsing "": invalid syntax'],
  ["-", 'strconv.ParseFloat: parsing "-": invalid syntax'],
  ["1e400", 'strconv.ParseFloat: parsing "1e400": value out of range'],
  ["0x1p3", "unsupported character in float"],
];

for (const [text, value] of floats)
  test(`the number ${JSON.stringify(text)}`, () => {
    if (typeof value === "number") assert.equal(parseGoFloat(text), value);
    else assert.throws(() => parseGoFloat(text), { message: value });
  });

const spelled: [number, string][] = [
  [1, "1.0"],
  [0, "0.0"],
  [-0, "0.0"],
  [0.5, "0.5"],
  [100000, "100000.0"],
  [1234567, "1.234567e+06"],
  [0.00001, "1e-05"],
  [1.5e-7, "1.5e-07"],
  [1e300, "1e+300"],
  [Number.POSITIVE_INFINITY, "+Inf"],
  [Number.NaN, "NaN"],
];

for (const [value, text] of spelled) test(`${value} is spelled ${text} in labels`, () => assert.equal(openMetricsFloat(value), text));
