import { Type } from "@sinclair/typebox";
import { choice, flag, kubernetesList, section, table, text } from "../words.ts";

const oneDefault = (description: string) =>
  section(description, {
    enabled: Type.Boolean({ description: "Whether it is there. Absent: as among the defaults of networkPolicies.ingress." }),
  });

export const istio = section("Istio.", {
  enabled: flag("Whether the namespace is in the mesh."),
  prependReleaseName: flag("Begin the objects' names with the release's."),
  injection: text("Nothing is left to do here: the namespace says whether proxies are injected."),
  ambient: section("The mesh without sidecars.", { enabled: flag("Whether it is.") }),
  sidecar: section("What proxies let out.", {
    enabled: flag("Whether there is a Sidecar."),
    outboundTrafficPolicyMode: choice("Where traffic may go.", ["REGISTRY_ONLY", "ALLOW_ANY"], "REGISTRY_ONLY"),
  }),
  mtls: section("Encryption between pods.", { mode: choice("How strict.", ["STRICT", "PERMISSIVE", "DISABLE", "UNSET"], "STRICT") }),
  serviceEntries: section("Services outside of the mesh.", {
    custom: kubernetesList("ServiceEntries: name, labels, annotations, spec."),
  }),
  authorizationPolicies: section("Who may talk to pods, by identity.", {
    enabled: flag("Whether there are AuthorizationPolicies."),
    generateFromNetpol: flag("Make one of each rule of ingress in networkPolicies that names pods or a network."),
    defaults: section("Policies that hold for all pods. What is absent is as among the defaults of networkPolicies.ingress.", {
      enabled: Type.Boolean({ description: "Whether there are any." }),
      denyAll: oneDefault("Nothing is allowed that no policy allows."),
      allowInNamespace: oneDefault("Pods of the namespace may talk to each other."),
    }),
    custom: kubernetesList("AuthorizationPolicies: name, labels, annotations, spec."),
    additionalPolicies: table("AuthorizationPolicies by name: enabled, name, labels, annotations, spec.", Type.Any()),
    additional: table("As `additionalPolicies`, by its former name.", Type.Any()),
  }),
});
