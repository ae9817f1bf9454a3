import { type Attributes, attributesOf, type Case, traces } from "./case.ts";

// Each trace is a line of spans; what is kept is compared by their names, since the reference sends traces in no order.

interface Span {
  readonly ms?: number;
  readonly attributes?: Attributes;
  readonly status?: number;
  readonly state?: string;
  readonly flags?: number;
  readonly events?: readonly string[];
}

const ids = Array.from({ length: 60 }, (_, i) =>
  ((BigInt(i + 3) * 0xd1b54a32d192ed03f39cc0605cedc835n) & (2n ** 128n - 1n)).toString(16).padStart(32, "0"),
);
const lines: readonly (readonly Span[])[] = [
  [{}],
  [{ ms: 10 }, { ms: 5000 }],
  [{ ms: 6000 }],
  [{ status: 2 }, {}],
  [{ status: 1 }],
  [{ attributes: { n: 5, s: "abc", b: true } }],
  [{ attributes: { n: 50, s: "xyz", b: false } }, {}],
  [{ attributes: { n: "text", s: 7, b: "no" } }],
  [{ attributes: { n: 0 } }],
  [{ state: "vendor=a,ot=th:8" }],
  [{ state: "vendor=b" }, { state: "vendor=c" }],
  [{ state: "vendor=a,vendor=b" }],
  [{ flags: 1 }],
  [{ flags: 256 }],
  [{ events: ["exception"] }, {}],
  [{}, {}, {}, {}],
];
const input = [
  ...lines.map((spans, t) =>
    traces(
      spans.map(({ ms = 1, attributes = {}, status = 0, state = "", flags = 0, events = [] }, i) => ({
        traceId: ids[t],
        spanId: `000000000000000${i + 1}`,
        name: `${t}.${i}`,
        startTimeUnixNano: "1700000000000000000",
        endTimeUnixNano: String(1_700_000_000_000_000_000n + BigInt(ms * 1e6)),
        attributes: attributesOf(attributes),
        status: { code: status },
        traceState: state,
        flags,
        events: events.map((name) => ({ name })),
      })),
      t === 4 ? { s: "abc", n: 7 } : t === 9 ? { b: true } : {},
    ),
  ),
  traces(
    ids.slice(lines.length).map((traceId, i) => ({ traceId, spanId: "0000000000000001", name: `more ${i}`, status: { code: i % 3 } })),
  ),
];

type Policy = Readonly<Record<string, unknown>>;
const sub = (name: string, type: string, inside: Policy = {}) => ({ name, type, ...inside });

const policies: readonly (readonly [name: string, config: readonly Policy[], text: string])[] = [
  [
    "latency",
    [sub("a", "latency", { latency: { threshold_ms: 4000 } })],
    'policy {\nname = "a"\ntype = "latency"\nlatency {\nthreshold_ms = 4000\n}\n}',
  ],
  [
    "latency with a limit",
    [sub("a", "latency", { latency: { threshold_ms: 4, upper_threshold_ms: 5000 } })],
    'policy {\nname = "a"\ntype = "latency"\nlatency {\nthreshold_ms = 4\nupper_threshold_ms = 5000\n}\n}',
  ],
  [
    "status_code",
    [sub("a", "status_code", { status_code: { status_codes: ["ERROR", "OK"] } })],
    'policy {\nname = "a"\ntype = "status_code"\nstatus_code {\nstatus_codes = ["ERROR", "OK"]\n}\n}',
  ],
  ...(
    [
      [3, 10],
      [-1, 10],
      [0, 6],
      [40, 0],
    ] as const
  ).flatMap(([min, max]) =>
    [false, true].map(
      (invert) =>
        [
          `numeric_attribute from ${min} to ${max}${invert ? ", inverted" : ""}`,
          [sub("a", "numeric_attribute", { numeric_attribute: { key: "n", min_value: min, max_value: max, invert_match: invert } })],
          `policy {\nname = "a"\ntype = "numeric_attribute"\nnumeric_attribute {\nkey = "n"\nmin_value = ${min}\nmax_value = ${max}\ninvert_match = ${invert}\n}\n}`,
        ] as const,
    ),
  ),
  ...(
    [
      [["abc", ""], false],
      [["^a", "z$"], true],
      [[".*"], true],
    ] as const
  ).flatMap(([values, isRegex]) =>
    [false, true].map(
      (invert) =>
        [
          `string_attribute ${values.join("|")}${isRegex ? " as a pattern" : ""}${invert ? ", inverted" : ""}`,
          [
            sub("a", "string_attribute", {
              string_attribute: { key: "s", values, enabled_regex_matching: isRegex, cache_max_size: 10, invert_match: invert },
            }),
          ],
          `policy {\nname = "a"\ntype = "string_attribute"\nstring_attribute {\nkey = "s"\nvalues = ${JSON.stringify(values)}\nenabled_regex_matching = ${isRegex}\ncache_max_size = 10\ninvert_match = ${invert}\n}\n}`,
        ] as const,
    ),
  ),
  ...[true, false].flatMap((value) =>
    [false, true].map(
      (invert) =>
        [
          `boolean_attribute ${value}${invert ? ", inverted" : ""}`,
          [sub("a", "boolean_attribute", { boolean_attribute: { key: "b", value, invert_match: invert } })],
          `policy {\nname = "a"\ntype = "boolean_attribute"\nboolean_attribute {\nkey = "b"\nvalue = ${value}\ninvert_match = ${invert}\n}\n}`,
        ] as const,
    ),
  ),
  ...[0, 0.1, 33, 50, 99.9, 100, 120].map(
    (percent) =>
      [
        `probabilistic ${percent}%`,
        [sub("a", "probabilistic", { probabilistic: { sampling_percentage: percent, hash_salt: percent === 50 ? "salt" : "" } })],
        `policy {\nname = "a"\ntype = "probabilistic"\nprobabilistic {\nsampling_percentage = ${percent}\nhash_salt = "${percent === 50 ? "salt" : ""}"\n}\n}`,
      ] as const,
  ),
  [
    "span_count",
    [sub("a", "span_count", { span_count: { min_spans: 2, max_spans: 3 } })],
    'policy {\nname = "a"\ntype = "span_count"\nspan_count {\nmin_spans = 2\nmax_spans = 3\n}\n}',
  ],
  [
    "trace_state",
    [sub("a", "trace_state", { trace_state: { key: "vendor", values: ["a", "c"] } })],
    'policy {\nname = "a"\ntype = "trace_state"\ntrace_state {\nkey = "vendor"\nvalues = ["a", "c"]\n}\n}',
  ],
  ["trace_flags", [sub("a", "trace_flags")], 'policy {\nname = "a"\ntype = "trace_flags"\n}'],
  [
    "ottl_condition",
    [
      sub("a", "ottl_condition", {
        ottl_condition: { error_mode: "ignore", span: ['attributes["n"] == 5', "status.code == 1"], spanevent: ['name == "exception"'] },
      }),
    ],
    'policy {\nname = "a"\ntype = "ottl_condition"\nottl_condition {\nerror_mode = "ignore"\nspan = [`attributes["n"] == 5`, "status.code == 1"]\nspanevent = [`name == "exception"`]\n}\n}',
  ],
  [
    "not",
    [sub("a", "not", { not: { not_sub_policy: sub("b", "status_code", { status_code: { status_codes: ["UNSET"] } }) } })],
    'policy {\nname = "a"\ntype = "not"\nnot {\nnot_sub_policy {\nname = "b"\ntype = "status_code"\nstatus_code {\nstatus_codes = ["UNSET"]\n}\n}\n}\n}',
  ],
  [
    "and",
    [
      sub("a", "and", {
        and: {
          and_sub_policy: [
            sub("b", "status_code", { status_code: { status_codes: ["UNSET"] } }),
            sub("c", "not", { not: { not_sub_policy: sub("d", "span_count", { span_count: { min_spans: 2 } }) } }),
          ],
        },
      }),
    ],
    'policy {\nname = "a"\ntype = "and"\nand {\nand_sub_policy {\nname = "b"\ntype = "status_code"\nstatus_code {\nstatus_codes = ["UNSET"]\n}\n}\nand_sub_policy {\nname = "c"\ntype = "not"\nnot {\nnot_sub_policy {\nname = "d"\ntype = "span_count"\nspan_count {\nmin_spans = 2\n}\n}\n}\n}\n}\n}',
  ],
  [
    "drop",
    [
      sub("all", "always_sample"),
      sub("a", "drop", { drop: { drop_sub_policy: [sub("b", "status_code", { status_code: { status_codes: ["ERROR"] } })] } }),
    ],
    'policy {\nname = "all"\ntype = "always_sample"\n}\npolicy {\nname = "a"\ntype = "drop"\ndrop {\ndrop_sub_policy {\nname = "b"\ntype = "status_code"\nstatus_code {\nstatus_codes = ["ERROR"]\n}\n}\n}\n}',
  ],
  [
    "several",
    [sub("a", "latency", { latency: { threshold_ms: 4000 } }), sub("b", "span_count", { span_count: { min_spans: 4 } })],
    'sample_on_first_match = true\npolicy {\nname = "a"\ntype = "latency"\nlatency {\nthreshold_ms = 4000\n}\n}\npolicy {\nname = "b"\ntype = "span_count"\nspan_count {\nmin_spans = 4\n}\n}',
  ],
];

export const tailSamplingCases: readonly Case[] = policies.map(([name, config, text]) => ({
  name: `tail_sampling: ${name}`,
  component: "tail_sampling",
  kind: "processor",
  config: { decision_wait: "30s", num_traces: 1000, policies: config },
  text,
  signal: "traces",
  input,
  shutdown: true,
  comparesNames: true,
}));
