import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { keepsTheContract, type Sample } from "../../apps/collector/src/component/contract.suite.ts";
import { capsuleOf } from "../../apps/collector/src/component/from-text.ts";
import { components } from "../../apps/collector/src/components/registry.generated.ts";

const folder = mkdtempSync(join(tmpdir(), "invar-contract-"));
after(() => rmSync(folder, { recursive: true }));
const moduleFile = join(folder, "module.alloy");
writeFileSync(moduleFile, "// nothing\n");

const consumer = { consume: async () => {}, pressure: () => undefined };
const names = {
  otel: capsuleOf("otelcol.Consumer", consumer),
  loki: capsuleOf("loki.LogsReceiver", consumer),
  prometheus: capsuleOf("storage.Appendable", consumer),
};
const output = "output {\n\ttraces = [otel]\n\tmetrics = [otel]\n\tlogs = [otel]\n}";
/** An address where nobody listens: data for it waits, and nothing else happens. */
const nowhere = "http://127.0.0.1:9";

/** A text for each component; those that need the network or another program to be created have tests of their own. */
const samples: Readonly<Record<string, Sample>> = {
  "discovery.dns": { text: 'names = ["localhost"]\ntype = "A"\nport = 1' },
  "discovery.file": { text: `files = ["${folder}/*.json"]` },
  "discovery.http": { text: `url = "${nowhere}/"`, changed: `url = "${nowhere}/other"` },
  "discovery.kubelet": { text: `url = "${nowhere}"` },
  "discovery.kubernetes": { text: `role = "pod"\napi_server = "${nowhere}"`, changed: `role = "node"\napi_server = "${nowhere}"` },
  "discovery.process": { text: "" },
  "discovery.relabel": { text: 'targets = [{ a = "b" }]\nrule {\n\ttarget_label = "x"\n\treplacement = "y"\n}', changed: "targets = []" },
  "import.file": { text: `filename = "${moduleFile}"` },
  "import.string": { text: 'content = "// nothing"', changed: 'content = "// else"' },
  "local.file": { text: `filename = "${moduleFile}"` },
  "local.file_match": { text: `path_targets = [{ __path__ = "${folder}/*.log" }]` },
  "loki.echo": { text: "" },
  "loki.enrich": {
    text: 'forward_to = [loki]\ntargets = []\ntarget_match_label = "a"',
    changed: 'forward_to = []\ntargets = [{ a = "b" }]\ntarget_match_label = "a"',
  },
  "loki.process": {
    text: "forward_to = [loki]\nstage.cri { }",
    changed: 'forward_to = [loki]\nstage.static_labels {\n\tvalues = { a = "b" }\n}',
  },
  "loki.relabel": { text: 'forward_to = [loki]\nrule {\n\ttarget_label = "x"\n}' },
  "loki.secretfilter": { text: "forward_to = [loki]", changed: "forward_to = []\nredact_percent = 100" },
  "loki.source.api": { text: 'forward_to = [loki]\nhttp {\n\tlisten_address = "127.0.0.1"\n\tlisten_port = 0\n}' },
  "loki.source.file": {
    text: `forward_to = [loki]\ntargets = [{ __path__ = "${folder}/x.log" }]`,
    changed: "forward_to = []\ntargets = []",
  },
  "loki.source.kubernetes": {
    text: `forward_to = [loki]\ntargets = []\nclient {\n\tapi_server = "${nowhere}"\n}`,
    changed: `forward_to = []\ntargets = []\nclient {\n\tapi_server = "${nowhere}"\n}`,
  },
  "loki.source.journal": { text: `forward_to = [loki]\npath = "${folder}"` },
  "loki.source.syslog": { text: 'forward_to = [loki]\nlistener {\n\taddress = "127.0.0.1:0"\n}' },
  "loki.source.kubernetes_events": {
    text: `forward_to = [loki]\nclient {\n\tapi_server = "${nowhere}"\n}`,
    changed: `forward_to = []\nclient {\n\tapi_server = "${nowhere}"\n}`,
  },
  "loki.write": { text: `endpoint {\n\turl = "${nowhere}/loki/api/v1/push"\n}` },
  "otelcol.auth.basic": { text: 'username = "a"\npassword = "b"', changed: 'username = "a"\npassword = "c"' },
  "otelcol.auth.bearer": { text: 'token = "a"' },
  "otelcol.auth.headers": { text: 'header {\n\tkey = "a"\n\tvalue = "b"\n}' },
  "otelcol.auth.oauth2": { text: `client_id = "a"\nclient_secret = "b"\ntoken_url = "${nowhere}/"` },
  "otelcol.connector.host_info": { text: output, changed: `host_identifiers = ["host.name"]\n${output}` },
  "otelcol.connector.servicegraph": { text: output, changed: `dimensions = ["a"]\n${output}` },
  "otelcol.connector.spanlogs": { text: output, changed: `spans = true\n${output}` },
  "otelcol.connector.spanmetrics": {
    text: `histogram {\n\texplicit { }\n}\n${output}`,
    changed: `histogram {\n\texponential { }\n}\n${output}`,
  },
  "otelcol.exporter.debug": { text: "" },
  "otelcol.exporter.file": { text: `path = "${folder}/out.json"`, changed: `path = "${folder}/other.json"` },
  "otelcol.exporter.loadbalancing": { text: 'resolver {\n\tstatic {\n\t\thostnames = ["127.0.0.1:1"]\n\t}\n}' },
  "otelcol.exporter.otlp": { text: 'client {\n\tendpoint = "127.0.0.1:9"\n}' },
  "otelcol.exporter.otlphttp": { text: `client {\n\tendpoint = "${nowhere}"\n}` },
  "otelcol.exporter.loki": { text: "forward_to = [loki]", changed: "forward_to = []" },
  "otelcol.exporter.prometheus": { text: "forward_to = [prometheus]", changed: "forward_to = []\ninclude_target_info = false" },
  "otelcol.processor.attributes": { text: `action {\n\tkey = "a"\n\tvalue = "b"\n\taction = "upsert"\n}\n${output}` },
  "otelcol.processor.batch": { text: output, changed: `timeout = "1s"\n${output}` },
  "otelcol.processor.filter": { text: `traces {\n\tspan = ["name == \\"x\\""]\n}\n${output}`, changed: output },
  "otelcol.processor.groupbyattrs": { text: `keys = ["a"]\n${output}`, changed: output },
  "otelcol.processor.interval": { text: output, changed: `interval = "10s"\n${output}` },
  "otelcol.processor.k8sattributes": {
    text: `passthrough = true\n${output}`,
    changed: `passthrough = true\nwait_for_metadata = true\n${output}`,
  },
  "otelcol.processor.memory_limiter": { text: `check_interval = "1s"\nlimit = "100MiB"\n${output}` },
  "otelcol.processor.probabilistic_sampler": { text: output, changed: `sampling_percentage = 10\n${output}` },
  "otelcol.processor.resourcedetection": { text: output, changed: `override = false\n${output}` },
  "otelcol.processor.tail_sampling": {
    text: `policy {\n\tname = "a"\n\ttype = "always_sample"\n}\n${output}`,
    changed: `decision_wait = "10s"\npolicy {\n\tname = "a"\n\ttype = "latency"\n\tlatency {\n\t\tthreshold_ms = 5\n\t}\n}\n${output}`,
  },
  "otelcol.processor.transform": { text: `statements {\n\ttrace = ["set(span.name, \\"x\\")"]\n}\n${output}`, changed: output },
  "otelcol.receiver.filelog": { text: `include = ["${folder}/*.log"]\n${output}` },
  "otelcol.receiver.jaeger": { text: `protocols {\n\tthrift_http {\n\t\tendpoint = "127.0.0.1:0"\n\t}\n}\n${output}` },
  "otelcol.receiver.loki": { text: output, changed: "output { }" },
  "otelcol.receiver.prometheus": { text: output, changed: "output { }" },
  "otelcol.receiver.otlp": { text: `grpc {\n\tendpoint = "127.0.0.1:0"\n}\nhttp {\n\tendpoint = "127.0.0.1:0"\n}\n${output}` },
  "otelcol.receiver.zipkin": { text: `endpoint = "127.0.0.1:0"\n${output}` },
  "otelcol.storage.file": { text: `directory = "${folder}"` },
  "prometheus.echo": { text: "" },
  "prometheus.exporter.self": { text: "" },
  "prometheus.exporter.static": { text: 'text = "a 1\\n"', changed: 'text = "a 2\\n"' },
  "prometheus.exporter.unix": { text: "", changed: 'set_collectors = ["cpu"]' },
  "prometheus.operator.podmonitors": {
    text: `forward_to = [prometheus]\nclient {\n\tapi_server = "${nowhere}"\n}`,
    changed: `forward_to = []\nclient {\n\tapi_server = "${nowhere}"\n}`,
  },
  "prometheus.operator.probes": {
    text: `forward_to = [prometheus]\nclient {\n\tapi_server = "${nowhere}"\n}`,
    changed: `forward_to = []\nclient {\n\tapi_server = "${nowhere}"\n}`,
  },
  "prometheus.operator.servicemonitors": {
    text: `forward_to = [prometheus]\nclient {\n\tapi_server = "${nowhere}"\n}`,
    changed: `forward_to = []\nclient {\n\tapi_server = "${nowhere}"\n}`,
  },
  "prometheus.receive_http": { text: 'forward_to = [prometheus]\nhttp {\n\tlisten_address = "127.0.0.1"\n\tlisten_port = 0\n}' },
  "prometheus.enrich": { text: 'forward_to = [prometheus]\ntargets = []\ntarget_match_label = "a"' },
  "prometheus.relabel": { text: 'forward_to = [prometheus]\nrule {\n\ttarget_label = "x"\n}' },
  "prometheus.remote_write": { text: `endpoint {\n\turl = "${nowhere}/api/v1/write"\n}` },
  "prometheus.scrape": {
    text: "forward_to = [prometheus]\ntargets = []",
    changed: 'forward_to = [prometheus]\ntargets = []\nscrape_interval = "30s"',
  },
};
const testedElsewhere: ReadonlySet<string> = new Set([
  "import.git",
  "import.http",
  "remote.kubernetes.configmap",
  "remote.kubernetes.secret",
]);

for (const load of Object.values(components)) {
  const definition = load();
  const sample = samples[definition.name];
  if (sample !== undefined) keepsTheContract(definition, { names, ...sample });
  else
    test(`${definition.name} has a sample for the tests that every component passes`, () => {
      assert.ok(testedElsewhere.has(definition.name), "write one in tests/contract/components.test.ts");
    });
}
