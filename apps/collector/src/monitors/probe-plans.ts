// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the placeholders of replacements look like ours
import { type Target, target } from "../discovery/targets.ts";
import type { Rule } from "../relabel/rule.ts";
import type { ScrapeArgs } from "../scraping/arguments.ts";
import { accessOf, defined, durationOf, type FindTargets, type JobPlan, limitsOf, namespacesOf, proxyOf } from "./job-plan.ts";
import { constantRule, copyRule, firstRules, fullRule, selectorRules, writtenRules } from "./job-rules.ts";
import type { Monitor } from "./monitor-kinds.ts";
import type { PlanContext } from "./plan-context.ts";
import type { WireProbe } from "./wire.ts";

/** What a Probe asks for: that a prober looks at addresses or at ingresses. */
export async function probePlans(monitor: Monitor<WireProbe>, context: PlanContext): Promise<JobPlan[]> {
  const { namespace, name, wire } = monitor;
  const { spec = {} } = wire;
  const { prober = {}, targets = {} } = spec;
  const first = [...firstRules(context.rules), ...(spec.jobName ? [constantRule("job", spec.jobName)] : [])];
  const { find, rules } = targets.staticConfig !== undefined ? ofAddresses(monitor) : ofIngresses(monitor);
  const { bearerTokenFile: _file, ...access } = spec;
  return [
    {
      jobName: `probe/${namespace}/${name}`,
      find,
      rules: [...first, ...rules],
      metricRules: writtenRules(spec.metricRelabelings),
      scrape: {
        ...limitsOf(spec),
        ...defined<ScrapeArgs>({
          honor_timestamps: true,
          scrape_interval: durationOf(spec.interval, "interval"),
          scrape_timeout: durationOf(spec.scrapeTimeout, "scrapeTimeout"),
          metrics_path: prober.path || "/probe",
          scheme: prober.scheme?.toLowerCase() || undefined,
          proxy_url: proxyOf(prober.proxyUrl),
          params: spec.module ? { module: [spec.module] } : undefined,
        }),
        ...(await accessOf(access, namespace, context.read)),
      },
    },
  ];
}

interface Looked {
  readonly find: FindTargets;
  readonly rules: readonly Rule[];
}

function ofAddresses({ namespace, wire }: Monitor<WireProbe>): Looked {
  const { staticConfig = {} } = wire.spec?.targets ?? {};
  const labels = { namespace, ...staticConfig.labels };
  const targets: Target[] = (staticConfig.static ?? []).map((address) => target({ ...labels, __address__: address }));
  return {
    find: { kind: "static", targets },
    rules: [
      copyRule("__address__", "__param_target"),
      copyRule("__param_target", "instance"),
      constantRule("__address__", wire.spec?.prober?.url ?? ""),
      ...writtenRules(staticConfig.relabelingConfigs),
    ],
  };
}

function ofIngresses({ namespace, wire }: Monitor<WireProbe>): Looked {
  const { ingress } = wire.spec?.targets ?? {};
  if (ingress === undefined) return { find: { kind: "static", targets: [] }, rules: [] };
  return {
    find: { kind: "role", role: "ingress", namespaces: namespacesOf(ingress.namespaceSelector, namespace), attachNode: false },
    rules: [
      ...selectorRules(ingress.selector, "ingress"),
      fullRule({
        source_labels: ["__meta_kubernetes_ingress_scheme", "__address__", "__meta_kubernetes_ingress_path"],
        regex: "(.+);(.+);(.+)",
        replacement: "${1}://${2}${3}",
        target_label: "__param_target",
      }),
      copyRule("__meta_kubernetes_namespace", "namespace"),
      copyRule("__meta_kubernetes_ingress_name", "ingress"),
      fullRule({ source_labels: ["__address__"], regex: "(.+)", target_label: "__tmp_ingress_address" }),
      copyRule("__param_target", "instance"),
      constantRule("__address__", wire.spec?.prober?.url ?? ""),
      ...writtenRules(ingress.relabelingConfigs),
    ],
  };
}
