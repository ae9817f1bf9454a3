{{- define "invar.features.prometheusOperatorObjects.check" -}}
{{- include "invar.features.requireClustering" . -}}
{{- $settings := .feature.settings -}}
{{- if not (or $settings.podMonitors.enabled $settings.probes.enabled $settings.serviceMonitors.enabled $settings.scrapeConfigs.enabled) -}}
{{- include "invar.problem" (dict "plan" .plan "message" (printf "%s follows no kind of objects." .feature.where) "set" (list "prometheusOperatorObjects:" "  serviceMonitors:" "    enabled: true")) -}}
{{- end -}}
{{- if $settings.scrapeConfigs.enabled -}}
{{- include "invar.problem" (dict "plan" .plan "message" (printf "%s.scrapeConfigs.enabled is true; ScrapeConfigs are not there yet." .feature.where) "set" (list "prometheusOperatorObjects:" "  scrapeConfigs:" "    enabled: false")) -}}
{{- end -}}
{{- if $settings.crds.enabled -}}
{{- include "invar.problem" (dict "plan" .plan "message" (printf "%s.crds.enabled is true; the definitions of these kinds come with Prometheus' operator, not with this chart." .feature.where) "set" (list "prometheusOperatorObjects:" "  crds:" "    enabled: false")) -}}
{{- end -}}
{{- end -}}
