{{/*
The policy of a rule, by what stands at the other end. Input: plan; direction; local, as read; localKey; settings, of the local end;
remoteKey; rule, what differs from the shorthand; made, whose lists grow; where.
*/}}

{{/* Pods, by namespace and name. */}}
{{- define "invar.network.remote.k8s" -}}
{{- $read := dict "plan" .plan "kind" "k8s" "key" .remoteKey "where" .where -}}
{{- include "invar.network.read" $read -}}
{{- with $read.result -}}
{{- $isIngress := eq $.direction "ingress" -}}
{{- $named := ternary $.local . (and $isIngress (not (empty $.local.ports))) -}}
{{- $ports := printf "%s-%s" (ternary "" (printf "-%s" (lower $named.protocol)) (empty $named.ports)) $named.portsName -}}
{{- $peerName := ternary "-any-ns" (printf "-ns-%s" .name) (eq .name "*") -}}
{{- $namespaces := ternary dict (dict "matchLabels" (dict "kubernetes.io/metadata.name" .name)) (eq .name "*") -}}
{{- $pods := dict -}}
{{- if has .pod (list "" "*") -}}
{{- $peerName = printf "%s-any-pod" $peerName -}}
{{- else -}}
{{- $peerName = printf "%s-pod-%s" $peerName .pod -}}
{{- $pods = dict "matchLabels" (dict "app.kubernetes.io/name" .pod) -}}
{{- end -}}
{{- $overrides := pick $.rule "podSelector" "namespaceSelector" -}}
{{- $peer := mergeOverwrite (dict "namespaceSelector" $namespaces "podSelector" $pods) dict -}}
{{- range $key, $selector := $overrides -}}{{- $_ := set $peer $key $selector -}}{{- end -}}
{{- $rule := dict (ternary "from" "to" $isIngress) (list $peer) -}}
{{- if $named.ports -}}{{- $_ := set $rule "ports" $named.ports -}}{{- end -}}
{{- $suffix := ternary (printf "%s-from%s" $ports $peerName) (printf "-to%s%s" $peerName $ports) $isIngress -}}
{{- $annotations := dict -}}
{{- if $overrides -}}{{- $annotations = dict "generated.network-policies.bigbang.dev/with-remote-selector-overrides" (toYaml $overrides) -}}{{- end -}}
{{- $_ := set $ "suffix" $suffix -}}
{{- $_ := set $ "rules" (list $rule) -}}
{{- $_ := set $ "annotations" $annotations -}}
{{- include "invar.network.policy" $ -}}
{{- if $isIngress -}}
{{- $source := dict "namespaces" (list .name) -}}
{{- $who := ternary "-from-ns-any" (printf "-from-ns-%s" .name) (eq .name "*") -}}
{{- $told := dict "generated.authorization-policies.bigbang.dev/from-namespace" $.remoteKey -}}
{{- if .identity -}}
{{- $source = dict "principals" (list (printf "cluster.local/ns/%s/sa/%s" .name .identity)) -}}
{{- $who = printf "-from-ns-%s-with-identity-%s" .name .identity -}}
{{- $told = dict "generated.authorization-policies.bigbang.dev/from-spiffe" $.remoteKey "generated.authorization-policies.bigbang.dev/identity" .identity -}}
{{- end -}}
{{- $name := printf "%s%s" (regexReplaceAll "-from.*$" $.policy.metadata.name "") $who -}}
{{- include "invar.network.authorize" (merge (dict "name" $name "source" $source "ports" $named.ports "told" $told) $) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* A network. */}}
{{- define "invar.network.remote.cidr" -}}
{{- $read := dict "plan" .plan "kind" "cidr" "key" .remoteKey "where" .where -}}
{{- include "invar.network.read" $read -}}
{{- with $read.result -}}
{{- $isIngress := eq $.direction "ingress" -}}
{{- $named := ternary $.local . (and $isIngress (not (empty $.local.ports))) -}}
{{- $ports := printf "%s-%s" (ternary "" (printf "-%s" (lower $named.protocol)) (empty $named.ports)) $named.portsName -}}
{{- $peerName := ternary "-anywhere" (printf "-cidr-%s" (regexReplaceAll "[./]" .name "-")) (eq .name "0.0.0.0/0") -}}
{{- $block := dict "cidr" .name -}}
{{- $network := .name -}}
{{- if not $isIngress -}}
{{- $except := list -}}
{{- range $excluded := $.plan.wrapper.networkPolicies.egress.excludeCIDRs -}}
{{- if and (ne $excluded $network) (eq (include "invar.network.contains" (list $network $excluded)) "true") -}}
{{- $except = append $except $excluded -}}
{{- end -}}
{{- end -}}
{{- if $except -}}{{- $_ := set $block "except" $except -}}{{- end -}}
{{- end -}}
{{- $rule := dict (ternary "from" "to" $isIngress) (list (dict "ipBlock" $block)) -}}
{{- if $named.ports -}}{{- $_ := set $rule "ports" $named.ports -}}{{- end -}}
{{- $_ := set $ "suffix" (ternary (printf "%s-from%s" $ports $peerName) (printf "-to%s%s" $peerName $ports) $isIngress) -}}
{{- $_ := set $ "rules" (list $rule) -}}
{{- include "invar.network.policy" $ -}}
{{- if $isIngress -}}
{{- $told := dict "generated.authorization-policies.bigbang.dev/from-cidr" $.remoteKey "generated.authorization-policies.bigbang.dev/cidr" .name -}}
{{- include "invar.network.authorize" (merge (dict "name" $.policy.metadata.name "source" (dict "ipBlocks" (list .name)) "ports" $named.ports "told" $told) $) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* A definition, the user's or one that is known. */}}
{{- define "invar.network.remote.definition" -}}
{{- $isIngress := eq .direction "ingress" -}}
{{- $verb := ternary "from" "to" $isIngress -}}
{{- $definitions := mergeOverwrite (include "invar.network.definitions" .plan | fromYaml | dig .direction dict) dict -}}
{{- range $name, $definition := (get .plan.wrapper.networkPolicies .direction).definitions -}}{{- $_ := set $definitions $name $definition -}}{{- end -}}
{{- $definition := get $definitions .remoteKey | default dict -}}
{{- if get $definition $verb -}}
{{- $rule := deepCopy $definition -}}
{{- $ports := "" -}}
{{- if and $isIngress .local.ports -}}
{{- $_ := set $rule "ports" .local.ports -}}
{{- $ports = printf "-%s" .local.portsName -}}
{{- end -}}
{{- $_ := set . "suffix" (printf "%s-%s-%s" $ports $verb (lower .remoteKey)) -}}
{{- $_ := set . "rules" (list $rule) -}}
{{- $_ := set . "annotations" (dict "generated.network-policies.bigbang.dev/from-definition" .remoteKey) -}}
{{- include "invar.network.policy" . -}}
{{- else -}}
{{- include "invar.problem" (dict "plan" .plan "message" (printf "%s names the definition %q, which is not there with a %q (there are: %s)." .where .remoteKey $verb (keys $definitions | sortAlpha | join ", ")) "setAtRoot" (list "networkPolicies:" (printf "  %s:" .direction) "    definitions:" (printf "      %s:" .remoteKey) (printf "        %s: [{ipBlock: {cidr: 10.0.0.0/8}}]" $verb))) -}}
{{- end -}}
{{- end -}}

{{/* Rules as Kubernetes has them. */}}
{{- define "invar.network.remote.literal" -}}
{{- if regexMatch "^[A-Za-z0-9-]+$" .remoteKey -}}
{{- $_ := set . "suffix" (printf "-%s-%s" (ternary "from" "to" (eq .direction "ingress")) .remoteKey) -}}
{{- $_ := set . "rules" (.rule.spec | default list) -}}
{{- $_ := set . "annotations" (dict "generated.network-policies.bigbang.dev/from-spec-literal" (toYaml .rule.spec)) -}}
{{- include "invar.network.policy" . -}}
{{- else -}}
{{- include "invar.problem" (dict "plan" .plan "message" (printf "%s has the literal rule %q; its name is letters, digits and hyphens." .where .remoteKey)) -}}
{{- end -}}
{{- end -}}

{{/* The definitions that are known, by direction. Input: the plan. */}}
{{- define "invar.network.definitions" -}}
ingress:
  gateway:
    from:
      - namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: istio-gateway}}
        podSelector: {matchLabels: {istio: ingressgateway}}
  monitoring:
    from:
      - namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: monitoring}}
        podSelector: {matchLabels: {app.kubernetes.io/name: prometheus}}
egress:
  kubeAPI:
    to:
      - ipBlock: {cidr: 10.0.0.0/8}
      - ipBlock: {cidr: 172.16.0.0/12}
      - ipBlock: {cidr: 192.168.0.0/16}
    {{- with dig "spec" "ports" list (lookup "v1" "Service" "default" "kubernetes") }}
    ports:
      {{- range . }}
      - {port: {{ .targetPort }}, protocol: TCP}
      {{- end }}
    {{- end }}
{{- end -}}
