{{- define "cases.name" }}{{ .Chart.Name }}-{{ .Release.Name }}{{ end }}
{{- define "cases.endless" }}{{ include "cases.endless" . }}{{ end }}
{{- define "cases.required" }}
{{ required "deep" .Values.nothing }}{{ end }}
