{{/* Input of all here: plan; feature; collector. */}}
{{- define "invar.features.clusterEvents.config" -}}
{{- $settings := .feature.settings -}}
declare "cluster_events" {
  argument "logs_destinations" {
    comment = "The receivers to which the lines go."
  }

  loki.source.kubernetes_events "cluster_events" {
    job_name = {{ $settings.jobLabel | toRawJson }}
    log_format = {{ $settings.logFormat | toRawJson }}
    {{- with $settings.namespaces }}
    namespaces = {{ include "invar.config.strings" . }}
    {{- end }}
    forward_to = [loki.process.cluster_events.receiver]
    {{- if $settings.clustering }}
    clustering {
      enabled = true
    }
    {{- end }}
  }

  loki.process "cluster_events" {
    {{- with $settings.excludeNamespaces }}
    stage.drop {
      source = "namespace"
      expression = {{ join "|" . | toRawJson }}
      drop_counter_reason = "excluded_namespaces"
    }
    {{- end }}
    stage.static_labels {
      values = {
        source = "kubernetes-events",
      }
    }
    // An event has no level; its type stands in for it.
    stage.{{ $settings.logFormat }} {
      {{ ternary "expressions" "mapping" (eq $settings.logFormat "json") }} = {
        component = "sourcecomponent",
        kind = "",
        level = "type",
        name = "",
        node = "sourcehost",
        reason = "",
      }
    }
    stage.labels {
      values = {
        kind = "",
        level = "",
        service_name = "job",
        {{- range $label, $extracted := $settings.labels }}
        {{ $label | toRawJson }} = {{ $extracted | toString | toRawJson }},
        {{- end }}
      }
    }
    // An event about a node names it as its object.
    stage.match {
      selector = "{kind=\"Node\"}"
      stage.labels {
        values = {
          node = "name",
        }
      }
    }
    {{- include "invar.features.clusterEvents.choose" (dict "label" "reason" "include" $settings.includeReasons "exclude" $settings.excludeReasons) }}
    {{- include "invar.features.clusterEvents.choose" (dict "label" "level" "include" $settings.includeLevels "exclude" $settings.excludeLevels) }}
    // By its usual name.
    stage.match {
      selector = "{level=\"Normal\"}"
      stage.static_labels {
        values = {
          level = "Info",
        }
      }
    }
    {{- with $settings.structuredMetadata }}
    stage.structured_metadata {
      values = {
        {{- range $key, $extracted := . }}
        {{ $key | toRawJson }} = {{ $extracted | toString | default $key | toRawJson }},
        {{- end }}
      }
    }
    {{- end }}
    stage.label_drop {
      values = ["kind"]
    }
    {{ tpl $settings.extraLogProcessingStages .plan.root }}
    forward_to = argument.logs_destinations.value
  }
}

cluster_events "feature" {
  logs_destinations = [
    {{ include "invar.destinations.targets" (merge (dict "signal" "logs" "protocol" "loki") .) }}
  ]
}
{{- end -}}

{{/* Keeps or drops lines by a label. Input: label; include and exclude, lists of patterns. */}}
{{- define "invar.features.clusterEvents.choose" -}}
{{- with .include }}
// Marks all, then unmarks what is wanted.
stage.static_labels {
  values = {
    drop = "yes",
  }
}
stage.match {
  selector = {{ printf "{%s=~%s}" $.label (join "|" . | toRawJson) | toRawJson }}
  stage.static_labels {
    values = {
      drop = "no",
    }
  }
}
stage.match {
  selector = "{drop=\"yes\"}"
  action = "drop"
  drop_counter_reason = {{ printf "not_included_%ss" $.label | toRawJson }}
}
stage.label_drop {
  values = ["drop"]
}
{{- end }}
{{- with .exclude }}
stage.drop {
  source = {{ $.label | toRawJson }}
  expression = {{ join "|" . | toRawJson }}
  drop_counter_reason = {{ printf "excluded_%ss" $.label | toRawJson }}
}
{{- end }}
{{- end -}}
