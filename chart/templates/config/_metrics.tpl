{{/* Parts of what scrapes metrics. */}}

{{/* The formats that are asked for, and what becomes of histograms. Input: the plan. */}}
{{- define "invar.config.formats" -}}
{{- $global := .values.global -}}
{{- $protocols := $global.scrapeProtocols -}}
{{- if and $global.scrapeNativeHistograms (not (has "PrometheusProto" $protocols)) -}}
{{- $protocols = prepend $protocols "PrometheusProto" -}}
{{- end }}
scrape_protocols = {{ include "invar.config.strings" $protocols }}
scrape_classic_histograms = {{ $global.scrapeClassicHistograms }}
scrape_native_histograms = {{ $global.scrapeNativeHistograms }}
convert_classic_histograms_to_nhcb = {{ $global.convertClassicHistogramsToNhcb }}
{{- end -}}

{{/* How often, and how long at most. Input: plan; settings: scrapeInterval, scrapeTimeout. */}}
{{- define "invar.config.schedule" }}
scrape_interval = {{ .settings.scrapeInterval | default .plan.values.global.scrapeInterval | toRawJson }}
scrape_timeout = {{ .settings.scrapeTimeout | default .plan.values.global.scrapeTimeout | toRawJson }}
{{- end -}}

{{/* How many series a relabelling component remembers. Input: plan; settings: maxCacheSize. */}}
{{- define "invar.config.cacheSize" }}
max_cache_size = {{ .settings.maxCacheSize | default .plan.values.global.maxCacheSize | int }}
{{- end -}}

{{/* Who shares targets does so with its peers. */}}
{{- define "invar.config.clustering" }}
clustering {
  enabled = true
}
{{- end -}}

{{/*
Rules that keep and drop metrics by name; what tells of the scrape itself always stays.
Input: include, exclude, lists of patterns.
*/}}
{{- define "invar.config.chooseMetrics" }}
{{- with .include }}
rule {
  source_labels = ["__name__"]
  regex = {{ printf "up|scrape_samples_scraped|%s" (join "|" .) | toRawJson }}
  action = "keep"
}
{{- end }}
{{- with .exclude }}
rule {
  source_labels = ["__name__"]
  regex = {{ join "|" . | toRawJson }}
  action = "drop"
}
{{- end }}
{{- end -}}

{{/* A rule that gives a label a fixed value. Input: a list of the label and an expression. */}}
{{- define "invar.config.setLabel" }}
rule {
  target_label = {{ first . | toRawJson }}
  replacement = {{ last . }}
}
{{- end -}}

{{/*
Scrapes the targets of a discovery.relabel component and sifts what they give; all components have the same label.
Input: plan; label; settings: jobLabel, scrapeInterval, scrapeTimeout, metricsTuning, extraMetricProcessingRules, maxCacheSize; lists, the
keys of lists of metrics to keep (optional); arguments and blocks, text for the component that scrapes (optional); rules, text for the one
that sifts (optional); isAlone, whether each pod scrapes its own targets (optional).
*/}}
{{- define "invar.config.scrape" -}}
{{- $tuning := .settings.metricsTuning -}}
{{- $include := list -}}
{{- range .lists -}}{{- $include = concat $include (get $.plan.defaults.metricLists .) -}}{{- end -}}
{{- $include = concat $include $tuning.includeMetrics | uniq -}}
{{- $changes := or $include $tuning.excludeMetrics .settings.extraMetricProcessingRules .rules }}

prometheus.scrape {{ .label | toRawJson }} {
  targets = discovery.relabel.{{ .label }}.output
  job_name = {{ .settings.jobLabel | toRawJson }}
  {{- include "invar.config.schedule" . }}
  {{- include "invar.config.formats" .plan }}
  {{- .arguments }}
  forward_to = {{ ternary (printf "[prometheus.relabel.%s.receiver]" .label) "argument.metrics_destinations.value" (not (empty $changes)) }}
  {{- .blocks }}
  {{- if not .isAlone }}
  {{- include "invar.config.clustering" nil }}
  {{- end }}
}
{{- if $changes }}

prometheus.relabel {{ .label | toRawJson }} {
  {{- include "invar.config.cacheSize" . }}
  {{- include "invar.config.chooseMetrics" (dict "include" $include "exclude" $tuning.excludeMetrics) }}
  {{- .rules }}
  {{ .settings.extraMetricProcessingRules }}
  forward_to = argument.metrics_destinations.value
}
{{- end }}
{{- end -}}
