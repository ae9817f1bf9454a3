{{- define "invar.features.annotationAutodiscovery.check" -}}
{{- include "invar.features.requireClustering" . -}}
{{- if not (or .feature.settings.pods.enabled .feature.settings.services.enabled) -}}
{{- include "invar.problem" (dict "plan" .plan "message" (printf "%s looks for neither pods nor services." .feature.where) "set" (list "annotationAutodiscovery:" "  pods:" "    enabled: true")) -}}
{{- end -}}
{{- end -}}
