{{/* Input: plan; destination. */}}
{{- define "invar.destinations.otlp.check" -}}
{{- $settings := .destination.settings -}}
{{- $example := list "destinations:" (printf "  %s:" .destination.name) -}}
{{- include "invar.destinations.checkURL" (merge (dict "example" "http://tempo.tempo.svc:4317") .) -}}
{{- include "invar.destinations.checkAuth" . -}}
{{- if eq $settings.protocol "grpc" -}}
{{- range list "metrics" "logs" "traces" -}}
{{- if and (get $settings .).enabled (get $settings .).path -}}
{{- include "invar.problem" (dict "plan" $.plan "message" (printf "%s.%s.path is set, and gRPC has no paths." $.destination.where .) "set" (concat $example (list "    protocol: http"))) -}}
{{- end -}}
{{- end -}}
{{- if $settings.proxyURL -}}
{{- include "invar.problem" (dict "plan" .plan "message" (printf "%s.proxyURL is set, which needs HTTP; over gRPC a proxy comes from the environment." .destination.where) "set" (concat $example (list "    protocol: http"))) -}}
{{- end -}}
{{- end -}}
{{- if eq $settings.auth.type "sigv4" -}}
{{- include "invar.problem" (dict "plan" .plan "message" (printf "%s.auth.type is \"sigv4\", which is not there yet for OTLP." .destination.where) "set" (concat $example (list "    auth:" "      type: none"))) -}}
{{- end -}}
{{- range list "tailSampling" "serviceGraphMetrics" -}}
{{- if (get $settings.processors .).enabled -}}
{{- include "invar.problem" (dict "plan" $.plan "message" (printf "%s.processors.%s.enabled is true; it is not there yet." $.destination.where .) "set" (concat $example (list "    processors:" (printf "      %s:" .) "        enabled: false"))) -}}
{{- end -}}
{{- end -}}
{{- $needed := ternary "grpc" (ternary "http" "" (regexMatch "otlp-gateway-[^.]+\\.grafana\\.net" $settings.url)) (regexMatch "tempo-[^.]+\\.grafana\\.net" $settings.url) -}}
{{- if and $settings.protocolValidation $needed (ne $needed $settings.protocol) -}}
{{- include "invar.problem" (dict "plan" .plan "message" (printf "%s.protocol is %q, and what its URL names speaks %q." .destination.where $settings.protocol $needed) "set" (concat $example (list (printf "    protocol: %s" $needed)))) -}}
{{- end -}}
{{- if eq $needed "grpc" -}}
{{- range list "metrics" "logs" -}}
{{- if (get $settings .).enabled -}}
{{- include "invar.problem" (dict "plan" $.plan "message" (printf "%s takes %s, and what its URL names takes traces only." $.destination.where .) "set" (concat $example (list (printf "    %s:" .) "      enabled: false"))) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- $batch := $settings.sendingQueue.batch -}}
{{- if and $settings.sendingQueue.enabled $batch.enabled -}}
{{- if not $batch.sizer -}}
{{- include "invar.problem" (dict "plan" .plan "message" (printf "%s.sendingQueue.batch.sizer is not set." .destination.where) "set" (concat $example (list "    sendingQueue:" "      batch:" "        sizer: items"))) -}}
{{- end -}}
{{- if not $batch.flushTimeout -}}
{{- include "invar.problem" (dict "plan" .plan "message" (printf "%s.sendingQueue.batch.flushTimeout is not set." .destination.where) "set" (concat $example (list "    sendingQueue:" "      batch:" "        flushTimeout: 200ms"))) -}}
{{- end -}}
{{- end -}}
{{- end -}}
