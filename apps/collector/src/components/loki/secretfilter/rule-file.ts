/** A file of rules as users write it, in TOML; names as there. */
export interface RuleFile {
  readonly extend?: {
    readonly path?: string;
    readonly useDefault?: boolean;
    readonly disabledRules?: readonly string[];
  };
  readonly allowlist?: AllowlistEntry;
  readonly allowlists?: readonly AllowlistEntry[];
  readonly rules?: readonly RuleEntry[];
}

export interface RuleEntry {
  readonly id?: string;
  readonly description?: string;
  readonly regex?: string;
  readonly path?: string;
  readonly entropy?: number;
  readonly secretGroup?: number;
  readonly keywords?: readonly string[];
  readonly tags?: readonly string[];
  readonly skipReport?: boolean;
  readonly allowlist?: AllowlistEntry;
  readonly allowlists?: readonly AllowlistEntry[];
  readonly required?: readonly RequiredEntry[];
}

export interface RequiredEntry {
  readonly id?: string;
  readonly withinLines?: number;
  readonly withinColumns?: number;
}

export interface AllowlistEntry {
  readonly description?: string;
  readonly condition?: string;
  readonly regexTarget?: string;
  readonly regexes?: readonly string[];
  readonly stopwords?: readonly string[];
  readonly paths?: readonly string[];
  readonly commits?: readonly string[];
  /** Of a file's own allowlists: the rules that it is for. */
  readonly targetRules?: readonly string[];
}
