{{/*
A collector's ports beside the one of its HTTP server: what the user opens, then what features need and the user has not opened, as a
JSON list. Input: plan; collector.
*/}}
{{- define "invar.network.ports" -}}
{{- $ports := list -}}
{{- $open := dict -}}
{{- range $port := concat .collector.settings.alloy.extraPorts (.collector.ports | default list) -}}
{{- $key := printf "%v/%s" $port.targetPort ($port.protocol | default "TCP") -}}
{{- if not (hasKey $open $key) -}}
{{- $ports = append $ports $port -}}
{{- end -}}
{{- $_ := set $open $key true -}}
{{- end -}}
{{- toJson $ports -}}
{{- end -}}

{{/* The ports as the container names them, as a JSON list. Input: plan; collector. */}}
{{- define "invar.network.containerPorts" -}}
{{- $alloy := .collector.settings.alloy -}}
{{- $ports := list -}}
{{- if $alloy.enableHttpServerPort -}}
{{- $ports = append $ports (dict "name" "http-metrics" "containerPort" (int $alloy.listenPort)) -}}
{{- end -}}
{{- range $port := include "invar.network.ports" . | fromJsonArray -}}
{{- $one := dict "name" $port.name "containerPort" (int $port.targetPort) "protocol" ($port.protocol | default "TCP") -}}
{{- if $port.hostPort -}}{{- $_ := set $one "hostPort" (int $port.hostPort) -}}{{- end -}}
{{- $ports = append $ports $one -}}
{{- end -}}
{{- toJson $ports -}}
{{- end -}}

{{/* The ports as a Service names them, as a JSON list. Input: plan; collector; name, of the HTTP server's port; service, its settings. */}}
{{- define "invar.network.servicePorts" -}}
{{- $alloy := .collector.settings.alloy -}}
{{- $isOnNodes := eq (.service | default dict | dig "type" "") "NodePort" -}}
{{- $http := dict "name" .name "port" (int $alloy.listenPort) "targetPort" (int $alloy.listenPort) "protocol" "TCP" -}}
{{- if $isOnNodes -}}{{- $_ := set $http "nodePort" (int .service.nodePort) -}}{{- end -}}
{{- $ports := list $http -}}
{{- range $port := include "invar.network.ports" . | fromJsonArray -}}
{{- $one := dict "name" $port.name "port" (int $port.port) "targetPort" (int $port.targetPort) "protocol" ($port.protocol | default "TCP") -}}
{{- with $port.appProtocol -}}{{- $_ := set $one "appProtocol" . -}}{{- end -}}
{{- if and $isOnNodes $port.nodePort -}}{{- $_ := set $one "nodePort" (int $port.nodePort) -}}{{- end -}}
{{- $ports = append $ports $one -}}
{{- end -}}
{{- toJson $ports -}}
{{- end -}}
