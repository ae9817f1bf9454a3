import { kubernetes, text } from "../words.ts";

/** What users of the incumbent write for parts that are not there: accepted, and there is nothing left to do for it. */
export const superfluous = {
  configReloader: kubernetes("Nothing is left to do here: the collector watches its configuration itself."),
  nameOverride: text("Nothing is left to do here, as in k8s-monitoring: the collector's own name is taken. `fullnameOverride` changes it."),
  crds: kubernetes("Nothing is left to do here: there are no custom resources."),
};
