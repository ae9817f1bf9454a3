import { duration, flag, labels, section, text, texts } from "../words.ts";
import { feature } from "./feature.ts";

export const nodeLogs = feature("The journals of nodes.", {
  journal: section("Systemd's journal.", {
    path: text("Where it lies.", "/var/log/journal"),
    maxAge: duration("How old an entry may be that is met for the first time.", "8h"),
    jobLabel: text("The label `job`.", "integrations/kubernetes/journal"),
    formatAsJson: flag("Make lines of whole entries, as JSON, and not of their messages."),
    units: texts("Only entries of these units: names or RE2 patterns. Empty: all."),
  }),
  extraDiscoveryRules: text("More `rule` blocks; an entry's field `_x` is the label `__journal__x`."),
  extraLogProcessingStages: text("More stages for the loki.process component; passed through `tpl`."),
  journalLabels: labels("Labels from fields of an entry: `<label>: <field without its _>`."),
  structuredMetadata: labels("Structured metadata from fields of an entry: `<key>: <field without its _>`."),
});
