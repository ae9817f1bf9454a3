// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the placeholders of replacements look like ours
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
import type { WireEndpoint, WireServiceMonitor } from "./wire.ts";

/** What a ServiceMonitor asks for: a job for each of its endpoints. */
export async function serviceMonitorPlans(monitor: Monitor<WireServiceMonitor>, context: PlanContext): Promise<JobPlan[]> {
  const { spec = {} } = monitor.wire;
  return await Promise.all(
    (spec.endpoints ?? []).map(async (endpoint, index) => {
      refuseFiles(monitor, endpoint, index, context);
      return {
        jobName: `serviceMonitor/${monitor.namespace}/${monitor.name}/${index}`,
        find: {
          kind: "role" as const,
          role: context.role,
          namespaces: namespacesOf(spec.namespaceSelector, monitor.namespace),
          attachNode: spec.attachMetadata?.node === true,
        },
        rules: rulesOf(monitor, endpoint, context),
        metricRules: writtenRules(endpoint.metricRelabelings),
        scrape: await endpointScrape(endpoint, spec, monitor.namespace, context.read),
      };
    }),
  );
}

function rulesOf({ wire: { spec = {} } }: Monitor<WireServiceMonitor>, endpoint: WireEndpoint, { role, rules }: PlanContext): Rule[] {
  const prefix = role === "endpointslice" ? "__meta_kubernetes_endpointslice" : "__meta_kubernetes_endpoint";
  const behind = [`${prefix}_address_target_kind`, `${prefix}_address_target_name`];
  const { port, targetPort } = endpoint;
  const shownPort = port || (targetPort === undefined ? "" : String(targetPort));
  return [
    ...firstRules(rules),
    ...selectorRules(spec.selector, "service"),
    ...portRules(endpoint, `${prefix}_port_name`),
    fullRule({ source_labels: behind, regex: "Node;(.*)", replacement: "${1}", target_label: "node" }),
    fullRule({ source_labels: behind, regex: "Pod;(.*)", replacement: "${1}", target_label: "pod" }),
    copyRule("__meta_kubernetes_namespace", "namespace"),
    copyRule("__meta_kubernetes_service_name", "service"),
    copyRule("__meta_kubernetes_pod_container_name", "container"),
    copyRule("__meta_kubernetes_pod_name", "pod"),
    ...runningRules(endpoint),
    ...labelRules(spec.targetLabels, "service"),
    ...labelRules(spec.podTargetLabels, "pod"),
    fullRule({ source_labels: ["__meta_kubernetes_service_name"], replacement: "${1}", target_label: "job" }),
    ...(spec.jobLabel ? [presentRule(labelOf("service", spec.jobLabel), "job")] : []),
    ...(shownPort === "" ? [] : [constantRule("endpoint", shownPort)]),
    ...writtenRules(endpoint.relabelings),
  ];
}

/** Keeps the port that an endpoint names. */
function portRules({ port, targetPort }: WireEndpoint, portName: string): Rule[] {
  if (port) return [fullRule({ action: "keep", source_labels: [portName], regex: port })];
  return targetPortRules(targetPort);
}

export function targetPortRules(targetPort: string | number | undefined): Rule[] {
  if (targetPort === undefined || targetPort === "" || targetPort === 0) return [];
  const label =
    typeof targetPort === "number" ? "__meta_kubernetes_pod_container_port_number" : "__meta_kubernetes_pod_container_port_name";
  return [fullRule({ action: "keep", source_labels: [label], regex: String(targetPort) })];
}

/** Leaves out pods that have ended. */
export function runningRules({ filterRunning }: WireEndpoint): Rule[] {
  if (filterRunning === false) return [];
  return [fullRule({ action: "drop", source_labels: ["__meta_kubernetes_pod_phase"], regex: "(Failed|Succeeded)" })];
}

/** Who may write a ServiceMonitor could otherwise have any file of ours sent to a server of theirs. */
function refuseFiles({ namespace, name }: Monitor<WireServiceMonitor>, endpoint: WireEndpoint, index: number, context: PlanContext): void {
  if (context.allowFiles) return;
  const { tlsConfig } = endpoint;
  const [field, instead] =
    (endpoint.bearerTokenFile && ["bearerTokenFile", "bearerTokenSecret or authorization"]) ||
    (tlsConfig?.caFile && ["tlsConfig.caFile", "tlsConfig.ca"]) ||
    (tlsConfig?.certFile && ["tlsConfig.certFile", "tlsConfig.cert"]) ||
    (tlsConfig?.keyFile && ["tlsConfig.keyFile", "tlsConfig.keySecret"]) ||
    [];
  if (field !== undefined)
    throw new Error(
      `serviceMonitor ${namespace}/${name} endpoint ${index} uses ${field}, which is disallowed because allow_arbitrary_file_access is false; use ${instead} instead`,
    );
}
