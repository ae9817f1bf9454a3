{{/* The files of a node's pods are read on that node. */}}
{{- define "invar.features.podLogsViaOpenTelemetry.check" -}}
{{- include "invar.features.requireDaemonSet" (merge (dict "reason" "reads files of each node") .) -}}
{{- include "invar.features.requireLogFiles" . -}}
{{- end -}}
