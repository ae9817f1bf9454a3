import type { Rule } from "../relabel/rule.ts";
import { endpointScrape } from "./endpoint-scrape.ts";
import { type JobPlan, namespacesOf } from "./job-plan.ts";
import {
  constantRule,
  copyRule,
  firstRules,
  fullRule,
  labelOf,
  labelRules,
  presentRule,
  selectorRules,
  writtenRules,
} from "./job-rules.ts";
import type { Monitor } from "./monitor-kinds.ts";
import type { PlanContext } from "./plan-context.ts";
import { runningRules, targetPortRules } from "./service-monitor-plans.ts";
import type { WireEndpoint, WirePodMonitor } from "./wire.ts";

/** What a PodMonitor asks for: a job for each of its endpoints. */
export async function podMonitorPlans(monitor: Monitor<WirePodMonitor>, context: PlanContext): Promise<JobPlan[]> {
  const { spec = {} } = monitor.wire;
  return await Promise.all(
    (spec.podMetricsEndpoints ?? []).map(async (endpoint, index) => ({
      jobName: `podMonitor/${monitor.namespace}/${monitor.name}/${index}`,
      find: {
        kind: "role" as const,
        role: "pod" as const,
        namespaces: namespacesOf(spec.namespaceSelector, monitor.namespace),
        attachNode: spec.attachMetadata?.node === true,
      },
      rules: rulesOf(monitor, endpoint, context),
      metricRules: writtenRules(endpoint.metricRelabelings),
      // A PodMonitor can't name files.
      scrape: await endpointScrape(withoutFiles(endpoint), spec, monitor.namespace, context.read),
    })),
  );
}

function rulesOf(
  { namespace, name, wire: { spec = {} } }: Monitor<WirePodMonitor>,
  endpoint: WireEndpoint,
  { rules }: PlanContext,
): Rule[] {
  const { port, targetPort } = endpoint;
  const shownPort = port || (targetPort === undefined ? "" : String(targetPort));
  return [
    ...firstRules(rules),
    ...runningRules(endpoint),
    ...selectorRules(spec.selector, "pod"),
    ...portRules(endpoint),
    copyRule("__meta_kubernetes_namespace", "namespace"),
    copyRule("__meta_kubernetes_pod_container_name", "container"),
    copyRule("__meta_kubernetes_pod_name", "pod"),
    ...labelRules(spec.podTargetLabels, "pod"),
    constantRule("job", `${namespace}/${name}`),
    ...(spec.jobLabel ? [presentRule(labelOf("pod", spec.jobLabel), "job")] : []),
    ...(shownPort === "" ? [] : [constantRule("endpoint", shownPort)]),
    ...writtenRules(endpoint.relabelings),
  ];
}

function portRules({ port, portNumber, targetPort }: WireEndpoint): Rule[] {
  if (port) return [fullRule({ action: "keep", source_labels: ["__meta_kubernetes_pod_container_port_name"], regex: port })];
  return targetPortRules(portNumber || targetPort);
}

function withoutFiles({ bearerTokenFile: _token, tlsConfig, ...rest }: WireEndpoint): WireEndpoint {
  if (tlsConfig === undefined) return rest;
  const { caFile: _ca, certFile: _cert, keyFile: _key, ...safe } = tlsConfig;
  return { ...rest, tlsConfig: safe };
}
