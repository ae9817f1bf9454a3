{{/*
A pod that runs a test, the ConfigMap with its program, and what lets it out where network policies hold.
Input: plan; name; script, a file of files/tests; envs, name → value.
*/}}
{{- define "invar.tests.pod" }}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .name }}
  namespace: {{ include "invar.namespace" .plan | quote }}
  labels:
    {{- include "invar.tests.labels" . | nindent 4 }}
  annotations:
    {{- include "invar.tests.hook" "0" | nindent 4 }}
data:
  {{ .script }}: |
    {{- .plan.root.Files.Get (printf "files/tests/%s" .script) | nindent 4 }}
---
apiVersion: v1
kind: Pod
metadata:
  name: {{ .name }}
  namespace: {{ include "invar.namespace" .plan | quote }}
  labels:
    {{- include "invar.tests.labels" . | nindent 4 }}
  annotations:
    {{- include "invar.tests.hook" "10" | nindent 4 }}
spec:
  restartPolicy: Never
  automountServiceAccountToken: false
  enableServiceLinks: false
  {{- with include "invar.workloads.pullSecrets" . }}
  {{- . | nindent 2 }}
  {{- end }}
  securityContext:
    runAsNonRoot: true
    {{- if ne .plan.values.global.platform "openshift" }}
    runAsUser: 65532
    runAsGroup: 65532
    {{- end }}
    seccompProfile:
      type: RuntimeDefault
  containers:
    - name: {{ .name }}
      image: {{ include "invar.workloads.image" . }}
      imagePullPolicy: {{ include "invar.workloads.pullPolicy" . | quote }}
      command: [/usr/local/bin/node, /tests/{{ .script }}]
      env:
        - name: POD_NAME
          valueFrom:
            fieldRef:
              fieldPath: metadata.name
        - name: NAMESPACE
          valueFrom:
            fieldRef:
              fieldPath: metadata.namespace
        {{- range $name, $value := .envs }}
        - name: {{ $name | quote }}
          value: {{ tpl (toString $value) $.plan.root | quote }}
        {{- end }}
      resources:
        {{- toYaml .plan.wrapper.bbtests.resources | nindent 8 }}
      securityContext:
        allowPrivilegeEscalation: false
        readOnlyRootFilesystem: true
        capabilities:
          drop: [ALL]
      volumeMounts:
        - name: tests
          mountPath: /tests
          readOnly: true
  volumes:
    - name: tests
      configMap:
        name: {{ .name }}
{{- if .plan.wrapper.networkPolicies.enabled }}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: allow-egress-from-{{ .name }}-to-anywhere-any-port
  namespace: {{ include "invar.namespace" .plan | quote }}
  labels:
    {{- include "invar.tests.labels" . | nindent 4 }}
  annotations:
    {{- include "invar.tests.hook" "-10" | nindent 4 }}
spec:
  podSelector:
    matchLabels:
      app.kubernetes.io/name: {{ .name }}
  policyTypes: [Egress]
  egress:
    - to:
        - ipBlock:
            cidr: 0.0.0.0/0
            except: [169.254.169.254/32]
{{- end }}
{{- end }}

{{/* The labels of a test's objects. Input: plan; name. */}}
{{- define "invar.tests.labels" -}}
{{ include "invar.labels" .plan }}
app.kubernetes.io/name: {{ .name }}
app.kubernetes.io/instance: {{ .plan.root.Release.Name }}
helm-test: enabled
{{- end -}}

{{/* What makes an object part of a test. Input: its place in the order, as text. */}}
{{- define "invar.tests.hook" -}}
helm.sh/hook: test
helm.sh/hook-weight: {{ . | quote }}
helm.sh/hook-delete-policy: before-hook-creation
{{- end -}}
