{{/* A Service of a collector. Input: plan; collector; component; fullname; service, its settings; name, of the HTTP server's port. */}}
{{- define "invar.network.service" }}
---
apiVersion: v1
kind: Service
metadata:
  name: {{ .fullname | quote }}
  namespace: {{ include "invar.namespace" .plan | quote }}
  labels:
    {{- include "invar.collectors.labels" . | nindent 4 }}
  {{- with .service.annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  type: {{ .service.type }}
  {{- with .service.clusterIP }}
  clusterIP: {{ . | quote }}
  {{- end }}
  {{- with .service.ipFamilyPolicy }}
  ipFamilyPolicy: {{ . | quote }}
  {{- end }}
  {{- with .service.ipFamilies }}
  ipFamilies:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  internalTrafficPolicy: {{ .service.internalTrafficPolicy }}
  {{- if ne .service.type "ClusterIP" }}
  externalTrafficPolicy: {{ .service.externalTrafficPolicy }}
  {{- end }}
  selector:
    {{- include "invar.collectors.selector" . | nindent 4 }}
  ports:
    {{- include "invar.network.servicePorts" . | fromJsonArray | toYaml | nindent 4 }}
{{- end }}
