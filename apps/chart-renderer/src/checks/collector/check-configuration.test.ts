import assert from "node:assert/strict";
import { test } from "node:test";
import { checkConfiguration } from "./check-configuration.ts";

function problems(text: string): string {
  return checkConfiguration(text)
    .map(({ line, severity, message, fix }) => `${line} ${severity} ${message}${fix === undefined ? "" : ` (${fix})`}`)
    .join("\n");
}

test("a right configuration gives nothing", () => {
  const text = `
logging { level = "debug" }
discovery.kubernetes "pods" { role = "pod" }
declare "mine" {
  argument "to" { }
  loki.process "inner" { forward_to = argument.to.value }
}
mine "one" { to = [loki.write.out.receiver] }
import.string "other" { content = "" }
other.thing "two" { }
loki.write "out" {
  endpoint { url = sys.env("URL") }
}
loki.source.kubernetes "pods" {
  targets    = discovery.kubernetes.pods.targets
  forward_to = [loki.write.out.receiver]
}
`;
  assert.equal(problems(text), "");
});

test("each mistake has its line and what to write", () => {
  const cases: readonly (readonly [string, string])[] = [
    ['loki.wrte "a" { }', "1 warning the collector has no component loki.wrte (write loki.write)"],
    ['loki.write {\n  endpoint { url = "x" }\n}', '1 error loki.write needs a label (write loki.write "name" {)'],
    [
      'loki.write "a" {\n  endpoint { uri = "x" }\n}',
      "2 error loki.write > endpoint needs the argument url (write url = …)\n2 error loki.write > endpoint has no argument uri (write url)",
    ],
    ['loki.write "a" {\n  endpont { url = "x" }\n}', "2 error loki.write has no block endpont (write endpoint)"],
    [
      'discovery.kubernetes "a" {\n  role = "pods"\n}',
      '2 error role of discovery.kubernetes is one of pod, service, endpoints, endpointslice, node, ingress, not "pods" (write "pod")',
    ],
    ['loki.process "a" {\n  forward_to = [loki.write.b.receiver]\n}', "2 error there is no loki.write with the label b"],
  ];
  for (const [text, expected] of cases) {
    const found = problems(text);
    if (expected.includes("is one of"))
      assert.match(found, /^2 error role of discovery\.kubernetes is one of .*, not "pods" \(write "pod"\)$/);
    else assert.equal(found, expected, text);
  }
});

test("what cannot be read is told alone", () => {
  assert.match(problems('loki.write "a" {\n  endpoint {\n    url =\n  }\n}'), /^4 error /);
});
