import { Type } from "@sinclair/typebox";
import { choice, flag, kubernetesList, labels, list, section, text } from "../words.ts";
import { access } from "./access.ts";
import { container } from "./container.ts";
import { remoteConfig } from "./remote-config.ts";
import { ingress, networkPolicy, service, serviceMonitor } from "./service.ts";
import { storage } from "./storage.ts";
import { superfluous } from "./superfluous.ts";
import { workload } from "./workload.ts";

const pullSecrets = list(
  "Secrets to pull the image with: names, or objects with a `name`. Empty: those of `global`.",
  Type.Union([Type.String(), Type.Object({ name: Type.String() })]),
);

/** A collector: where it runs, with what, and what of the features it does not do is added to it. */
export const collector = section("One collector.", {
  enabled: flag("Whether it runs.", true),
  presets: list("Settings by name; the earlier wins over the later.", Type.String()),
  labels: labels("Labels of its workload."),
  annotations: labels("Annotations of its workload."),
  fullnameOverride: text("The whole name of its objects."),
  extraConfig: text("More configuration in the collector's language; passed through `tpl`."),
  includeDestinations: list("Destinations to write into the configuration though no feature uses them.", Type.String()),
  logging: section("The collector's own log.", {
    level: choice("From which severity on.", ["error", "warn", "info", "debug"], "info"),
    format: choice("Its form.", ["logfmt", "json"], "logfmt"),
  }),
  liveDebugging: section("The live view of what components pass on.", { enabled: flag("Whether the UI may show it.") }),
  remoteConfig,
  image: section("Its image.", {
    registry: text("The registry's host. Empty: the one of `global.image`, else docker.io."),
    repository: text("The repository.", "invar/collector"),
    tag: text("The tag. Empty: the version of the program that the chart belongs to."),
    digest: text("The digest, with or without `sha256:`; it stands in for the tag."),
    pullPolicy: text("When it is pulled: Always, IfNotPresent or Never. Empty: as `global.image` says, else IfNotPresent."),
    pullSecrets,
  }),
  global: section("What `global` holds for all, for this one.", {
    image: section("The image.", {
      registry: text("The registry's host."),
      pullPolicy: text("When it is pulled: Always, IfNotPresent or Never."),
      pullSecrets,
    }),
    podSecurityContext: labelsOfAnyKind("The security context of its pods, laid over the default."),
  }),
  alloy: container,
  controller: workload,
  storage,
  ...access,
  service,
  extraService: section("One more Service, under a name that does not depend on the collector's.", {
    enabled: flag("Whether there is one."),
    name: text("Its name follows the release's: `<release>-<name>`.", "alloy"),
    fullname: text("Its whole name."),
  }),
  serviceMonitor,
  ingress,
  networkPolicy,
  extraObjects: kubernetesList("More objects; passed through `tpl`."),
  ...superfluous,
});

function labelsOfAnyKind(description: string) {
  return Type.Unsafe<Record<string, unknown>>(Type.Object({}, { description, default: {}, additionalProperties: true }));
}
