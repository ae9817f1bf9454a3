// Nanoseconds of CPU a call: JavaScript's engine behind our API, the automaton alone, and a bare RegExp.
import { RE2JS } from "re2js";
import { toJavaScript, toRe2 } from "./emit.ts";
import { compileRegexp } from "./regexp.ts";
import { parsePattern } from "./syntax.ts";

const LINE =
  '127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /apache_pb.gif?x=1 HTTP/1.0" 200 2326 "http://www.example.com/start.html" "Mozilla/4.08 [en]"';
const POD = "__meta_kubernetes_pod_label_app_kubernetes_io_name";

const CASES: readonly [pattern: string, text: string, isAnchored: boolean][] = [
  ["^(\\S+) (\\S+) (\\S+) \\[([^\\]]+)\\] (.*)$", LINE, false],
  ["error|warn|fatal", LINE, false],
  ["(?i)error", LINE, false],
  ["\\d+ms", LINE, false],
  ["([a-z]+)://([^/]+)/", LINE, false],
  ["(.*a)(.*b)(.*c)(.*d)", LINE, false],
  ["__meta_kubernetes_pod_label_(.+)", POD, true],
  ["kube-system|default|monitoring", POD, true],
  ["([^:]+)(?::\\d+)?;(\\d+)", "10.0.0.1:8080;9090", true],
];

for (const [pattern, text, isAnchored] of CASES) {
  const ours = compileRegexp(pattern, { anchored: isAnchored });
  const { root } = parsePattern(isAnchored ? `^(?s:${pattern})$` : pattern);
  const automaton = RE2JS.compile(toRe2(root));
  const bare = new RegExp(toJavaScript(root), "u");
  const figures = {
    test: nanos(() => ours.test(text)),
    exec: nanos(() => ours.exec(text)),
    automatonTest: nanos(() => automaton.test(text)),
    automatonExec: nanos(() => automaton.exec(text)),
    bareTest: nanos(() => bare.test(text)),
    bareExec: nanos(() => bare.exec(text)),
  };
  console.log(pattern.padEnd(45), `limit ${ours.backtrackingLimit}`.padEnd(14), JSON.stringify(figures));
}

function nanos(run: () => unknown): number {
  const rounds = 50_000;
  for (let round = 0; round < rounds / 10; round++) run();
  const start = process.cpuUsage();
  for (let round = 0; round < rounds; round++) run();
  const spent = process.cpuUsage(start);
  return Math.round(((spent.user + spent.system) * 1000) / rounds);
}
