import type { Plain } from "../../../apps/collector/src/components/otelcol/receiver/filelog/operators/settings.ts";

/** Operators and the lines that go through them. */
export interface OperatorCase {
  readonly name: string;
  readonly operators: readonly Plain[];
  readonly lines: readonly string[];
  readonly path: string;
}

const PATH = "/var/log/pods/shop_web-1_0a1b-2c/app/3.log";
const cases: OperatorCase[] = [];
// Left out on purpose: an entry on which a filter's expression can't be evaluated is lost there, and goes on here.
const add = (name: string, operators: readonly Plain[], ...lines: string[]) => cases.push({ name, operators, lines, path: PATH });
const one = (name: string, operator: { readonly [key: string]: Plain }, ...lines: string[]) => add(name, [operator], ...lines);

const json = '{"a":{"b":1,"c":"x"},"list":[1,"2",null],"level":"warn","n":-2.5,"t":"2024-01-02T03:04:05Z","big":1700000001}';
const parsed = (...operators: Plain[]) => [{ type: "json_parser", parse_to: "body" }, ...operators];

one("json", { type: "json_parser" }, json, "no json", "[1]", "{}", "");
one("json with integers", { type: "json_parser", parse_ints: true }, json);
one("json to a field, and back to the body", { type: "json_parser", parse_to: "attributes.parsed", body: "attributes.parsed.a" }, json);
one(
  "json with marks",
  {
    type: "json_parser",
    timestamp: { parse_from: "attributes.t", layout: "%Y-%m-%dT%H:%M:%S%z" },
    severity: { parse_from: "attributes.level" },
  },
  json,
);
one("json that fails after parsing", { type: "json_parser", severity: { parse_from: "attributes.missing" } }, json);
for (const on_error of ["send", "drop", "send_quiet", "drop_quiet"])
  one(`on_error ${on_error}`, { type: "json_parser", on_error }, "no json", json);
one("a condition", { type: "json_parser", if: 'body startsWith "{"' }, json, "no json");
one("regex", { type: "regex_parser", regex: "^(?P<first>\\w+) (?P<rest>.*?)(?P<end>!)?$" }, "hello world!", "hello world", "no-match");
one("json array", { type: "json_array_parser", parse_to: "body" }, '[1,"a",true,null,{"x":1}]', "{}", "x");
one("json array with names", { type: "json_array_parser", header: "a,b" }, '[1,"x"]', "[1]");
for (const line of ["a=1 b=2", "a=1  b = 2", "a=\"x y\" b='z'", 'a="x\\"y"', "a", "a=", "=a", "", 'a="open', "a=b=c"])
  one(`key and value: ${line}`, { type: "key_value_parser" }, line);
one("key and value with other delimiters", { type: "key_value_parser", delimiter: "->", pair_delimiter: "||" }, "a->1||b->x y");
for (const line of ["1,2,3", '1,"2,x",3', '"a""b",,', "1,2", '1,"open,3', '1,b"c,3', "1,2\n3,4"])
  one(`csv: ${line}`, { type: "csv_parser", header: "a,b,c" }, line);
one("csv with lazy quotes", { type: "csv_parser", header: "a,b", lazy_quotes: true }, '1,b"c', '"a"x",2');
one("csv without quotes", { type: "csv_parser", header: "a,b", ignore_quotes: true }, '"1,2"');
add(
  "csv with names from an attribute",
  [
    { type: "add", field: "attributes.columns", value: "x|y" },
    { type: "csv_parser", header_attribute: "columns", header_delimiter: "|", delimiter: ";" },
  ],
  "1;2",
);
for (const uri of [
  "https://user:pw@host.example:8080/a/b?x=1&x=2&y=a%20b",
  "/path?q=1",
  "?a=b+c",
  "http://[::1]:80/",
  "relative/path",
  "mailto:me@x",
  "http://h/%zz",
  "HTTP://Host/Up",
])
  one(`uri: ${uri}`, { type: "uri_parser" }, uri);

for (const [layout, value] of [
  ["%Y-%m-%d %H:%M:%S", "2024-02-03 04:05:06"],
  ["%d/%b/%Y:%H:%M:%S %z", "03/Feb/2024:04:05:06 +0200"],
  ["%Y-%m-%dT%H:%M:%S.%L%j", "2024-02-03T04:05:06.789+01:00"],
  ["%Y-%m-%d", "yesterday"],
  ["%e.%q.%y %l:%M %p", " 3.2.24 4:05 PM"],
] as const)
  one(`strptime ${layout}: ${value}`, { type: "time_parser", parse_from: "body", layout, location: "UTC" }, value);
one(
  "strptime with a location",
  { type: "time_parser", parse_from: "body", layout: "%Y-%m-%d %H:%M:%S", location: "America/New_York" },
  "2024-07-03 04:05:06",
);
one(
  "gotime",
  { type: "time_parser", parse_from: "body", layout_type: "gotime", layout: "2006-01-02T15:04:05.999999999Z07:00", location: "UTC" },
  "2024-02-03T04:05:06.000000007Z",
);
for (const [layout, value] of [
  ["s", "1700000000"],
  ["ms", "1700000000123"],
  ["us", "1700000000123456"],
  ["ns", "1700000000123456789"],
  ["s.ms", "1700000000.123"],
  ["s.us", "1700000000.000123"],
  ["s.ns", "1700000000.000000123"],
  ["s", "x"],
  ["s.ms", "17"],
] as const)
  one(`epoch ${layout}: ${value}`, { type: "time_parser", parse_from: "body", layout_type: "epoch", layout }, value);
add("epoch of a number", parsed({ type: "time_parser", parse_from: "body.big", layout_type: "epoch", layout: "s" }), json);
for (const level of ["info", "WARN", "Warning3", "err", "9", "fatal4", "other", "404"])
  one(
    `severity ${level}`,
    { type: "severity_parser", parse_from: "body", mapping: { error: "5xx", fatal: ["404", "boom"], debug: { min: 1n, max: 3n } } },
    level,
  );
one("severity with its own text", { type: "severity_parser", parse_from: "body", overwrite_text: true }, "warning2", "other");
one("severity without presets", { type: "severity_parser", parse_from: "body", preset: "none", mapping: { info: "x" } }, "error", "X");
add("severity of numbers", parsed({ type: "severity_parser", parse_from: "body.n" }), json, '{"n":9}');
add(
  "trace",
  parsed({
    type: "trace_parser",
    trace_id: { parse_from: "body.t" },
    span_id: { parse_from: "body.s" },
    trace_flags: { parse_from: "body.f" },
  }),
  `{"t":"${"0a".repeat(16)}","s":"${"0b".repeat(8)}","f":"01"}`,
  "{}",
);
add("scope", parsed({ type: "scope_name_parser", parse_from: "body.a" }), '{"a":"name"}', '{"a":1}', "{}");

add(
  "move",
  parsed({ type: "move", from: "body.a.b", to: "attributes.x.y" }, { type: "move", from: "body.level", to: "resource.level" }),
  json,
  "{}",
);
add("move to the body", parsed({ type: "move", from: "body.a", to: "body" }), json);
add("copy", parsed({ type: "copy", from: "body.a", to: 'attributes["dotted.key"]' }), json);
add("remove", parsed({ type: "remove", field: "body.a.b" }, { type: "remove", field: "body.missing" }), json);
add("remove all attributes", [{ type: "remove", field: "attributes" }], "x");
add("retain", parsed({ type: "retain", fields: ["body.a.c", "body.missing"] }), json);
add(
  "retain attributes",
  [
    { type: "add", field: "attributes.x", value: "1" },
    { type: "add", field: "attributes.y", value: "2" },
    { type: "retain", fields: ["attributes.y"] },
  ],
  "b",
);
add("flatten", parsed({ type: "flatten", field: "body.a" }), json, '{"a":1}', "{}");
add("assign keys", parsed({ type: "assign_keys", field: "body.list", keys: ["a", "b", "c"] }), json, '{"list":[1]}', "{}");
add(
  "add",
  [
    { type: "add", field: "attributes.a", value: 1n },
    { type: "add", field: "resource.r", value: { x: [true] } },
    { type: "add", field: "attributes.e", value: 'EXPR(body + "!")' },
  ],
  "x",
);
one("unquote", { type: "unquote", field: "body" }, '"a\\tb"', "`raw`", "bare");
one("replace", { type: "regex_replace", field: "body", regex: "(\\d+)", replace_with: "<$1>" }, "a1b22");
one(
  "replace colours",
  { type: "regex_replace", field: "body", regex_name: "ansi_control_sequences", replace_with: "" },
  "\u001b[31mred\u001b[0m plain",
);
one("noop", { type: "noop" }, "x");

for (const expr of [
  'body == "a"',
  'body != "a"',
  'body matches "^[ab]$"',
  'not (body matches "a")',
  'body not in ["a", "c"]',
  'body in ["a", "c"]',
  'body contains "b" or body endsWith "c"',
  "len(body) > 1",
  "attributes.missing == nil",
  "attributes.missing?.deeper == nil",
  'attributes["log.file.path"] startsWith "/var"',
  '(body == "a" ? 1 : 2) == 1',
  '(attributes.missing ?? "a") == body',
  'upper(body) == "B"',
  "1 + 2 * 3 == 7",
  '!(body == "a") && true',
  "int('12') == 12",
])
  one(`filter ${expr}`, { type: "filter", expr }, "a", "b", "abc");
const record =
  '{"list":[3,1,2],"words":["b","a","c","a"],"rows":[{"n":1,"k":"x"},{"n":2,"k":"y"},{"n":3,"k":"x"}],"m":{"b":1,"a":2},"text":"Hello, World","none":null}';
for (const expr of [
  "1 + 2 * 3",
  "2 ** 3 ** 2",
  "7 / 2",
  "7 % 3",
  "-2 + +3",
  "1_000 + 0x10 + 0b11 + 0o7",
  "1..4",
  "1 < 2 < 3",
  "body.list[1:]",
  "body.list[:-1]",
  "body.text[0:5]",
  "body.list[-1]",
  "body?.none?.deeper.more",
  'body.none ?? "d"',
  '{"a": 1, b: [1, 2], 3: "c", ("x" + "y"): true}',
  "let x = 2; let y = x + 1; x * y",
  'if len(body.list) > 2 { "many" } else if true { "few" } else { "none" }',
  'body.text == "" ?: "f"',
  "// a comment\n 1 /* and another */ + 1",
  'body.words | map(upper(#)) | join("-")',
  "body.list | sort() | first()",
  'body.text | lower() | split(", ")',
  "filter(body.list, {# > 1})",
  "filter(body.list, # > 1)",
  "filter(body.rows, {.n > 1})",
  "map(body.rows, .k)",
  "map(body.list, {# * #index})",
  "all(body.list, {# > 0})",
  "any(body.list, {# > 2})",
  "none(body.list, {# > 2})",
  "one(body.list, {# > 2})",
  "count(body.list, {# > 1})",
  "count([true, false, true])",
  "sum(body.list)",
  "sum(body.rows, .n)",
  "find(body.rows, {.n > 1})",
  "find(body.rows, {.n > 9})",
  "findIndex(body.list, {# == 2})",
  "findLast(body.rows, {.k == 'x'}).n",
  "findLastIndex(body.words, {# == 'a'})",
  'groupBy(body.rows, .k)["x"] | map(.n)',
  "sortBy(body.rows, .n, 'desc') | map(.n)",
  "reduce(body.list, #acc + #)",
  "reduce(body.list, #acc + #, 10)",
  "map(1..3, {let y = # * 2; y + 1})",
  "map([[1, 2], [3]], {sum(#)})",
  "filter(body.rows, {any(body.words, {# == 'b'}) and .n == 1})",
  "len(body.text)",
  'len("größe")',
  'type(1.5) + type("x") + type(body.m) + type(nil) + type(true) + type(1) + type([])',
  "abs(-2)",
  "abs(-2.5)",
  "ceil(1.2)",
  "floor(1.8)",
  "round(2.5)",
  "round(-2.5)",
  'int("12") + int(3.9)',
  'float("1.5") + float(2)',
  "string(12)",
  "string(nil)",
  'string([1, "a"])',
  'trim("  x ")',
  'trim("__x_", "_")',
  'trimPrefix("abc", "a")',
  'trimSuffix("abc", "c")',
  'split("a,b,c", ",", 2)',
  'splitAfter("a,b,c", ",")',
  'replace("aaa", "a", "b", 2)',
  'replace("aaa", "a", "$&")',
  'repeat("ab", 3)',
  'join(body.words, ",")',
  "join(body.words)",
  'indexOf("abcabc", "c")',
  'lastIndexOf("abcabc", "c")',
  'hasPrefix("abc", "a") && hasSuffix("abc", "c")',
  "max(1, 5, 2)",
  "min([4, 2], 3)",
  "mean(1, 2, 6)",
  "median([1, 2, 6, 9])",
  'toJSON({"a": [1, "x"]})',
  "fromJSON('{\"a\":[1]}')",
  'toBase64("hello")',
  'fromBase64("aGVsbG8=")',
  "last(body.list)",
  'get(body.m, "a")',
  "get(body.list, 9)",
  "take(body.list, 2)",
  "sort(keys(body.m))",
  "sort(values(body.m))",
  'toPairs({"a": 1})',
  'fromPairs([["a", 1], ["b", 2]])["b"]',
  "reverse(body.list)",
  "uniq(body.words)",
  "concat(body.list, [9])",
  "flatten([1, [2, [3]]])",
  'sort(body.words, "desc")',
  "bitand(12, 10) + bitor(12, 10) + bitxor(12, 10) + bitnand(12, 10) + bitnot(1)",
  "bitshl(1, 4) + bitshr(16, 2) + bitushr(-1, 60)",
  "'b' not in body.words",
  '"a" in body.m',
  'body.text not startsWith "H"',
  'body.text not matches "^x"',
  "not true or true",
  "1; 2",
  "10000000000 * 10000000000",
])
  add(`expression ${expr}`, parsed({ type: "add", field: "attributes.v", value: `EXPR(${expr})` }), record);
add(
  "filter on parsed values",
  parsed({ type: "filter", expr: "body.n > 1 and body.s in ['x', 'y']" }),
  '{"n":2,"s":"x"}',
  '{"n":1,"s":"x"}',
  '{"n":2,"s":"z"}',
);
add(
  "router",
  [
    {
      type: "router",
      routes: [
        { expr: 'body startsWith "a"', output: "first", attributes: { route: "EXPR(body)-a" } },
        { expr: 'body startsWith "b"', output: ["second"] },
      ],
      default: ["third"],
    },
    { type: "add", id: "first", field: "attributes.to", value: "first", output: "third" },
    { type: "add", id: "second", field: "attributes.to", value: "second" },
    { type: "add", id: "third", field: "attributes.end", value: "yes" },
  ],
  "a1",
  "b1",
  "c1",
);
add(
  "router without a default",
  [
    { type: "router", routes: [{ expr: 'body == "a"', output: ["end"] }] },
    { type: "noop", id: "end" },
  ],
  "a",
  "b",
);
one(
  "recombine by first entries",
  { type: "recombine", combine_field: "body", is_first_entry: 'body startsWith "["' },
  "[1",
  "2",
  "[3",
  "4",
);
one(
  "recombine by last entries",
  { type: "recombine", combine_field: "body", is_last_entry: 'body endsWith "]"', combine_with: "" },
  "1",
  "2]",
  "3",
  "4]",
  "5",
);
one(
  "recombine at most so many",
  { type: "recombine", combine_field: "body", is_first_entry: 'body == "a"', max_batch_size: 2n },
  "a",
  "b",
  "c",
  "d",
);
one(
  "recombine unmatched",
  { type: "recombine", combine_field: "body", is_last_entry: 'body == "z"', max_unmatched_batch_size: 2n },
  "a",
  "b",
  "c",
  "z",
);
// Left out on purpose: a message without a time is an error there and keeps its severity among its parts.
const messages = [
  "<34>1 2003-10-11T22:14:15.003123Z host.example su 123 ID47 - an event",
  '<165>1 2003-08-24T05:14:15.000003-07:00 192.0.2.1 myproc 8710 - [a@1 x="1" y="q\\"u"][b] an event',
  "<13>2 2003-10-11T22:14:15Z - - - - - ",
  "<13>1 2003-10-11T22:14:15Z h a p m - \ufeffwith a mark",
  "<192>1 2003-10-11T22:14:15Z h a p m - x",
  "<13>1 yesterday h a p m - x",
  "<13>1 2003-10-11T22:14:15Z h a p m [a x",
  "no message",
  "",
];
one("syslog of RFC 5424", { type: "syslog_parser", protocol: "rfc5424" }, ...messages);
one(
  "syslog without a priority",
  { type: "syslog_parser", protocol: "rfc5424", allow_skip_pri_header: true },
  "1 2003-10-11T22:14:15Z h a p m - x",
  messages[0] ?? "",
);
for (const [length, message] of [
  [69, messages[0]],
  [12, messages[0]],
  [90, messages[0]],
  [0, messages[0]],
] as const)
  one(`syslog of ${length} octets`, { type: "syslog_parser", protocol: "rfc5424", enable_octet_counting: true }, `${length} ${message}`);
one(
  "syslog of too many octets",
  { type: "syslog_parser", protocol: "rfc5424", enable_octet_counting: true, max_octets: 10n },
  `69 ${messages[0]}`,
);
one(
  "syslog with two frames",
  { type: "syslog_parser", protocol: "rfc5424", enable_octet_counting: true },
  "40 <1>1 2003-10-11T22:14:15Z a - - - - one 40 <2>1 2003-10-11T22:14:15Z b - - - - two ",
);
for (const [name, end] of [
  ["LF", "\n"],
  ["NUL", "\0"],
] as const)
  one(
    `syslog up to ${name}`,
    { type: "syslog_parser", protocol: "rfc5424", non_transparent_framing_trailer: name },
    `${messages[0]}${end}`,
    messages[0] ?? "",
  );
one("syslog of no protocol", { type: "syslog_parser", protocol: "none" }, "<34>anything", "<999>x", "anything", "");
one("syslog of no protocol with octets", { type: "syslog_parser", protocol: "none", enable_octet_counting: true }, "5 <34>a");
const refused: readonly Readonly<Record<string, Plain>>[] = [
  {},
  { protocol: "rfc1" },
  { protocol: "rfc5424", non_transparent_framing_trailer: "CR" },
  { protocol: "rfc3164", non_transparent_framing_trailer: "LF" },
  { protocol: "rfc5424", non_transparent_framing_trailer: "LF", enable_octet_counting: true },
  { protocol: "rfc3164", location: "Nowhere" },
];
for (const wrong of refused) one(`syslog refused: ${JSON.stringify(wrong)}`, { type: "syslog_parser", ...wrong }, "x");
one(
  "containerd",
  { type: "container" },
  "2024-01-02T03:04:05.000000006Z stdout F alone",
  "2024-01-02T03:04:05.1Z stderr P one ",
  "2024-01-02T03:04:05.2Z stderr F two",
  "no container line",
);
one("cri-o", { type: "container" }, "2024-01-02T03:04:05.000000006+02:00 stdout F alone");
one(
  "docker",
  { type: "container", add_metadata_from_filepath: false },
  '{"log":"hello\\n","stream":"stdout","time":"2024-01-02T03:04:05.6Z"}',
  '{"log":"x"}',
);
one("a given format", { type: "container", format: "containerd" }, "2024-01-02T03:04:05.6Z stdout F x", '{"log":"x"}');

export const operatorCases: readonly OperatorCase[] = cases;
