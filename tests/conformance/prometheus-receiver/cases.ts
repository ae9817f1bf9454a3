/** Pages of one target, one a scrape. */
export interface Case {
  readonly name: string;
  readonly contentType: string;
  readonly pages: readonly string[];
  /** Why ours is another: Alloy has a copy of the receiver of its own, which is older in places. */
  readonly differs?: string;
}

const text = "text/plain; version=0.0.4";
const openMetrics = "application/openmetrics-text; version=1.0.0; charset=utf-8";

const plain = (name: string, ...pages: string[]): Case => ({ name, contentType: text, pages });
const unlike = (differs: string, each: Case): Case => ({ ...each, differs });
const open = (name: string, ...pages: string[]): Case => ({ name, contentType: openMetrics, pages: pages.map((page) => `${page}# EOF\n`) });

const histogram = (name: string, labels: string, [low, all, sum]: readonly [number, number, number]) =>
  `${name}_bucket{${labels}le="0.5"} ${low}\n${name}_bucket{${labels}le="2.5"} ${all}\n${name}_bucket{${labels}le="+Inf"} ${all}\n` +
  `${name}_sum${labels === "" ? "" : `{${labels}}`} ${sum}\n${name}_count${labels === "" ? "" : `{${labels}}`} ${all}\n`;

export const cases: readonly Case[] = [
  plain(
    "a counter",
    "# HELP c_total Things.\n# TYPE c_total counter\nc_total 1\n",
    "# HELP c_total Things.\n# TYPE c_total counter\nc_total 3\n",
  ),
  plain("a counter with labels", '# TYPE c_total counter\nc_total{a="x",b=""} 1\nc_total{a="y"} 2\nc_total 3\n'),
  plain("a counter that begins anew", "# TYPE c_total counter\nc_total 5\n", "# TYPE c_total counter\nc_total 2\n"),
  plain("a counter without the suffix", "# TYPE requests counter\nrequests 1\n"),
  plain(
    "gauges of all kinds of values",
    '# TYPE g gauge\ng{v="a"} 1.5\ng{v="b"} -0\ng{v="c"} +Inf\ng{v="d"} -Inf\ng{v="e"} NaN\ng{v="f"} 1e300\n',
  ),
  plain("no type", 'untyped_thing 4\nother{a="b"} 5\n'),
  plain("type untyped", "# HELP u Something.\n# TYPE u untyped\nu 4\n"),
  plain(
    "names with units",
    "# TYPE t_seconds gauge\nt_seconds 1\n# TYPE b_bytes_total counter\nb_bytes_total 2\n# TYPE r_ratio gauge\nr_ratio 0.5\n",
  ),
  plain(
    "a histogram",
    `# HELP h Durations.\n# TYPE h histogram\n${histogram("h", "", [1, 2, 1.5])}`,
    `# TYPE h histogram\n${histogram("h", "", [3, 4, 3])}`,
  ),
  plain("histograms with labels", `# TYPE h histogram\n${histogram("h", 'a="x",', [1, 2, 1.5])}${histogram("h", 'a="y",', [0, 0, 0])}`),
  plain("a histogram without its sum", '# TYPE h histogram\nh_bucket{le="1"} 1\nh_bucket{le="+Inf"} 2\nh_count 2\n'),
  plain("a histogram without its count", '# TYPE h histogram\nh_bucket{le="1"} 1\nh_bucket{le="+Inf"} 2\nh_sum 2\n'),
  plain("a histogram without +Inf", '# TYPE h histogram\nh_bucket{le="1"} 1\nh_bucket{le="2"} 2\nh_sum 2\nh_count 2\n'),
  plain(
    "a histogram whose buckets are out of order",
    '# TYPE h histogram\nh_bucket{le="+Inf"} 3\nh_bucket{le="2"} 2\nh_bucket{le="1"} 1\nh_sum 2\nh_count 3\n',
  ),
  plain("buckets without a type", histogram("h", "", [1, 2, 1.5])),
  plain(
    "a summary",
    '# TYPE s summary\ns{quantile="0.5"} 1\ns{quantile="0.99"} 2\ns_sum 10\ns_count 4\n',
    '# TYPE s summary\ns{quantile="0.5"} NaN\ns{quantile="0.99"} NaN\ns_sum 10\ns_count 4\n',
  ),
  plain("a summary without quantiles", "# TYPE s summary\ns_sum 10\ns_count 4\n"),
  plain("a summary without its count", '# TYPE s summary\ns{quantile="0.5"} 1\ns_sum 10\n'),
  plain("what is gone is stale", "# TYPE g gauge\ng 1\n# TYPE c_total counter\nc_total 2\n", "# TYPE g gauge\ng 2\n"),
  plain("a histogram that is gone", `# TYPE h histogram\n${histogram("h", "", [1, 2, 1.5])}`, "# TYPE g gauge\ng 1\n"),
  plain("a summary that is gone", '# TYPE s summary\ns{quantile="0.5"} 1\ns_sum 10\ns_count 4\n', "# TYPE g gauge\ng 1\n"),
  plain("a page that can't be read", "# TYPE g gauge\ng 1\n", "this is {no page\n"),
  plain("an empty page", ""),
  plain("times of their own", "# TYPE g gauge\ng 1 1700000000000\n# TYPE c_total counter\nc_total 2 1700000001000\n"),
  plain("target_info", '# TYPE target_info gauge\ntarget_info{version="3",region="eu"} 1\n# TYPE g gauge\ng 1\n'),
  plain("scope labels", '# TYPE g gauge\ng{otel_scope_name="lib",otel_scope_version="1",a="b"} 1\ng{a="c"} 2\n'),
  unlike(
    "the copy leaves labels of scopes beyond name, version and schema with the points",
    plain(
      "scope attributes",
      '# TYPE g gauge\ng{otel_scope_name="lib",otel_scope_version="1",otel_scope_kind="x",otel_scope_schema_url="https://s"} 1\n',
    ),
  ),
  unlike(
    "the copy takes attributes of scopes from otel_scope_info",
    plain(
      "otel_scope_info",
      '# TYPE otel_scope_info gauge\notel_scope_info{otel_scope_name="lib",otel_scope_version="1",color="red"} 1\n# TYPE g gauge\ng{otel_scope_name="lib",otel_scope_version="1"} 1\n',
    ),
  ),
  plain("labels that are kept apart", '# TYPE g gauge\ng{job="own",instance="mine"} 1\n'),
  plain("UTF-8 names", '# TYPE "my.metric" gauge\n{"my.metric","label.one"="x"} 1\n'),
  unlike("types are known for the whole page", plain("a type that comes late", "g 1\n# TYPE g gauge\n")),
  plain("two types in turn", "# TYPE m counter\nm 1\n", "# TYPE m gauge\nm 2\n"),
  open("a counter in OpenMetrics", "# HELP c Things.\n# TYPE c counter\n# UNIT c_total total\nc_total 1\n"),
  unlike("the copy makes a metric of the created time", open("a created time", "# TYPE c counter\nc_total 1\nc_created 1700000000.5\n")),
  open("a unit", "# TYPE t_seconds gauge\n# UNIT t_seconds seconds\nt_seconds 1\n"),
  open(
    "an exemplar of a counter",
    '# TYPE c counter\nc_total 1 # {trace_id="0102030405060708090a0b0c0d0e0f10",span_id="0102030405060708",a="b"} 0.5 1700000000.123\n',
  ),
  open(
    "exemplars of a histogram",
    '# TYPE h histogram\nh_bucket{le="1"} 1 # {trace_id="0102030405060708090a0b0c0d0e0f10"} 0.5 1700000000\nh_bucket{le="+Inf"} 2 # {a="b"} 3\nh_sum 3.5\nh_count 2\n',
  ),
  open("an exemplar with ids that are none", '# TYPE c counter\nc_total 1 # {trace_id="xyz",span_id="1"} 0.5 1700000000\n'),
  open(
    "a histogram with a created time",
    '# TYPE h histogram\nh_bucket{le="1"} 1\nh_bucket{le="+Inf"} 2\nh_sum 3.5\nh_count 2\nh_created 1700000000\n',
  ),
  open("a summary with a created time", '# TYPE s summary\ns{quantile="0.5"} 1\ns_sum 3\ns_count 2\ns_created 1700000000\n'),
  open("a gauge histogram", '# TYPE h gaugehistogram\nh_bucket{le="1"} 1\nh_bucket{le="+Inf"} 2\nh_gsum 3.5\nh_gcount 2\n'),
  open("an info metric", '# TYPE build info\nbuild_info{version="1"} 1\n'),
  open("a state set", '# TYPE feature stateset\nfeature{feature="a"} 1\nfeature{feature="b"} 0\n'),
  open("an unknown metric", "# TYPE u unknown\nu 1\n"),
  open("target info in OpenMetrics", '# TYPE target info\ntarget_info{version="3"} 1\n# TYPE g gauge\ng 1\n'),
];
