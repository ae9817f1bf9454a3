{{/*
Adds the AuthorizationPolicy that says for the mesh what a NetworkPolicy of ingress says for the network, where that is wished.
Input: as invar.network.remote.*, and policy; name; source; ports; told, annotations.
*/}}
{{- define "invar.network.authorize" -}}
{{- $istio := .plan.wrapper.istio -}}
{{- if and $istio.enabled $istio.authorizationPolicies.enabled $istio.authorizationPolicies.generateFromNetpol -}}
{{- $rule := dict "from" (list (dict "source" .source)) -}}
{{- $operations := list -}}
{{- range $port := .ports -}}
{{- $numbers := list (toString $port.port) -}}
{{- if $port.endPort -}}
{{- $numbers = list -}}
{{- range untilStep (int $port.port) (add1 $port.endPort | int) 1 -}}{{- $numbers = append $numbers (toString .) -}}{{- end -}}
{{- end -}}
{{- $operations = append $operations (dict "operation" (dict "ports" $numbers)) -}}
{{- end -}}
{{- if $operations -}}{{- $_ := set $rule "to" $operations -}}{{- end -}}
{{- $metadata := dict "name" .name "namespace" (include "invar.namespace" .plan) "labels" (omit .policy.metadata.labels "ambient.istio.network-policies.bigbang.dev/hbone-injected") "annotations" (merge (deepCopy .told) .policy.metadata.annotations) -}}
{{- $object := dict "apiVersion" "security.istio.io/v1" "kind" "AuthorizationPolicy" "metadata" $metadata "spec" (dict "action" "ALLOW" "selector" .policy.spec.podSelector "rules" (list $rule)) -}}
{{- $_ := set .made "authorizations" (append .made.authorizations $object) -}}
{{- end -}}
{{- end -}}

{{/* An object of Istio's. Input: plan; kind; name; metadata: labels, annotations (optional); spec. Prints it as JSON. */}}
{{- define "invar.network.istioObject" -}}
{{- $group := ternary "security.istio.io/v1" "networking.istio.io/v1" (has .kind (list "AuthorizationPolicy" "PeerAuthentication")) -}}
{{- $metadata := dict "name" .name "namespace" (include "invar.namespace" .plan) -}}
{{- range $key := list "labels" "annotations" -}}
{{- with get ($.metadata | default dict) $key -}}{{- $_ := set $metadata $key . -}}{{- end -}}
{{- end -}}
{{- dict "apiVersion" $group "kind" .kind "metadata" $metadata "spec" .spec | toJson -}}
{{- end -}}

{{/* The objects of Istio's that no rule or route brings, as a JSON list. Input: the plan. */}}
{{- define "invar.network.istioObjects" -}}
{{- $istio := .wrapper.istio -}}
{{- $named := dict "plan" . -}}
{{- $objects := list -}}
{{- if $istio.enabled -}}
{{- if $istio.sidecar.enabled -}}
{{- $objects = append $objects (include "invar.network.istioObject" (dict "plan" . "kind" "Sidecar" "name" (include "invar.network.name" (list $named "sidecar" $istio.prependReleaseName)) "spec" (dict "outboundTrafficPolicy" (dict "mode" $istio.sidecar.outboundTrafficPolicyMode))) | fromJson) -}}
{{- end -}}
{{- $objects = append $objects (include "invar.network.istioObject" (dict "plan" . "kind" "PeerAuthentication" "name" (include "invar.network.name" (list $named "default-peer-auth" $istio.prependReleaseName)) "spec" (dict "mtls" (dict "mode" $istio.mtls.mode))) | fromJson) -}}
{{- if $istio.authorizationPolicies.enabled -}}
{{- $objects = concat $objects (include "invar.network.authorizationDefaults" . | fromJsonArray) -}}
{{- $more := $istio.authorizationPolicies.additionalPolicies | default $istio.authorizationPolicies.additional -}}
{{- range $name, $policy := $more -}}
{{- if eq (include "invar.network.holds" $policy) "true" -}}
{{- $labels := merge (dict "authorization-policies.bigbang.dev/source" "bb-common") ($policy.labels | default dict) -}}
{{- $objects = append $objects (include "invar.network.istioObject" (dict "plan" $ "kind" "AuthorizationPolicy" "name" (include "invar.network.name" (list $named ($policy.name | default $name) $istio.prependReleaseName)) "metadata" (dict "labels" $labels "annotations" $policy.annotations) "spec" $policy.spec) | fromJson) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- range $kind, $given := dict "ServiceEntry" $istio.serviceEntries.custom "AuthorizationPolicy" $istio.authorizationPolicies.custom -}}
{{- range $one := $given -}}
{{- $objects = append $objects (include "invar.network.istioObject" (dict "plan" $ "kind" $kind "name" (include "invar.network.name" (list $named $one.name $istio.prependReleaseName)) "metadata" $one "spec" $one.spec) | fromJson) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- toJson $objects -}}
{{- end -}}

{{/* The AuthorizationPolicies that hold for all pods of the namespace, as a JSON list. Input: the plan. */}}
{{- define "invar.network.authorizationDefaults" -}}
{{- $istio := .wrapper.istio -}}
{{- $own := $istio.authorizationPolicies.defaults -}}
{{- $ofNetwork := .wrapper.networkPolicies.ingress.defaults -}}
{{- $objects := list -}}
{{- if dig "enabled" $ofNetwork.enabled $own -}}
{{- $labels := dict "network-policies.bigbang.dev/source" "bb-common" "network-policies.bigbang.dev/direction" "authorization-policy" -}}
{{- $specs := dict "denyAll" (list "default-authz-allow-nothing" dict) "allowInNamespace" (list "default-authz-allow-all-in-ns" (dict "action" "ALLOW" "rules" (list (dict "from" (list (dict "source" (dict "namespaces" (list (include "invar.namespace" .)))))))))  -}}
{{- range $key, $policy := $specs -}}
{{- if dig $key "enabled" (dig $key "enabled" true $ofNetwork) $own -}}
{{- $objects = append $objects (include "invar.network.istioObject" (dict "plan" $ "kind" "AuthorizationPolicy" "name" (include "invar.network.name" (list (dict "plan" $) (first $policy) $istio.prependReleaseName)) "metadata" (dict "labels" $labels) "spec" (last $policy)) | fromJson) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- concat $objects (include "invar.network.asHooks" (dict "plan" . "objects" $objects) | fromJsonArray) | toJson -}}
{{- end -}}
