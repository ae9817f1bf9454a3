{{/*
Adds what a component needs, as far as the arguments in its block tell that it does. What is no literal there counts as everything.
Input: plan; component; block, its text, "" where it is not known; need: group, resource, verbs; wants, whose list grows.
*/}}
{{- define "invar.access.narrow" -}}
{{- $name := printf "invar.access.narrow.%s" .component -}}
{{- $rule := dict "scope" "*" "group" .need.group "resource" .need.resource "verbs" .need.verbs -}}
{{- if eq .need.resource "leases" -}}
{{- /* Replicas of a cluster share them in their own namespace: invar.access.beyondComponents. */ -}}
{{- else if and .block (has .component (list "discovery.kubernetes" "remote.kubernetes.secret" "remote.kubernetes.configmap" "otelcol.processor.k8sattributes" "otelcol.processor.resourcedetection" "otelcol.exporter.loadbalancing" "loki.source.kubernetes_events")) -}}
{{- include $name (merge (dict "rule" $rule) .) -}}
{{- else -}}
{{- include "invar.access.want" (dict "wants" .wants "rule" $rule) -}}
{{- end -}}
{{- end -}}

{{/* Targets of one role, in some namespaces or all. */}}
{{- define "invar.access.narrow.discovery.kubernetes" -}}
{{- $ofRole := dict
  "pod" (list "pods") "service" (list "services") "node" (list "nodes") "ingress" (list "ingresses")
  "endpoints" (list "endpoints" "services" "pods") "endpointslice" (list "endpointslices" "services" "pods") -}}
{{- $role := include "invar.access.literal" (list .block "role") -}}
{{- $resources := get $ofRole $role -}}
{{- $attached := regexFind "(?ms)^\\s*attach_metadata \\{.*?\\}" .block -}}
{{- if regexMatch "node\\s+= true" $attached -}}{{- $resources = append $resources "nodes" -}}{{- end -}}
{{- if regexMatch "namespace\\s+= true" $attached -}}{{- $resources = append $resources "namespaces" -}}{{- end -}}
{{- if or (not $role) (has .need.resource $resources) -}}
{{- $chosen := regexFind "(?ms)^\\s*namespaces \\{.*?\\}" .block -}}
{{- $namespaces := include "invar.access.literals" (list $chosen "names") | fromJsonArray -}}
{{- if contains "own_namespace" $chosen -}}{{- $namespaces = append $namespaces (include "invar.namespace" .plan) -}}{{- end -}}
{{- if has .need.resource (list "nodes" "namespaces") -}}{{- $namespaces = list -}}{{- end -}}
{{- include "invar.access.wantIn" (dict "wants" .wants "rule" .rule "namespaces" $namespaces) -}}
{{- end -}}
{{- end -}}

{{/* One object by its name. */}}
{{- define "invar.access.narrow.remote.kubernetes.secret" -}}
{{- $namespace := include "invar.access.literal" (list .block "namespace") -}}
{{- $object := include "invar.access.literal" (list .block "name") -}}
{{- $rule := merge (dict "scope" ($namespace | default "*")) .rule -}}
{{- if $object -}}{{- $_ := set $rule "names" (list $object) -}}{{- end -}}
{{- include "invar.access.want" (dict "wants" .wants "rule" $rule) -}}
{{- end -}}
{{- define "invar.access.narrow.remote.kubernetes.configmap" -}}
{{- include "invar.access.narrow.remote.kubernetes.secret" . -}}
{{- end -}}

{{/* Kinds of objects that a rule of its asks for, beside pods and who owns them. */}}
{{- define "invar.access.narrow.otelcol.processor.k8sattributes" -}}
{{- $signs := dict "nodes" "k8s\\.node\\.uid|= \"node\"" "deployments" "= \"deployment\"" "statefulsets" "= \"statefulset\"" "daemonsets" "= \"daemonset\"" "jobs" "k8s\\.cronjob\\.uid|= \"job\"" "namespaces" "k8s\\.cluster\\.uid|= \"namespace\"" -}}
{{- $sign := get $signs .need.resource -}}
{{- if or (not $sign) (regexMatch $sign .block) -}}
{{- $namespace := include "invar.access.literal" (list (regexFind "(?ms)^\\s*filter \\{.*?\\}" .block) "namespace") -}}
{{- $isOutside := has .need.resource (list "nodes" "namespaces") -}}
{{- include "invar.access.wantIn" (dict "wants" .wants "rule" .rule "namespaces" (ternary (list $namespace) list (and (ne $namespace "") (not $isOutside)))) -}}
{{- end -}}
{{- end -}}

{{/* Only where a detector asks for nodes. */}}
{{- define "invar.access.narrow.otelcol.processor.resourcedetection" -}}
{{- if regexMatch "kubernetes_node|k8snode|kubeadm|\"eks\"|\"gcp\"|detectors\\s+= [^\\[]" .block -}}
{{- include "invar.access.want" (dict "wants" .wants "rule" .rule) -}}
{{- end -}}
{{- end -}}

{{/* Only where backends are found by a Service: in its namespace. */}}
{{- define "invar.access.narrow.otelcol.exporter.loadbalancing" -}}
{{- if regexMatch "(?m)^\\s*kubernetes \\{" .block -}}
{{- $service := splitList "." (include "invar.access.literal" (list .block "service")) -}}
{{- $namespaces := ternary (list (index $service (sub (len $service) 1 | int | min 1 | int))) list (gt (len $service) 1) -}}
{{- include "invar.access.wantIn" (dict "wants" .wants "rule" .rule "namespaces" $namespaces) -}}
{{- end -}}
{{- end -}}

{{/* Events of some namespaces, or all. */}}
{{- define "invar.access.narrow.loki.source.kubernetes_events" -}}
{{- include "invar.access.wantIn" (dict "wants" .wants "rule" .rule "namespaces" (include "invar.access.literals" (list .block "namespaces") | fromJsonArray)) -}}
{{- end -}}

{{/* Adds a rule in each of the namespaces, or for all where there are none. Input: wants; rule; namespaces. */}}
{{- define "invar.access.wantIn" -}}
{{- range $namespace := .namespaces | default (list "*") -}}
{{- include "invar.access.want" (dict "wants" $.wants "rule" (merge (dict "scope" $namespace) $.rule)) -}}
{{- end -}}
{{- end -}}

{{/* The string that stands in an attribute of a block, or nothing. Input: a list of the block's text and the attribute's name. */}}
{{- define "invar.access.literal" -}}
{{- $line := regexFind (printf "(?m)^\\s*%s\\s+= \"[^\"\\\\]*\"$" (last .)) (first .) -}}
{{- regexReplaceAll "^[^\"]*\"|\"$" $line "" -}}
{{- end -}}

{{/* The strings of the list that stands in an attribute of a block, as JSON. Input: a list of the block's text and the attribute's name. */}}
{{- define "invar.access.literals" -}}
{{- $list := regexFind (printf "(?ms)^\\s*%s\\s+= \\[[^\\]]*\\]$" (last .)) (first .) -}}
{{- $strings := list -}}
{{- range regexFindAll "\"[^\"\\\\]*\"" $list -1 -}}{{- $strings = append $strings (trimAll "\"" .) -}}{{- end -}}
{{- toJson $strings -}}
{{- end -}}
