{{/*
Adds what a configuration needs beside its components' own needs: metrics of nodes and of the API server, which are scraped with the pod's
token, and what replicas of a cluster ask about each other. Input: plan; collector; wants, whose list grows.
*/}}
{{- define "invar.access.beyondComponents" -}}
{{- if contains "serviceaccount/token" .collector.config -}}
{{- if regexMatch "role\\s+= \"node\"" .collector.config -}}
{{- $resource := ternary "nodes/proxy" "nodes/metrics" (contains "/api/v1/nodes/" .collector.config) -}}
{{- include "invar.access.want" (dict "wants" .wants "rule" (dict "scope" "*" "group" "" "resource" $resource "verbs" (list "get"))) -}}
{{- end -}}
{{- include "invar.access.want" (dict "wants" .wants "rule" (dict "scope" "*" "urls" (list "/metrics") "verbs" (list "get"))) -}}
{{- end -}}
{{- if .collector.settings.alloy.clustering.enabled -}}
{{- $namespace := include "invar.namespace" .plan -}}
{{- include "invar.access.want" (dict "wants" .wants "rule" (dict "scope" $namespace "group" "discovery.k8s.io" "resource" "endpointslices" "verbs" (list "get" "list" "watch"))) -}}
{{- include "invar.access.want" (dict "wants" .wants "rule" (dict "scope" $namespace "group" "coordination.k8s.io" "resource" "leases" "verbs" (list "get" "create" "update"))) -}}
{{- end -}}
{{- end -}}

{{/* "true" or "false": whether pods get the token of their service account. Input: plan; collector. */}}
{{- define "invar.access.usesToken" -}}
{{- $account := .collector.settings.serviceAccount -}}
{{- if hasKey $account "automountServiceAccountToken" -}}
{{- $account.automountServiceAccountToken -}}
{{- else -}}
{{- not (empty .collector.rules) -}}
{{- end -}}
{{- end -}}

{{/* Whether a rule is about what lies in no namespace. Input: the rule. */}}
{{- define "invar.access.isOutside" -}}
{{- if or .urls (hasPrefix "nodes" .resource) (eq .resource "namespaces") -}}true{{- end -}}
{{- end -}}

{{/*
The roles of a collector as a JSON map: "*" for a ClusterRole, the namespace for a Role → its rules as the API has them. Input: plan;
collector.
*/}}
{{- define "invar.access.roles" -}}
{{- $rbac := .collector.settings.rbac -}}
{{- $roles := dict -}}
{{- if or $rbac.rules $rbac.clusterRules -}}
{{- if $rbac.namespaces -}}
{{- range $rbac.namespaces -}}{{- $_ := set $roles . $rbac.rules -}}{{- end -}}
{{- else -}}
{{- $_ := set $roles "*" (concat $rbac.rules $rbac.clusterRules) -}}
{{- end -}}
{{- else -}}
{{- $scoped := dict -}}
{{- range $rule := .collector.rules -}}
{{- $isOutside := eq (include "invar.access.isOutside" $rule) "true" -}}
{{- $scopes := list $rule.scope -}}
{{- if and (eq $rule.scope "*") $rbac.namespaces -}}{{- $scopes = ternary list $rbac.namespaces $isOutside -}}{{- end -}}
{{- range $scope := $scopes -}}
{{- $_ := set $scoped $scope (append (get $scoped $scope | default list) $rule) -}}
{{- end -}}
{{- end -}}
{{- range $scope, $rules := $scoped -}}
{{- $_ := set $roles $scope (include "invar.access.merge" $rules | fromJsonArray) -}}
{{- end -}}
{{- end -}}
{{- toJson $roles -}}
{{- end -}}

{{/* Rules as the API has them, those that differ in the resource only as one, as JSON. Input: a list of rules of one scope. */}}
{{- define "invar.access.merge" -}}
{{- $merged := dict -}}
{{- range $rule := . -}}
{{- $key := printf "%s %s %s %s" ($rule.group | default "") (join "," $rule.verbs) (join "," ($rule.names | default list)) (join "," ($rule.urls | default list)) -}}
{{- $one := get $merged $key | default dict -}}
{{- if $rule.urls -}}
{{- $one = dict "nonResourceURLs" $rule.urls "verbs" $rule.verbs -}}
{{- else -}}
{{- $resources := append ($one.resources | default list) $rule.resource | uniq | sortAlpha -}}
{{- $one = dict "apiGroups" (list $rule.group) "resources" $resources "verbs" $rule.verbs -}}
{{- with $rule.names -}}{{- $_ := set $one "resourceNames" . -}}{{- end -}}
{{- end -}}
{{- $_ := set $merged $key $one -}}
{{- end -}}
{{- $rules := list -}}
{{- range $merged -}}{{- $rules = append $rules . -}}{{- end -}}
{{- toJson $rules -}}
{{- end -}}
