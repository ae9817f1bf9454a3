{{/*
A ServiceMonitor. Services of clusters have the same labels and name their port otherwise, so that nothing is scraped twice.
Input: plan; name; labels; matchLabels; scheme; settings: interval, tlsConfig, relabelings, metricRelabelings.
*/}}
{{- define "invar.monitoring.serviceMonitor" }}
---
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata:
  name: {{ .name | quote }}
  namespace: {{ include "invar.namespace" .plan | quote }}
  labels:
    {{- toYaml .labels | nindent 4 }}
spec:
  endpoints:
    - port: http-metrics
      scheme: {{ lower .scheme | quote }}
      honorLabels: true
      {{- with .settings.interval }}
      interval: {{ . | quote }}
      {{- end }}
      {{- range $key := list "metricRelabelings" "relabelings" }}
      {{- with get $.settings $key }}
      {{ $key }}:
        {{- tpl (toYaml .) $.plan.root | nindent 8 }}
      {{- end }}
      {{- end }}
      {{- with .settings.tlsConfig }}
      tlsConfig:
        {{- toYaml . | nindent 8 }}
      {{- end }}
  selector:
    matchLabels:
      {{- toYaml .matchLabels | nindent 6 }}
{{- end }}
