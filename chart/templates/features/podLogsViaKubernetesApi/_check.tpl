{{- define "invar.features.podLogsViaKubernetesApi.check" -}}
{{- include "invar.features.requireClustering" . -}}
{{- end -}}
