{{/* Statements that change data. Input: plan; feature; collector; to, the consumer; traces, more consumers of traces. */}}
{{- define "invar.features.applicationObservability.transform" -}}
{{- $settings := .feature.settings -}}
{{- $service := list -}}
{{- if $settings.overrideUnknownServiceNames -}}
{{- $service = append $service "delete_key(resource.attributes, \"service.name\") where resource.attributes[\"service.name\"] != nil and IsMatch(resource.attributes[\"service.name\"], \"^unknown_service\")" -}}
{{- end -}}
{{- if $settings.alignServiceNameWithOTelSemConv -}}
{{- $service = concat $service (include "invar.features.applicationObservability.serviceName" . | fromYamlArray) -}}
{{- end -}}
{{- $labels := printf "set(attributes[\"loki.resource.labels\"], %s)" (join ", " $settings.logs.transforms.labels | toRawJson) -}}
{{- $logs := list "set(attributes[\"pod\"], attributes[\"k8s.pod.name\"])" "set(attributes[\"namespace\"], attributes[\"k8s.namespace.name\"])" $labels -}}
{{- $span := $settings.traces.transforms.span -}}
{{- with $settings.traces.setSpanNameSemanticConvention -}}
{{- $span = append $span (printf "set_semconv_span_name(%s, \"original_span_name\")" (toRawJson .)) -}}
{{- end }}

otelcol.processor.transform "default" {
  error_mode = {{ $settings.processors.transform.errorMode | toRawJson }}
  {{- if $settings.metrics.enabled }}
  {{- include "invar.config.statements" (list "metric" "resource" (concat $settings.metrics.transforms.resource $service)) }}
  {{- include "invar.config.statements" (list "metric" "metric" $settings.metrics.transforms.metric) }}
  {{- include "invar.config.statements" (list "metric" "datapoint" $settings.metrics.transforms.datapoint) }}
  {{- end }}
  {{- if $settings.logs.enabled }}
  {{- include "invar.config.statements" (list "log" "resource" (concat $settings.logs.transforms.resource $logs $service)) }}
  {{- include "invar.config.statements" (list "log" "log" $settings.logs.transforms.log) }}
  {{- end }}
  {{- if $settings.traces.enabled }}
  {{- include "invar.config.statements" (list "trace" "resource" (concat $settings.traces.transforms.resource $service)) }}
  {{- include "invar.config.statements" (list "trace" "span" $span) }}
  {{- include "invar.config.statements" (list "trace" "spanevent" $settings.traces.transforms.spanevent) }}
  {{- end }}
  {{- include "invar.features.applicationObservability.output" (dict "settings" $settings "to" .to "traces" .traces) }}
}
{{- end -}}

{{/* The statements that name a service which does not name itself, as a list in YAML: the first of these that is there. */}}
{{- define "invar.features.applicationObservability.serviceName" -}}
{{- $statements := list -}}
{{- range list "k8s_monitoring.tmp.instance" "k8s_monitoring.tmp.name" "k8s.deployment.name" "k8s.replicaset.name" "k8s.statefulset.name" "k8s.daemonset.name" "k8s.cronjob.name" "k8s.job.name" "k8s.pod.name" -}}
{{- $statements = append $statements (include "invar.config.fallBack" (list "resource.attributes" "service.name" .)) -}}
{{- end -}}
{{- $statements = append $statements (include "invar.config.fallBack" (list "resource.attributes" "service.namespace" "k8s.namespace.name")) -}}
{{- range list "k8s_monitoring.tmp.instance" "k8s_monitoring.tmp.name" -}}
{{- $statements = append $statements (printf "delete_key(resource.attributes, %q)" .) -}}
{{- end -}}
{{- toYaml $statements -}}
{{- end -}}

{{/* "true" where a signal that is taken has a filter. Input: the feature's settings. */}}
{{- define "invar.features.applicationObservability.hasFilter" -}}
{{- $conditions := list -}}
{{- range list .metrics .logs .traces -}}
{{- if .enabled -}}
{{- range $level, $some := .filters -}}{{- $conditions = concat $conditions $some -}}{{- end -}}
{{- end -}}
{{- end -}}
{{- if $conditions -}}true{{- end -}}
{{- end -}}

{{/* Conditions that drop data. Input: plan; feature; collector; to, the consumer. */}}
{{- define "invar.features.applicationObservability.filter" -}}
{{- $settings := .feature.settings }}

otelcol.processor.filter "default" {
  error_mode = {{ $settings.processors.filter.errorMode | toRawJson }}
  {{- range $signal := list "metrics" "logs" "traces" }}
  {{- $of := get $settings $signal }}
  {{- $blocks := list }}
  {{- if $of.enabled }}
  {{- range $level := list "metric" "datapoint" "log_record" "span" "spanevent" }}
  {{- with get $of.filters $level }}
  {{- $blocks = append $blocks (include "invar.config.stringList" (dict "name" $level "strings" .)) }}
  {{- end }}
  {{- end }}
  {{- end }}
  {{- if $blocks }}
  {{ $signal }} {
    {{- join "" $blocks }}
  }
  {{- end }}
  {{- end }}
  {{- include "invar.features.applicationObservability.output" (dict "settings" $settings "to" .to) }}
}
{{- end -}}
