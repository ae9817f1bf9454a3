import { Type } from "@sinclair/typebox";
import { choice, flag, integer, kubernetes, list, section, text } from "../words.ts";

/** A collector: where it runs, with what, and what of the features it does not do is added to it. */
export const collector = section("One collector.", {
  enabled: flag("Whether it runs.", true),
  presets: list("Settings by name; the earlier wins over the later.", Type.String()),
  extraConfig: text("More configuration in the collector's language; passed through `tpl`."),
  includeDestinations: list("Destinations to write into the configuration though no feature uses them.", Type.String()),
  logging: section("The collector's own log.", {
    level: choice("From which severity on.", ["error", "warn", "info", "debug"], "info"),
    format: choice("Its form.", ["logfmt", "json"], "logfmt"),
  }),
  liveDebugging: section("The live view of what components pass on.", { enabled: flag("Whether the UI may show it.") }),
  alloy: section("The container.", {
    mounts: section("What of the node the container sees.", {
      varlog: flag("/var/log, read-only."),
      dockercontainers: flag("/var/lib/docker/containers, read-only."),
      extra: list("More mounts.", Type.Unsafe<Record<string, unknown>>(Type.Object({}, { additionalProperties: true }))),
    }),
    clustering: section("Sharing work among the replicas.", { enabled: flag("Whether they share it.") }),
  }),
  controller: section("The workload.", {
    type: choice("Its kind.", ["daemonset", "deployment", "statefulset"], "daemonset"),
    replicas: integer("How many pods, where it is no DaemonSet.", 1, { minimum: 0 }),
    nodeSelector: kubernetes("Labels of the nodes that may run it.", { "kubernetes.io/os": "linux" }),
  }),
});
