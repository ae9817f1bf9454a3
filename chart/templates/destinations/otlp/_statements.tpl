{{/* The statements of the transform processor, for each signal. Input: plan; destination; signals. */}}
{{- define "invar.destinations.otlp.statements" -}}
{{- $settings := .destination.settings -}}
{{- $transform := $settings.processors.transform -}}
{{- $ofResource := include "invar.destinations.otlp.resourceStatements" . | fromYaml -}}
{{- if has "metrics" .signals }}
{{- $own := concat $ofResource.strings (list "delete_key(attributes, \"k8s_cluster_name\") where attributes[\"k8s_cluster_name\"] == attributes[\"k8s.cluster.name\"]") }}
{{- include "invar.destinations.otlp.block" (dict "signal" "metric" "context" "resource" "strings" (concat $own $transform.metrics.resource) "expressions" (concat $ofResource.expressions $transform.metrics.resourceFrom)) }}
{{- include "invar.destinations.otlp.block" (dict "signal" "metric" "context" "metric" "strings" $transform.metrics.metric "expressions" $transform.metrics.metricFrom) }}
{{- $moved := include "invar.destinations.otlp.moveStatements" $transform.metrics.datapointToResource | fromYamlArray }}
{{- include "invar.destinations.otlp.block" (dict "signal" "metric" "context" "datapoint" "strings" (concat $ofResource.cluster $moved $transform.metrics.datapoint) "expressions" (concat $ofResource.clusterExpressions $transform.metrics.datapointFrom)) }}
{{- end }}
{{- if has "logs" .signals }}
{{- include "invar.destinations.otlp.block" (dict "signal" "log" "context" "resource" "strings" (concat $ofResource.strings $transform.logs.resource) "expressions" (concat $ofResource.expressions $transform.logs.resourceFrom)) }}
{{- $own := list "delete_key(attributes, \"loki.attribute.labels\")" "delete_key(attributes, \"loki.resource.labels\")" }}
{{- $moved := include "invar.destinations.otlp.moveStatements" $transform.logs.logToResource | fromYamlArray }}
{{- include "invar.destinations.otlp.block" (dict "signal" "log" "context" "log" "strings" (concat $own $moved $transform.logs.log) "expressions" $transform.logs.logFrom) }}
{{- include "invar.destinations.otlp.block" (dict "signal" "log" "context" "scope" "strings" $transform.logs.scope "expressions" $transform.logs.scopeFrom) }}
{{- end }}
{{- if has "traces" .signals }}
{{- include "invar.destinations.otlp.block" (dict "signal" "trace" "context" "resource" "strings" (concat $ofResource.strings $transform.traces.resource) "expressions" (concat $ofResource.expressions $transform.traces.resourceFrom)) }}
{{- include "invar.destinations.otlp.block" (dict "signal" "trace" "context" "span" "strings" $transform.traces.span "expressions" $transform.traces.spanFrom) }}
{{- include "invar.destinations.otlp.block" (dict "signal" "trace" "context" "spanevent" "strings" $transform.traces.spanevent "expressions" $transform.traces.spaneventFrom) }}
{{- end }}
{{- end -}}

{{/* A block of statements, where there are any. Input: signal, "metric", "log" or "trace"; context; strings; expressions. */}}
{{- define "invar.destinations.otlp.block" -}}
{{- if or .strings .expressions }}
{{ .signal }}_statements {
  context = {{ .context | toRawJson }}
  {{- include "invar.config.stringList" (dict "name" "statements" "strings" .strings "expressions" .expressions) }}
}
{{- end }}
{{- end -}}

{{/*
What is set and removed on every resource, as YAML: strings and expressions, and of these those that name the cluster. Where the
cluster's name is an expression itself, so are its statements. Input: plan; destination.
*/}}
{{- define "invar.destinations.otlp.resourceStatements" -}}
{{- $settings := .destination.settings -}}
{{- $cluster := list -}}
{{- $clusterExpressions := list -}}
{{- range $settings.clusterLabels -}}
{{- if $.plan.values.cluster.nameFrom -}}
{{- $clusterExpressions = append $clusterExpressions (printf "string.format(`set(attributes[%%q], %%q)`, %s, %s)" (. | toRawJson) $.plan.values.cluster.nameFrom) -}}
{{- else -}}
{{- $cluster = append $cluster (printf "set(attributes[%s], %s)" (. | toRawJson) ($.plan.values.cluster.name | toRawJson)) -}}
{{- end -}}
{{- end -}}
{{- $strings := $cluster -}}
{{- $expressions := $clusterExpressions -}}
{{- range $name, $value := $settings.extraResourceAttributes -}}
{{- $strings = append $strings (printf "set(attributes[%s], %s)" ($name | toRawJson) ($value | toString | toRawJson)) -}}
{{- end -}}
{{- range $name, $value := $settings.extraResourceAttributesFrom -}}
{{- $expressions = append $expressions (printf "string.format(`set(attributes[%%q], %%q)`, %s, %s)" ($name | toRawJson) $value) -}}
{{- end -}}
{{- $removed := $settings.processors.resourceAttributes -}}
{{- range concat (ternary $removed.defaultRemoveList list $removed.useDefaultRemoveList) $removed.removeList | uniq -}}
{{- $strings = append $strings (printf "delete_key(attributes, %s)" (. | toRawJson)) -}}
{{- end -}}
{{- dict "strings" $strings "expressions" $expressions "cluster" $cluster "clusterExpressions" $clusterExpressions | toJson -}}
{{- end -}}

{{/*
Statements that move attributes to the resource where it has none of that name, as YAML. A service's name and namespace count as
missing when they are empty. Input: attribute → attribute of the resource, or nothing where it stays.
*/}}
{{- define "invar.destinations.otlp.moveStatements" -}}
{{- $statements := list -}}
{{- range $from, $to := . -}}
{{- if $to -}}
{{- $source := printf "attributes[%s]" ($from | toRawJson) -}}
{{- $target := printf "resource.attributes[%s]" ($to | toRawJson) -}}
{{- if has $to (list "service.name" "service.namespace") -}}
{{- $statements = append $statements (printf "set(%s, %s) where (%s == nil or %s == \"\") and %s != nil and %s != \"\"" $target $source $target $target $source $source) -}}
{{- else -}}
{{- $statements = append $statements (printf "set(%s, %s) where %s == nil and %s != nil" $target $source $target $source) -}}
{{- end -}}
{{- $statements = append $statements (printf "delete_key(attributes, %s) where %s == %s" ($from | toRawJson) $source $target) -}}
{{- end -}}
{{- end -}}
{{- $statements | toJson -}}
{{- end -}}

{{/* The conditions of the filter processor. Input: destination; signals. */}}
{{- define "invar.destinations.otlp.filters" -}}
{{- $filters := .destination.settings.processors.filters -}}
{{- $blocks := list (list "metrics" (list "metric" "datapoint")) (list "logs" (list "logRecord")) (list "traces" (list "span" "spanevent")) -}}
{{- range $blocks -}}
{{- $signal := first . -}}
{{- $conditions := "" -}}
{{- range last . -}}
{{- $conditions = printf "%s%s" $conditions (include "invar.config.stringList" (dict "name" (snakecase .) "strings" (get (get $filters $signal) .))) -}}
{{- end -}}
{{- if and $conditions (has $signal $.signals) }}
{{ $signal }} {
  {{- $conditions }}
}
{{- end }}
{{- end }}
{{- end -}}
