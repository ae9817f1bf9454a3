import { Type } from "@sinclair/typebox";
import { amount, choice, duration, flag, integer, labels, list, section, text, texts } from "../words.ts";
import { auth, clusterLabels, credential, secret, tls } from "./client.ts";
import { absent, destination } from "./destination.ts";
import { defaultRemoveList } from "./resource-attributes.ts";

const signal = (name: string) =>
  section(`The ${name} that go here.`, {
    enabled: flag("Whether any do.", true),
    path: text("The path below the URL, over HTTP. Empty: OpenTelemetry's own."),
  });

const statements = (context: string) => ({
  [context]: texts(`Statements in the context ${context}.`),
  [`${context}From`]: texts("The same as expressions of the configuration language."),
});

const action = section("An action of otelcol.processor.attributes.", {
  key: text("The attribute."),
  action: text("What is done: insert, update, upsert, delete, hash, extract or convert."),
  value: Type.Any({ description: "The value." }),
  valueFrom: text("An expression of the configuration language that gives it."),
  pattern: text("The RE2 pattern, of `extract`, or of the keys."),
  fromAttribute: text("The attribute that gives the value."),
  fromContext: text("What of the request gives the value."),
  convertedType: text("The type, of `convert`."),
});

export const otlp = destination("What speaks OpenTelemetry's protocol: Tempo, another collector, a vendor.", "otlp", {
  protocol: choice("How it is spoken.", ["grpc", "http"], "grpc"),
  protocolValidation: flag("Fail where the URL is known to need the other protocol.", true),
  metrics: signal("metrics"),
  logs: signal("logs"),
  traces: signal("traces"),
  url: text("The endpoint: host and port over gRPC, such as http://tempo:4317; a URL over HTTP."),
  urlFrom: text("An expression of the configuration language that gives it."),
  proxyURL: text("The proxy that requests pass, over HTTP."),
  ...credential("tenantId", "The tenant, sent as X-Scope-OrgID."),
  extraHeaders: labels("More headers."),
  extraHeadersFrom: labels("More headers, their values expressions of the configuration language."),
  clusterLabels,
  extraResourceAttributes: labels("Attributes of every resource."),
  extraResourceAttributesFrom: labels("Attributes of every resource, their values expressions of the configuration language."),
  auth: auth(["none", "basic", "bearerToken", "oauth2", "sigv4"], { sigv4: absent("Signatures of AWS.") }),
  secret,
  tls: tls({ ca: "ca", cert: "cert", key: "key" }, { insecure: flag("Speak without TLS.") }),
  readBufferSize: text("The size of the read buffer, such as 512KiB."),
  writeBufferSize: text("The size of the write buffer."),
  timeout: duration("How long a request may take."),
  retryOnFailure: section("How requests are repeated.", {
    enabled: flag("Whether they are.", true),
    initialInterval: duration("The first pause.", "5s"),
    maxInterval: duration("The longest pause.", "30s"),
    maxElapsedTime: duration("How long a request is repeated; 0s: for ever.", "5m"),
  }),
  sendingQueue: section("The queue before the exporter.", {
    enabled: flag("Whether there is one.", true),
    blockOnOverflow: Type.Boolean({ description: "Hold the sender when it is full, instead of dropping the oldest." }),
    waitForResult: Type.Boolean({ description: "Answer only when the destination has." }),
    numConsumers: amount("How many requests are under way at a time."),
    queueSize: amount("How much it holds."),
    sizer: choice("In which unit.", ["", "requests", "items", "bytes"], ""),
    storage: text("The handler of a storage component."),
    batch: section("Requests put together in the queue.", {
      enabled: flag("Whether they are."),
      sizer: choice("In which unit.", ["", "bytes", "items"], ""),
      flushTimeout: duration("How long a request waits to fill."),
      minSize: amount("The size from which it is sent."),
      maxSize: amount("The size at which it is split."),
    }),
  }),
  processors: section("What telemetry passes before it is sent.", {
    serviceGraphMetrics: absent("Metrics of the calls between services."),
    tailSampling: absent("Sampling of whole traces."),
    attributes: section("Changes of attributes.", { actions: list("What is done, in order.", action) }),
    resourceAttributes: section("Attributes of resources that are removed.", {
      useDefaultRemoveList: flag("Remove those that change often and tell little.", true),
      removeList: texts("More names."),
      defaultRemoveList: texts("Those that change often and tell little.", defaultRemoveList),
    }),
    transform: section("Statements of OpenTelemetry's transformation language.", {
      errorMode: choice("What a failing statement does.", ["ignore", "silent", "propagate"], "ignore"),
      metrics: section("Of metrics.", {
        ...statements("resource"),
        ...statements("metric"),
        ...statements("datapoint"),
        datapointToResource: labels("Attributes of data points that become attributes of the resource where it has none.", {
          service_name: "service.name",
          service_namespace: "service.namespace",
          deployment_environment_name: "deployment.environment.name",
          deployment_environment: "deployment.environment",
        }),
      }),
      logs: section("Of logs.", {
        ...statements("resource"),
        ...statements("log"),
        ...statements("scope"),
        logToResource: labels("Attributes of log records that become attributes of the resource where it has none.", {
          service_name: "service.name",
          service_namespace: "service.namespace",
          deployment_environment_name: "deployment.environment.name",
          deployment_environment: "deployment.environment",
          container: "k8s.container.name",
          cronjob: "k8s.cronjob.name",
          daemonset: "k8s.daemonset.name",
          deployment: "k8s.deployment.name",
          job_name: "k8s.job.name",
          namespace: "k8s.namespace.name",
          pod: "k8s.pod.name",
          replicaset: "k8s.replicaset.name",
          statefulset: "k8s.statefulset.name",
        }),
      }),
      traces: section("Of traces.", { ...statements("resource"), ...statements("span"), ...statements("spanevent") }),
    }),
    filters: section("Conditions on which telemetry is dropped.", {
      enabled: flag("Whether any are."),
      errorMode: choice("What a failing condition does.", ["ignore", "silent", "propagate"], "ignore"),
      metrics: section("Of metrics.", { metric: texts("On metrics."), datapoint: texts("On data points.") }),
      logs: section("Of logs.", { logRecord: texts("On log records.") }),
      traces: section("Of traces.", { span: texts("On spans."), spanevent: texts("On events of spans.") }),
    }),
    batch: section("Requests put together.", {
      enabled: flag("Whether they are.", true),
      size: integer("How many items a request should have.", 8192, { minimum: 0 }),
      maxSize: integer("How many it has at most; 0: as many as come.", 0, { minimum: 0 }),
      timeout: duration("How long items wait for a request to fill.", "2s"),
    }),
    memoryLimiter: section("Pushing back when memory runs short.", {
      enabled: flag("Whether it is done."),
      checkInterval: duration("How often memory is looked at.", "1s"),
      limit: text("The bound, such as 512MiB.", "0MiB"),
    }),
  }),
});
