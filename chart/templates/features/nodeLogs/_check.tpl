{{/* A node's journal is read on that node. */}}
{{- define "invar.features.nodeLogs.check" -}}
{{- include "invar.features.requireDaemonSet" (merge (dict "reason" "reads the journal of each node") .) -}}
{{- if hasPrefix "/var/log" .feature.settings.journal.path -}}
{{- include "invar.features.requireLogFiles" . -}}
{{- end -}}
{{- end -}}
