// Tags that tell of a resource or scope rather than of their span: OpenTelemetry's names for them, and OpenCensus's.

const resource = [
  ["cloud.", "provider account.id region availability_zone platform resource_id"],
  ["aws.ecs.", "container.arn cluster.arn launchtype task.arn task.family task.revision"],
  ["aws.", "eks.cluster.arn log.group.names log.group.arns log.stream.names log.stream.arns"],
  ["container.", "name id runtime image.name image.tag"],
  ["", "deployment.environment telemetry.auto.version"],
  ["device.", "id model.identifier model.name manufacturer"],
  ["faas.", "name id version instance max_memory"],
  ["host.", "id name type arch image.name image.id image.version"],
  ["k8s.", "cluster.name node.name node.uid namespace.name pod.uid pod.name container.name container.restart_count"],
  ["k8s.", "replicaset.uid replicaset.name deployment.uid deployment.name statefulset.uid statefulset.name"],
  ["k8s.", "daemonset.uid daemonset.name job.uid job.name cronjob.uid cronjob.name"],
  ["os.", "type description name version"],
  ["process.", "pid executable.name executable.path command command_line command_args owner"],
  ["process.runtime.", "name version description"],
  ["service.", "name namespace instance.id version"],
  ["telemetry.sdk.", "name language version"],
  ["webengine.", "name version description"],
  ["opencensus.", "starttime exporterversion resourcetype"],
] as const;

const resourceTags: ReadonlySet<string> = new Set(
  resource.flatMap(([prefix, names]) => names.split(" ").map((name) => `${prefix}${name}`)),
);
const scopeTags: ReadonlySet<string> = new Set(["otel.library.name", "otel.library.version", "otel.scope.name", "otel.scope.version"]);

/** Whether a tag becomes an attribute of the resource. */
export function goesToResource(key: string): boolean {
  return resourceTags.has(key);
}

/** Whether a tag is never an attribute of a span. */
export function isNoSpanAttribute(key: string): boolean {
  return resourceTags.has(key) || scopeTags.has(key) || key === "otlp.service.name.source";
}
