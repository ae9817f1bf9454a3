import type { Signal } from "../batch.ts";
import type { MatchProperties } from "./arguments.ts";

const spanKinds = ["SPAN_KIND_CLIENT", "SPAN_KIND_CONSUMER", "SPAN_KIND_INTERNAL", "SPAN_KIND_PRODUCER", "SPAN_KIND_SERVER"];

/** What is wrong with match properties for a signal, or undefined. Which properties exist differs by signal. */
export function matchFault(signal: Signal, properties: MatchProperties): string | undefined {
  switch (signal) {
    case "traces":
      return spanFault(properties);
    case "logs":
      return logFault(properties);
    case "metrics":
      return metricFault(properties);
  }
}

function spanFault(properties: MatchProperties): string | undefined {
  const { log_bodies, log_severity_texts, log_severity, metric_names, span_kinds } = properties;
  if (log_bodies.length > 0) return "log_bodies should not be specified for trace spans";
  if (log_severity_texts.length > 0) return "log_severity_texts should not be specified for trace spans";
  if (log_severity !== undefined) return "log_severity should not be specified for trace spans";
  if (metric_names.length > 0) return "metric_names should not be specified for trace spans";
  const { services, span_names, attribute, library, resource } = properties;
  if ([services, span_names, span_kinds, attribute, library, resource].every((each) => each.length === 0))
    return "at least one of services, span_names, span_kinds, attribute, library or resource must be specified";
  if (properties.match_type === "strict" && span_kinds.some((kind) => !spanKinds.includes(kind)))
    return `span_kinds string must match one of the standard span kinds when match_type=strict: [${spanKinds.join(" ")}]`;
  return undefined;
}

function logFault(properties: MatchProperties): string | undefined {
  const { span_names, services, span_kinds, metric_names } = properties;
  if ([span_names, services, span_kinds, metric_names].some((each) => each.length > 0))
    return "services, span_names, span_kinds and metric_names are not valid for log records";
  const { attribute, library, resource, log_bodies, log_severity_texts, log_severity } = properties;
  if ([attribute, library, resource, log_bodies, log_severity_texts].every((each) => each.length === 0) && log_severity === undefined)
    return "at least one of attribute, library, resource, log_bodies, log_severity_texts or log_severity must be specified";
  return undefined;
}

function metricFault(properties: MatchProperties): string | undefined {
  const { log_bodies, log_severity_texts, log_severity, span_names, services, span_kinds, attribute, library } = properties;
  const others = [log_bodies, log_severity_texts, span_names, services, span_kinds, attribute, library];
  if (others.some((each) => each.length > 0) || log_severity !== undefined)
    return "span_names, span_kinds, log_bodies, log_severity_texts, log_severity, services, attribute and library are not valid for metrics";
  if (properties.metric_names.length === 0 && properties.resource.length === 0)
    return "at least one of metric_names or resource must be specified";
  return undefined;
}
