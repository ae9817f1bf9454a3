import { bool, type Decoded, defaulted, duration, float, list, required, string, uint } from "../../../component/arguments.ts";
import { lokiReceiver } from "../../../component/capsules.ts";

/** What users may write. */
export const schema = {
  arguments: {
    forward_to: required(list(lokiReceiver), "Where the lines go."),
    gitleaks_config: defaulted(string, "A file of rules in Gitleaks' TOML; its default rules where empty.", ""),
    redact_with: defaulted(string, "What stands for a secret; `$SECRET_NAME` is its rule, `$SECRET_HASH` its SHA-1.", ""),
    redact_percent: defaulted(uint, "How much of a secret goes where `redact_with` is empty: 1 to 100, otherwise 80.", 80),
    origin_label: defaulted(string, "The label whose value counts as origin in metrics.", ""),
    rate: defaulted(float, "The part of lines that is looked at; the rest passes unchanged.", 1),
    processing_timeout: defaulted(duration, "How long a line may be looked at; 0 is no limit.", "0s"),
    drop_on_timeout: defaulted(bool, "Drops lines that took longer, instead of passing on what was redacted until then.", false),
    label_timed_out: defaulted(bool, 'Adds the label `secretfilter="timed-out"` to lines that took longer.', false),
  },
} as const;

export type SecretFilterArgs = Decoded<typeof schema>;
