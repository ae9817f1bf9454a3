{{/* Components that the user writes; what gathers in another protocol is translated into theirs. */}}
{{- define "invar.destinations.custom.signals" -}}
{{- $signals := list -}}
{{- range list "metrics" "logs" "traces" -}}
{{- if (get $.settings .).enabled -}}{{- $signals = append $signals . -}}{{- end -}}
{{- end -}}
{{- join " " $signals -}}
{{- end -}}
{{- define "invar.destinations.custom.protocol" -}}{{- .settings.ecosystem -}}{{- end -}}
{{- define "invar.destinations.custom.target" -}}
{{- $own := .destination.settings.ecosystem -}}
{{- if eq .protocol $own -}}
{{- (get .destination.settings .signal).target -}}
{{- else if eq $own "otlp" -}}
otelcol.receiver.{{ .protocol }}.{{ .destination.label }}.receiver
{{- else -}}
otelcol.exporter.{{ $own }}.{{ .destination.label }}.input
{{- end -}}
{{- end -}}

{{- define "invar.destinations.custom.check" -}}
{{- $settings := .destination.settings -}}
{{- $example := list "destinations:" (printf "  %s:" .destination.name) -}}
{{- if not $settings.ecosystem -}}
{{- include "invar.problem" (dict "plan" .plan "message" (printf "%s.ecosystem does not say which protocol its components take." .destination.where) "set" (concat $example (list "    ecosystem: otlp"))) -}}
{{- end -}}
{{- if not $settings.config -}}
{{- include "invar.problem" (dict "plan" .plan "message" (printf "%s.config is empty: it has no components." .destination.where) "set" (concat $example (list "    config: |" "      otelcol.exporter.debug \"mine\" { }"))) -}}
{{- end -}}
{{- range list "metrics" "logs" "traces" -}}
{{- if and (get $settings .).enabled (not (get $settings .).target) -}}
{{- include "invar.problem" (dict "plan" $.plan "message" (printf "%s.%s is enabled, and its target is not set." $.destination.where .) "set" (concat $example (list (printf "    %s:" .) "      target: otelcol.exporter.debug.mine.input"))) -}}
{{- end -}}
{{- end -}}
{{- if $settings.profiles.enabled -}}
{{- include "invar.problem" (dict "plan" .plan "message" (printf "%s.profiles.enabled is true; profiles are not there yet." .destination.where) "set" (concat $example (list "    profiles:" "      enabled: false"))) -}}
{{- end -}}
{{- end -}}

{{- define "invar.destinations.custom.config" -}}
{{- $settings := .destination.settings -}}
{{- $label := .destination.label | toRawJson -}}
{{- range list (list "metrics" "prometheus") (list "logs" "loki") -}}
{{- $signal := first . -}}
{{- $protocol := last . -}}
{{- if and (eq $settings.ecosystem $protocol) (has (printf "otlp/%s" $signal) $.speaks) }}
otelcol.exporter.{{ $protocol }} {{ $label }} {
  forward_to = [{{ (get $settings $signal).target }}]
}
{{ else if and (eq $settings.ecosystem "otlp") (has (printf "%s/%s" $protocol $signal) $.speaks) }}
otelcol.receiver.{{ $protocol }} {{ $label }} {
  output {
    {{ $signal }} = [{{ (get $settings $signal).target }}]
  }
}
{{ end -}}
{{- end }}
{{ $settings.config }}
{{- end -}}
