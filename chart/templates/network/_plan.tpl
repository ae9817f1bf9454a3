{{/*
NetworkPolicies of the shorthand, and the AuthorizationPolicies that follow from them. Input: the plan.
Sets: networkObjects, a list of objects.
*/}}
{{- define "invar.network.plan" -}}
{{- $policies := .wrapper.networkPolicies -}}
{{- $made := dict "ingress" list "egress" list "authorizations" list -}}
{{- if $policies.enabled -}}
{{- range $direction, $key := dict "ingress" "to" "egress" "from" -}}
{{- $locals := get (get $policies $direction) $key -}}
{{- $text := toYaml $locals -}}
{{- if contains "{{" $text -}}{{- $locals = tpl $text $.root | fromYaml -}}{{- end -}}
{{- range $local, $settings := $locals -}}
{{- include "invar.network.local" (dict "plan" $ "direction" $direction "local" $local "settings" $settings "made" $made "where" (printf "networkPolicies.%s.%s" $direction $key)) -}}
{{- end -}}
{{- if $policies.hbonePortInjection.enabled -}}
{{- range get $made $direction -}}{{- include "invar.network.openMesh" (dict "policy" . "direction" $direction) -}}{{- end -}}
{{- end -}}
{{- if (get $policies $direction).defaults.enabled -}}
{{- include "invar.network.defaults" (dict "plan" $ "direction" $direction "made" $made) -}}
{{- end -}}
{{- end -}}
{{- include "invar.network.additional" (dict "plan" . "made" $made) -}}
{{- end -}}
{{- include "invar.network.routes" (dict "plan" . "made" $made) -}}
{{- $objects := list -}}
{{- range list "ingress" "authorizations" "egress" -}}
{{- $named := dict "objects" (get $made .) -}}
{{- include "invar.network.tellApart" $named -}}
{{- $objects = concat $objects $named.result -}}
{{- end -}}
{{- $_ := set . "networkObjects" $objects -}}
{{- end -}}

{{/*
The policies of one pod in one direction. Input: plan; direction; local, the pod by its shorthand; settings: podSelector, metadata, to or
from; made, whose lists grow; where.
*/}}
{{- define "invar.network.local" -}}
{{- $read := dict "plan" .plan "kind" "local" "key" .local "where" .where -}}
{{- include "invar.network.read" $read -}}
{{- if $read.result -}}
{{- $remotes := get .settings (ternary "from" "to" (eq .direction "ingress")) | default dict -}}
{{- $direct := omit $remotes "k8s" "cidr" "definition" "literal" -}}
{{- range $type := list "cidr" "definition" "k8s" "literal" -}}
{{- $rules := get $remotes $type | default dict -}}
{{- if eq $type "k8s" -}}{{- $rules = merge (deepCopy $rules) $direct -}}{{- end -}}
{{- range $remote, $rule := $rules -}}
{{- if eq (include "invar.network.holds" $rule) "true" -}}
{{- $call := dict "plan" $.plan "direction" $.direction "localKey" $.local "local" $read.result "settings" $.settings "remoteKey" $remote "rule" (ternary $rule dict (kindIs "map" $rule)) "made" $.made "where" (printf "%s.%s" $.where $.local) -}}
{{- include (printf "invar.network.remote.%s" $type) $call -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/*
Makes a policy. Input: as invar.network.remote.*, and suffix, of its name; rules, as Kubernetes has them; annotations, more than the usual
ones (optional). Sets: policy.
*/}}
{{- define "invar.network.policy" -}}
{{- $isIngress := eq .direction "ingress" -}}
{{- $policies := .plan.wrapper.networkPolicies -}}
{{- $pod := ternary "any-pod" .local.name (eq .local.name "*") -}}
{{- $protocol := ternary "-udp" "" (and $isIngress (eq .local.protocol "UDP")) -}}
{{- $name := printf "allow-%s-%s-%s%s%s" .direction (ternary "to" "from" $isIngress) $pod $protocol .suffix | lower -}}
{{- $selector := dict -}}
{{- if .settings.podSelector -}}
{{- $selector = .settings.podSelector -}}
{{- else if ne .local.name "*" -}}
{{- $selector = dict "matchLabels" (dict "app.kubernetes.io/name" .local.name) -}}
{{- end -}}
{{- $annotations := dict "generated.network-policies.bigbang.dev/local-key" .localKey "generated.network-policies.bigbang.dev/remote-key" .remoteKey -}}
{{- if .settings.podSelector -}}
{{- $_ := set $annotations "generated.network-policies.bigbang.dev/with-local-selector-override" (toYaml .settings.podSelector) -}}
{{- end -}}
{{- range list .annotations (dig "metadata" "annotations" dict .settings) (dig "metadata" "annotations" dict .rule) -}}
{{- $annotations = mergeOverwrite $annotations (. | default dict) -}}
{{- end -}}
{{- $labels := mergeOverwrite (dict "network-policies.bigbang.dev/source" "bb-common" "network-policies.bigbang.dev/direction" .direction) (dig "metadata" "labels" dict .settings) (dig "metadata" "labels" dict .rule) -}}
{{- $metadata := dict "name" (include "invar.network.name" (list . $name $policies.prependReleaseName)) "namespace" (include "invar.namespace" .plan) "labels" $labels "annotations" $annotations -}}
{{- $policy := dict "apiVersion" "networking.k8s.io/v1" "kind" "NetworkPolicy" "metadata" $metadata "spec" (dict "podSelector" $selector "policyTypes" (list (title .direction)) .direction .rules) -}}
{{- $_ := set .made .direction (append (get .made .direction) $policy) -}}
{{- $_ := set . "policy" $policy -}}
{{- end -}}

{{/* A name, which the release's begins where that is wished. Input: a list of something that has the plan; the name; the wish. */}}
{{- define "invar.network.name" -}}
{{- $name := index . 1 -}}
{{- if last . -}}{{- $name = printf "%s-%s" (lower (first .).plan.root.Release.Name) $name -}}{{- end -}}
{{- $name -}}
{{- end -}}

{{/* Opens the port of Istio's ambient mesh where ports between pods are listed. Input: policy, which is changed; direction. */}}
{{- define "invar.network.openMesh" -}}
{{- $verb := ternary "from" "to" (eq .direction "ingress") -}}
{{- range $rule := get .policy.spec .direction | default list -}}
{{- $isBetweenPods := false -}}
{{- range get $rule $verb | default list -}}
{{- if or (hasKey . "namespaceSelector") (hasKey . "podSelector") -}}{{- $isBetweenPods = true -}}{{- end -}}
{{- end -}}
{{- $isOpen := false -}}
{{- range $rule.ports -}}
{{- if and (eq (toString .port) "15008") (eq (.protocol | default "TCP") "TCP") -}}{{- $isOpen = true -}}{{- end -}}
{{- end -}}
{{- if and $rule.ports $isBetweenPods (not $isOpen) -}}
{{- $_ := set $rule "ports" (append $rule.ports (dict "port" 15008 "protocol" "TCP")) -}}
{{- $_ := set $.policy.metadata.labels "ambient.istio.network-policies.bigbang.dev/hbone-injected" "true" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/*
Leaves out objects that are there already, and tells apart by a number those that have a name in common. Input: objects. Sets: result.
*/}}
{{- define "invar.network.tellApart" -}}
{{- $byName := dict -}}
{{- $kept := list -}}
{{- range $object := .objects -}}
{{- $key := printf "%s/%s" $object.kind $object.metadata.name -}}
{{- $spec := toJson $object.spec -}}
{{- $same := get $byName $key | default list -}}
{{- $isNew := true -}}
{{- range $same -}}{{- if eq (toJson .spec) $spec -}}{{- $isNew = false -}}{{- end -}}{{- end -}}
{{- if $isNew -}}
{{- $_ := set $byName $key (append $same $object) -}}
{{- $kept = append $kept $object -}}
{{- end -}}
{{- end -}}
{{- range $key, $objects := $byName -}}
{{- if gt (len $objects) 1 -}}
{{- range $index, $object := $objects -}}
{{- $_ := set $object.metadata "name" (printf "%s-deduped-%d" $object.metadata.name $index) -}}
{{- $_ := set $object.metadata "annotations" (merge (dict "generated.bigbang.dev/deduplicated" "true") ($object.metadata.annotations | default dict)) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- $_ := set . "result" $kept -}}
{{- end -}}
