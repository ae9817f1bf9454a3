{{/* Something must listen, each listener needs its port, and what is made of a signal needs that signal. */}}
{{- define "invar.features.applicationObservability.check" -}}
{{- $settings := .feature.settings -}}
{{- $ports := include "invar.features.applicationObservability.ports" $settings | fromYamlArray -}}
{{- if empty $ports -}}
{{- include "invar.problem" (dict "plan" .plan "message" (printf "%s has no receiver, so nothing can be sent to it." .feature.where) "set" (list "applicationObservability:" "  receivers:" "    otlp:" "      grpc:" "        enabled: true")) -}}
{{- end -}}
{{- range $port := $ports -}}
{{- include "invar.features.openPort" (merge (dict "port" $port) $) -}}
{{- end -}}
{{- if not (or $settings.metrics.enabled $settings.logs.enabled $settings.traces.enabled) -}}
{{- include "invar.problem" (dict "plan" .plan "message" (printf "%s takes neither metrics nor logs nor traces." .feature.where) "set" (list "applicationObservability:" "  traces:" "    enabled: true")) -}}
{{- end -}}
{{- $receivers := $settings.receivers -}}
{{- if not (or $settings.traces.enabled $receivers.otlp.grpc.enabled $receivers.otlp.http.enabled (empty $ports)) -}}
{{- include "invar.problem" (dict "plan" .plan "message" (printf "%s has only receivers of traces, which it does not take." .feature.where) "set" (list "applicationObservability:" "  traces:" "    enabled: true")) -}}
{{- end -}}
{{- range $detector := include "invar.features.applicationObservability.detectors" $settings | fromYamlArray -}}
{{- range $name, $attribute := (get $settings.processors.resourceDetection $detector).resourceAttributes -}}
{{- if not (regexMatch "^[a-z0-9_]+([.][a-z0-9_]+)*$" $name) -}}
{{- include "invar.problem" (dict "plan" $.plan "message" (printf "%s.processors.resourceDetection.%s.resourceAttributes has %q, which is no name of an attribute." $.feature.where $detector $name)) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- range $connector, $made := dict "spanMetrics" "metrics" "spanLogs" "logs" -}}
{{- if (get $settings.connectors $connector).enabled -}}
{{- range $signal := list "traces" $made -}}
{{- if not (get $settings $signal).enabled -}}
{{- include "invar.problem" (dict "plan" $.plan "message" (printf "%s.connectors.%s makes %s of traces, and %s.%s.enabled is false." $.feature.where $connector $made $.feature.where $signal) "set" (list "applicationObservability:" (printf "  %s:" $signal) "    enabled: true")) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* The ports of the receivers that are on, as a list in YAML. Input: the feature's settings. */}}
{{- define "invar.features.applicationObservability.ports" -}}
{{- $receivers := .receivers -}}
{{- $known := list
  (dict "name" "otlp-grpc" "at" "otlp.grpc" "of" $receivers.otlp.grpc "protocol" "TCP" "appProtocol" "grpc")
  (dict "name" "otlp-http" "at" "otlp.http" "of" $receivers.otlp.http "protocol" "TCP" "appProtocol" "http")
  (dict "name" "zipkin" "at" "zipkin" "of" $receivers.zipkin "protocol" "TCP" "appProtocol" "http")
  (dict "name" "jaeger-grpc" "at" "jaeger.grpc" "of" $receivers.jaeger.grpc "protocol" "TCP" "appProtocol" "grpc")
  (dict "name" "jaeger-binary" "at" "jaeger.thriftBinary" "of" $receivers.jaeger.thriftBinary "protocol" "UDP")
  (dict "name" "jaeger-compact" "at" "jaeger.thriftCompact" "of" $receivers.jaeger.thriftCompact "protocol" "UDP")
  (dict "name" "jaeger-http" "at" "jaeger.thriftHttp" "of" $receivers.jaeger.thriftHttp "protocol" "TCP" "appProtocol" "http") -}}
{{- $ports := list -}}
{{- range $known -}}
{{- if .of.enabled -}}
{{- $port := dict "name" .name "port" (int .of.port) "protocol" .protocol "setting" (printf "receivers.%s.port" .at) -}}
{{- if .appProtocol -}}{{- $_ := set $port "appProtocol" .appProtocol -}}{{- end -}}
{{- $ports = append $ports $port -}}
{{- end -}}
{{- end -}}
{{- toYaml $ports -}}
{{- end -}}
