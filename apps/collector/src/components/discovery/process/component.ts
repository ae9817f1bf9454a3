import { assumed, bool, type Decoded, defaulted, duration, labels, list } from "../../../component/arguments.ts";
import { defineComponent } from "../../../component/definition.ts";
import { refreshing } from "../../../discovery/refresh.ts";
import { targetsExport } from "../../../discovery/targets.ts";
import { joinContainers } from "./join.ts";
import { type ProcessTargets, processTargets } from "./processes.ts";

const schema = {
  arguments: {
    join: defaulted(list(labels), "Targets of containers whose labels the processes within them get.", []),
    refresh_interval: defaulted(duration, "How often processes are looked for.", "60s", {
      check: (ms) => (ms > 0 ? undefined : "refresh_interval must be greater than 0"),
    }),
  },
  blocks: {
    discover_config: assumed("What is found out about each process.", {
      arguments: {
        exe: defaulted(bool, "The path of its program.", true),
        cwd: defaulted(bool, "Its working directory.", true),
        commandline: defaulted(bool, "Its command line.", true),
        username: defaulted(bool, "The name of its user.", false),
        uid: defaulted(bool, "The number of its user.", false),
        cgroup_path: defaulted(bool, "The path of its control group.", false),
        container_id: defaulted(bool, "The container that it runs in.", true),
      },
    }),
  },
} as const;

export type Args = Decoded<typeof schema>;

/** Finds the processes of this machine. */
export const component = defineComponent({
  name: "discovery.process",
  stability: "generally-available",
  summary: "Finds the processes of this machine, and the containers that they run in.",
  ...schema,
  exports: { targets: targetsExport },
  metrics: [{ name: "prometheus_sd_refresh_failures_total", kind: "counter", doc: "Times that processes could not be looked for." }],
  needs: { hostPaths: ["/proc"], capabilities: ["SYS_PTRACE"] },
  create(context, args) {
    const { clock, log } = context;
    let known: ProcessTargets | undefined;
    let config: Args["discover_config"] | undefined;
    let scannedAt = Number.NEGATIVE_INFINITY;
    return refreshing(context, "process", args, () => ({
      async discover(asked) {
        // Containers come and go more often than processes are looked for: they are joined to what is known.
        const isDue = clock.monotonic() - scannedAt >= asked.refresh_interval;
        if (known === undefined || isDue || JSON.stringify(config) !== JSON.stringify(asked.discover_config)) {
          scannedAt = clock.monotonic();
          config = asked.discover_config;
          known = await processTargets("/proc", asked.discover_config);
          if (known.refused > 0)
            log.warn("processes of other users can't be looked into, and are left out: that needs root or CAP_SYS_PTRACE", {
              processes: known.refused,
            });
        }
        return joinContainers(known.targets, asked.join);
      },
    }));
  },
});
