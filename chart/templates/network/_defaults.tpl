{{/* Adds the policies that hold for all pods of the namespace, in one direction. Input: plan; direction; made, whose lists grow. */}}
{{- define "invar.network.defaults" -}}
{{- $policies := .plan.wrapper.networkPolicies -}}
{{- $switches := (get $policies .direction).defaults -}}
{{- $isIngress := eq .direction "ingress" -}}
{{- $ours := dict "namespaceSelector" (dict "matchLabels" (dict "kubernetes.io/metadata.name" (include "invar.namespace" .plan))) -}}
{{- $all := list (list "denyAll" "deny-all" nil) (list "allowInNamespace" "allow-all-in-ns" (dict (ternary "from" "to" $isIngress) (list $ours))) -}}
{{- if $isIngress -}}
{{- $all = append $all (list "allowPrometheusToIstioSidecar" "allow-prometheus-to-istio-sidecar" (dict "from" (list (include "invar.network.pods" (list "monitoring" "app.kubernetes.io/name" "prometheus") | fromJson)) "ports" (list (dict "port" 15020 "protocol" "TCP")))) -}}
{{- if .plan.wrapper.istio.ambient.enabled -}}
{{- $all = append $all (list "" "allow-ambient-kubelet" (dict "from" (list (dict "ipBlock" (dict "cidr" "169.254.7.127/32"))))) -}}
{{- end -}}
{{- else -}}
{{- $dns := list (dict "port" 53 "protocol" "UDP") (dict "port" 53 "protocol" "TCP") -}}
{{- $all = append $all (list "allowKubeDns" "allow-kube-dns" (dict "to" (list (include "invar.network.pods" (list "kube-system" "k8s-app" "kube-dns") | fromJson)) "ports" $dns)) -}}
{{- $all = append $all (list "allowIstiod" "allow-istiod" (dict "to" (list (include "invar.network.pods" (list "istio-system" "app" "istiod") | fromJson)) "ports" (list (dict "port" 15012 "protocol" "TCP")))) -}}
{{- end -}}
{{- $made := list -}}
{{- range $one := $all -}}
{{- if dig (first $one) "enabled" true $switches -}}
{{- $name := include "invar.network.name" (list $ (printf "default-%s-%s" $.direction (index $one 1)) $policies.prependReleaseName) -}}
{{- $spec := dict "podSelector" dict "policyTypes" (list (title $.direction)) -}}
{{- if last $one -}}{{- $_ := set $spec $.direction (list (last $one)) -}}{{- end -}}
{{- $labels := dict "network-policies.bigbang.dev/source" "bb-common" "network-policies.bigbang.dev/direction" $.direction -}}
{{- $made = append $made (dict "apiVersion" "networking.k8s.io/v1" "kind" "NetworkPolicy" "metadata" (dict "name" $name "namespace" (include "invar.namespace" $.plan) "labels" $labels) "spec" $spec) -}}
{{- end -}}
{{- end -}}
{{- $_ := set .made .direction (concat (get .made .direction) $made (include "invar.network.asHooks" (dict "plan" .plan "objects" $made) | fromJsonArray)) -}}
{{- end -}}

{{/* Pods of a namespace with a label, as the peer of a rule, in JSON. Input: a list of the namespace, the label and its value. */}}
{{- define "invar.network.pods" -}}
{{- dict "namespaceSelector" (dict "matchLabels" (dict "kubernetes.io/metadata.name" (first .))) "podSelector" (dict "matchLabels" (dict (index . 1) (last .))) | toJson -}}
{{- end -}}

{{/* The objects once more, as hooks, where that is wished; as a JSON list. Input: plan; objects. */}}
{{- define "invar.network.asHooks" -}}
{{- $hooks := list -}}
{{- with .plan.wrapper.networkPolicies.defaultsAsHooks -}}
{{- if .enabled -}}
{{- $annotations := dict "helm.sh/hook" (join "," .hooks) "helm.sh/hook-weight" (toString (int .weight)) "helm.sh/hook-delete-policy" (join "," .deletePolicies) -}}
{{- range $object := $.objects -}}
{{- $hook := deepCopy $object -}}
{{- $_ := set $hook.metadata "name" (printf "%s-as-hook" $object.metadata.name) -}}
{{- $_ := set $hook.metadata "annotations" $annotations -}}
{{- $hooks = append $hooks $hook -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- toJson $hooks -}}
{{- end -}}

{{/* Adds the policies that the user has as Kubernetes has them. Input: plan; made, whose lists grow. */}}
{{- define "invar.network.additional" -}}
{{- $policies := .plan.wrapper.networkPolicies -}}
{{- $given := $policies.additionalPolicies | default $policies.additional -}}
{{- if kindIs "map" $given -}}
{{- $named := list -}}
{{- range $name, $policy := $given -}}
{{- if eq (include "invar.network.holds" $policy) "true" -}}{{- $named = append $named (merge (dict "name" ($policy.name | default $name)) $policy) -}}{{- end -}}
{{- end -}}
{{- $given = $named -}}
{{- end -}}
{{- range $policy := $given -}}
{{- $labels := merge (dict "network-policies.bigbang.dev/source" "bb-common") ($policy.labels | default dict) -}}
{{- $metadata := dict "name" $policy.name "namespace" (include "invar.namespace" $.plan) "labels" $labels -}}
{{- with $policy.annotations -}}{{- $_ := set $metadata "annotations" . -}}{{- end -}}
{{- $spec := tpl (toYaml $policy.spec) $.plan.root | fromYaml -}}
{{- $_ := set $.made "egress" (append $.made.egress (dict "apiVersion" "networking.k8s.io/v1" "kind" "NetworkPolicy" "metadata" $metadata "spec" $spec)) -}}
{{- end -}}
{{- end -}}
