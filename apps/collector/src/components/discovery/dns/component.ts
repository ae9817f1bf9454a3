import { defaulted, duration, list, required, string, uint } from "../../../component/arguments.ts";
import { defineComponent } from "../../../component/definition.ts";
import { refreshing } from "../../../discovery/refresh.ts";
import { targetsExport } from "../../../discovery/targets.ts";
import { systemDns } from "./lookup.ts";
import { isRecordType, recordTargets } from "./records.ts";

export const component = defineComponent({
  name: "discovery.dns",
  stability: "generally-available",
  summary: "Finds targets in DNS records.",
  arguments: {
    names: required(list(string), "The names to look up."),
    refresh_interval: defaulted(duration, "How often they are looked up.", "30s"),
    type: defaulted(string, "The kind of record: SRV, A, AAAA, MX or NS.", "SRV", {
      check: (type) => (isRecordType(type.toUpperCase()) ? undefined : `invalid DNS-SD records type ${type}`),
    }),
    port: defaulted(uint, "The port of the targets, for records that name none.", 0),
  },
  exports: { targets: targetsExport },
  metrics: [
    { name: "prometheus_sd_dns_lookups_total", kind: "counter", doc: "Lookups." },
    { name: "prometheus_sd_dns_lookup_failures_total", kind: "counter", doc: "Lookups that failed." },
    { name: "prometheus_sd_refresh_failures_total", kind: "counter", doc: "Times that targets could not be asked for." },
  ],
  needs: {},
  check(args, report) {
    if (args.type.toUpperCase() !== "SRV" && args.port === 0)
      report("a port is required in DNS-SD configs for all record types except SRV", "type");
  },
  create(context, args) {
    const lookups = context.metrics.counter("prometheus_sd_dns_lookups_total", { help: "Lookups." }).of();
    const failures = context.metrics.counter("prometheus_sd_dns_lookup_failures_total", { help: "Lookups that failed." }).of();
    const dns = systemDns();
    const known = new Map<string, Awaited<ReturnType<typeof recordTargets>>>();
    return refreshing(context, "dns", args, () => ({
      /** Names that can't be looked up keep the targets they had; only where none can, nothing can be said. */
      async discover({ names, type, port }) {
        const problems: string[] = [];
        await Promise.all(
          names.map(async (name) => {
            lookups.add(1);
            try {
              known.set(`${type} ${port} ${name}`, await recordTargets(dns, name, type.toUpperCase(), port));
            } catch (error) {
              failures.add(1);
              problems.push(error instanceof Error ? error.message : String(error));
            }
          }),
        );
        if (problems.length === names.length && names.length > 0) throw new Error(problems.join("; "));
        for (const problem of problems) context.log.warn("a name could not be looked up", { err: problem });
        const asked = new Set(names.map((name) => `${type} ${port} ${name}`));
        for (const key of known.keys()) if (!asked.has(key)) known.delete(key);
        return [...asked].flatMap((key) => known.get(key) ?? []);
      },
    }));
  },
});
