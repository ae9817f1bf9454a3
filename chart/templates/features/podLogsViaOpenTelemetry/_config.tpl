{{/* Files → attributes of the pod → drop what is not wanted → names → destinations. Input of all here: plan; feature; collector. */}}
{{- define "invar.features.podLogsViaOpenTelemetry.config" -}}
{{- $settings := .feature.settings -}}
{{- $filters := include "invar.features.podLogsViaOpenTelemetry.filters" .plan | fromJsonArray -}}
{{- $include := list -}}
{{- range $settings.namespaces -}}{{- $include = append $include (printf "/var/log/pods/%s_*/*/*.log" .) -}}{{- end -}}
{{- $exclude := list -}}
{{- range $settings.excludeNamespaces -}}{{- $exclude = append $exclude (printf "/var/log/pods/%s_*/*/*.log" .) -}}{{- end -}}
declare "pod_logs_via_opentelemetry" {
  argument "logs_destinations" {
    comment = "The consumers to which logs go."
  }

  otelcol.receiver.filelog "pod_logs" {
    include = {{ include "invar.config.strings" ($include | default (list "/var/log/pods/*/*/*.log")) }}
    {{- with $exclude }}
    exclude = {{ include "invar.config.strings" . }}
    {{- end }}
    start_at = {{ ternary "end" "beginning" $settings.onlyGatherNewLogLines | toRawJson }}
    include_file_name = false
    include_file_path = true
    // Which pod and container it is, the path says.
    operators = [
      {
        type = "container",
        add_metadata_from_filepath = true,
      },
    ]
    output {
      logs = [otelcol.processor.k8sattributes.pod_logs.input]
    }
  }

  otelcol.processor.k8sattributes "pod_logs" {
    pod_association {
      source {
        from = "resource_attribute"
        name = "k8s.pod.uid"
      }
    }
    extract {
      otel_annotations = {{ $settings.otelAnnotations }}
      metadata = ["k8s.deployment.name", "k8s.statefulset.name", "k8s.daemonset.name", "k8s.cronjob.name", "k8s.job.name", "k8s.node.name"]
      annotation {
        key_regex = "resource.opentelemetry.io/(.*)"
        tag_name = "$1"
        from = "pod"
      }
      {{- include "invar.features.podLogsViaOpenTelemetry.extract" (list "annotation" $settings.annotationSelector $settings.annotationSelector "pod") }}
      {{- range $from := list "pod" "node" "namespace" }}
      {{- range $attribute, $key := get $settings (ternary "annotations" (printf "%sAnnotations" $from) (eq $from "pod")) }}
      {{- include "invar.features.podLogsViaOpenTelemetry.extract" (list "annotation" $attribute $key $from) }}
      {{- end }}
      {{- end }}
      {{- if $settings.alignServiceNameWithOTelSemConv }}
      // Taken for the service's name and version only; the transform removes them.
      {{- range list "instance" "name" "version" }}
      {{- include "invar.features.podLogsViaOpenTelemetry.extract" (list "label" (printf "k8s_monitoring.tmp.%s" .) (printf "app.kubernetes.io/%s" .) "pod") }}
      {{- end }}
      {{- end }}
      {{- range $from := list "pod" "node" "namespace" }}
      {{- range $attribute, $key := get $settings (ternary "labels" (printf "%sLabels" $from) (eq $from "pod")) }}
      {{- include "invar.features.podLogsViaOpenTelemetry.extract" (list "label" $attribute $key $from) }}
      {{- end }}
      {{- end }}
      {{- range $filters }}
      {{- include "invar.features.podLogsViaOpenTelemetry.extract" (list .block .attribute .key "pod") }}
      {{- end }}
    }
    output {
      logs = [otelcol.processor.filter.pod_logs.input]
    }
  }

  otelcol.processor.filter "pod_logs" {
    error_mode = "ignore"
    logs {
      {{- include "invar.config.stringList" (dict "name" "log_record" "strings" (include "invar.features.podLogsViaOpenTelemetry.conditions" (dict "settings" $settings "filters" $filters) | fromJsonArray)) }}
    }
    output {
      logs = [otelcol.processor.transform.pod_logs.input]
    }
  }

  otelcol.processor.transform "pod_logs" {
    error_mode = "ignore"
    {{- include "invar.config.statements" (list "log" "resource" (include "invar.features.podLogsViaOpenTelemetry.statements" (dict "settings" $settings "filters" $filters) | fromJsonArray)) }}
    {{- include "invar.config.statements" (list "log" "log" (list "delete_key(attributes, \"log.file.path\")")) }}
    output {
      logs = argument.logs_destinations.value
    }
  }
}

pod_logs_via_opentelemetry "feature" {
  logs_destinations = [
    {{ include "invar.destinations.targets" (merge (dict "signal" "logs" "protocol" "otlp") .) }}
  ]
}
{{- end -}}

{{/* What is read of a label or annotation. Input: a list of the block, the attribute, its name, and of which object. */}}
{{- define "invar.features.podLogsViaOpenTelemetry.extract" }}
{{ first . }} {
  tag_name = {{ index . 1 | toString | toRawJson }}
  key = {{ index . 2 | toString | toRawJson }}
  from = {{ last . | toRawJson }}
}
{{- end -}}

{{/*
What drops lines by a label or annotation, as JSON: a list of {block, key, attribute, value}. They are read where the user wrote them,
since a null, which elsewhere means the default, means "any value" here. Input: the plan.
*/}}
{{- define "invar.features.podLogsViaOpenTelemetry.filters" -}}
{{- $values := .root.Values.AsMap -}}
{{- if .place -}}{{- $values = $values.upstream -}}{{- end -}}
{{- $given := (get $values "podLogsViaOpenTelemetry" | default dict).filters | default dict -}}
{{- $filters := list -}}
{{- range $block := list "annotation" "label" -}}
{{- range $key, $value := get $given (printf "%ss" $block) | default dict -}}
{{- $filter := dict "block" $block "key" $key "attribute" (printf "k8s_monitoring.tmp.filter.%ss.%s" $block $key) -}}
{{- if not (kindIs "invalid" $value) -}}{{- $_ := set $filter "value" (toString $value) -}}{{- end -}}
{{- $filters = append $filters $filter -}}
{{- end -}}
{{- end -}}
{{- toRawJson $filters -}}
{{- end -}}

{{/* The conditions under which a line is dropped, as JSON. Input: settings; filters. */}}
{{- define "invar.features.podLogsViaOpenTelemetry.conditions" -}}
{{- $asked := printf "resource.attributes[%s]" (toRawJson .settings.annotationSelector) -}}
{{- $conditions := list -}}
{{- if eq .settings.discoveryMethod "annotation" -}}{{- $conditions = append $conditions (printf "%s == nil" $asked) -}}{{- end -}}
{{- range list "false" "no" "skip" -}}{{- $conditions = append $conditions (printf "%s == %q" $asked .) -}}{{- end -}}
{{- range .filters -}}
{{- $meets := ternary (printf "== %s" (toRawJson .value)) "!= nil" (hasKey . "value") -}}
{{- $conditions = append $conditions (printf "resource.attributes[%s] %s" (toRawJson .attribute) $meets) -}}
{{- end -}}
{{- toRawJson $conditions -}}
{{- end -}}

{{/* The statements about resources, as JSON: take off what was only read to choose, name the service. Input: settings; filters. */}}
{{- define "invar.features.podLogsViaOpenTelemetry.statements" -}}
{{- $aligns := .settings.alignServiceNameWithOTelSemConv -}}
{{- $names := list "app.kubernetes.io/name" "k8s.deployment.name" "k8s.replicaset.name" "k8s.statefulset.name" "k8s.daemonset.name" "k8s.cronjob.name" "k8s.job.name" "k8s.pod.name" "k8s.container.name" -}}
{{- $temporary := list "k8s_monitoring.tmp.instance" "k8s_monitoring.tmp.name" "k8s_monitoring.tmp.version" -}}
{{- $statements := list "delete_key(attributes, \"k8s.container.restart_count\")" (printf "delete_key(attributes, %s)" (toRawJson .settings.annotationSelector)) -}}
{{- range .filters -}}{{- $statements = append $statements (printf "delete_key(attributes, %s)" (toRawJson .attribute)) -}}{{- end -}}
{{- if $aligns -}}
{{- range slice $temporary 0 2 -}}{{- $statements = append $statements (include "invar.config.fallBack" (list "resource.attributes" "service.name" .)) -}}{{- end -}}
{{- end -}}
{{- range $names -}}{{- $statements = append $statements (include "invar.config.fallBack" (list "attributes" "service.name" .)) -}}{{- end -}}
{{- $statements = append $statements (include "invar.config.fallBack" (list "attributes" "service.namespace" "k8s.namespace.name")) -}}
{{- if $aligns -}}
{{- $version := "resource.attributes[\"k8s_monitoring.tmp.version\"]" -}}
{{- $statements = append $statements (printf "set(resource.attributes[\"service.version\"], %s) where resource.attributes[\"service.version\"] == nil and %s != nil and %s != \"\"" $version $version $version) -}}
{{- end -}}
{{- $statements = concat $statements (list
  "set(attributes[\"service.version\"], attributes[\"app.kubernetes.io/version\"]) where attributes[\"service.version\"] == nil"
  "set(attributes[\"service.instance.id\"], Concat([attributes[\"k8s.namespace.name\"], attributes[\"k8s.pod.name\"], attributes[\"k8s.container.name\"]], \".\")) where attributes[\"service.instance.id\"] == nil") -}}
{{- if $aligns -}}
{{- range $temporary -}}{{- $statements = append $statements (printf "delete_key(resource.attributes, %q)" .) -}}{{- end -}}
{{- end -}}
{{- range $attribute, $value := .settings.staticAttributes -}}
{{- $statements = append $statements (printf "set(attributes[%s], %s)" (toRawJson $attribute) ($value | toString | toRawJson)) -}}
{{- end -}}
{{- range $attribute, $value := .settings.staticAttributesFrom -}}
{{- $statements = append $statements (printf "set(attributes[%s], %s)" (toRawJson $attribute) (toString $value)) -}}
{{- end -}}
{{- toRawJson $statements -}}
{{- end -}}
