{{/* Without clustering each pod of the collector would tell of every event. */}}
{{- define "invar.features.clusterEvents.check" -}}
{{- if .feature.settings.clustering -}}
{{- include "invar.features.requireClustering" (merge (dict "isAlways" true) .) -}}
{{- end -}}
{{- end -}}
