{{/* Input of all here: plan; feature; collector. */}}
{{- define "invar.features.nodeLogs.config" -}}
{{- $settings := .feature.settings -}}
declare "node_logs" {
  argument "logs_destinations" {
    comment = "The receivers to which the lines go."
  }

  // Only its rules are used, by the source below.
  loki.relabel "journal" {
    {{- with $settings.journal.units }}
    rule {
      source_labels = ["__journal__systemd_unit"]
      regex = {{ join "|" . | toRawJson }}
      action = "keep"
    }
    {{- end }}
    {{- include "invar.features.nodeLogs.field" (list "__journal__systemd_unit" "unit") }}
    {{- include "invar.features.nodeLogs.field" (list "__journal_priority_keyword" "priority_keyword") }}
    {{- include "invar.features.nodeLogs.field" (list "__journal__systemd_unit" "service_name") }}
    {{- range $label, $field := $settings.journalLabels }}
    {{- include "invar.features.nodeLogs.field" (list (printf "__journal__%s" $field) $label) }}
    {{- end }}
    {{- range $field := values $settings.structuredMetadata | uniq | sortAlpha }}
    {{- if not (hasKey $settings.journalLabels $field) }}
    {{- include "invar.features.nodeLogs.field" (list (printf "__journal__%s" $field) $field) }}
    {{- end }}
    {{- end }}
    {{ $settings.extraDiscoveryRules }}
    forward_to = []
  }

  loki.source.journal "worker" {
    path = {{ $settings.journal.path | toRawJson }}
    format_as_json = {{ $settings.journal.formatAsJson }}
    max_age = {{ $settings.journal.maxAge | toRawJson }}
    relabel_rules = loki.relabel.journal.rules
    labels = {
      instance = sys.env("HOSTNAME"),
      job = {{ $settings.journal.jobLabel | toRawJson }},
    }
    forward_to = [loki.process.journal_logs.receiver]
  }

  loki.process "journal_logs" {
    stage.static_labels {
      values = {
        level = "UNKNOWN",
        source = "journal",
      }
    }
    {{- include "invar.features.nodeLogs.levels" nil }}
    {{- with $settings.structuredMetadata }}
    stage.structured_metadata {
      values = {
        {{- range $key, $field := . }}
        {{ $key | toRawJson }} = {{ $field | toString | default $key | toRawJson }},
        {{- end }}
      }
    }
    {{- end }}
    {{ tpl $settings.extraLogProcessingStages .plan.root }}
    forward_to = argument.logs_destinations.value
  }
}

node_logs "feature" {
  logs_destinations = [
    {{ include "invar.destinations.targets" (merge (dict "signal" "logs" "protocol" "loki") .) }}
  ]
}
{{- end -}}

{{/* A rule that makes a label of an entry's field. Input: a list of both. */}}
{{- define "invar.features.nodeLogs.field" }}
rule {
  source_labels = [{{ first . | toRawJson }}]
  target_label = {{ last . | toRawJson }}
}
{{- end -}}

{{/* Stages that find a line's level: as klog writes it, else by the usual names in the line, else by the entry's priority. */}}
{{- define "invar.features.nodeLogs.levels" }}
// klog: a letter, then the month and day.
stage.match {
  selector = "{level=\"UNKNOWN\"} |~ \"([IWED][0-9]{4}\\\\s+[0-9]{2}:[0-9]{2}:[0-9]{2}\\\\.[0-9]+)\""
  stage.regex {
    expression = "((?P<level>[A-Z])[0-9])"
  }
  {{- range list (list "(I)" "INFO") (list "(W)" "WARN") (list "(warning)" "WARN") (list "(E)" "ERROR") (list "(D)" "DEBUG") }}
  {{- include "invar.features.nodeLogs.replace" (prepend . "level") }}
  {{- end }}
  {{- include "invar.features.nodeLogs.level" "" }}
}
stage.match {
  selector = "{level=\"UNKNOWN\"}"
  stage.regex {
    expression = "(?i)(?:\"(?:level|loglevel|levelname|lvl|levelText|SeverityText)\":\\s*\"|\\s*(?:level|loglevel|levelText|lvl)=\"?|\\s+\\[?)(?P<level>(DEBUG?|DBG|INFO?(RMATION)?|WA?RN(ING)?|ERR(OR)?|CRI?T(ICAL)?|FATAL|FTL|NOTICE|TRACE|TRC|PANIC|PNC|ALERT|EMERGENCY))(\"|\\s+|-|\\s*\\])"
  }
  {{- include "invar.features.nodeLogs.level" "" }}
}
stage.match {
  selector = "{level=\"UNKNOWN\", priority_keyword!=\"\"}"
  {{- range list (list "debug" "DEBUG") (list "info|notice" "INFO") (list "warning|warn" "WARN") (list "error|err" "ERROR") (list "alert|critical|crit|emerg|emergency|fatal" "CRIT") }}
  {{- include "invar.features.nodeLogs.replace" (list "priority_keyword" (printf "(?i)^(%s)$" (first .)) (last .)) }}
  {{- end }}
  {{- include "invar.features.nodeLogs.level" "priority_keyword" }}
}
stage.match {
  selector = "{level!=\"UNKNOWN\"}"
  stage.template {
    source = "level"
    template = {{ "{{ .Value | ToUpper }}" | toRawJson }}
  }
  {{- include "invar.features.nodeLogs.level" "" }}
}
{{- end -}}

{{/* Input: a list of what is changed, a pattern, and what takes its place. */}}
{{- define "invar.features.nodeLogs.replace" }}
stage.replace {
  source = {{ first . | toRawJson }}
  expression = {{ index . 1 | toRawJson }}
  replace = {{ last . | toRawJson }}
}
{{- end -}}

{{/* Makes the label of what was found. Input: its name, "" where it is "level". */}}
{{- define "invar.features.nodeLogs.level" }}
stage.labels {
  values = {
    level = {{ . | toRawJson }},
  }
}
{{- end -}}
