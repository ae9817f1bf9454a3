{{/* Adds the objects of the ways into and out of the mesh. Input: plan; made, whose lists grow. */}}
{{- define "invar.network.routes" -}}
{{- if .plan.root.Capabilities.APIVersions.Has "networking.istio.io/v1" -}}
{{- $routes := .plan.wrapper.routes -}}
{{- range $direction := list "inbound" "outbound" -}}
{{- range $name, $route := get $routes $direction -}}
{{- if $route.enabled -}}
{{- if not $route.hosts -}}
{{- include "invar.problem" (dict "plan" $.plan "message" (printf "routes.%s.%s has no hosts." $direction $name) "setAtRoot" (list "routes:" (printf "  %s:" $direction) (printf "    %s:" $name) "      hosts: [example.com]")) -}}
{{- else -}}
{{- $hosts := list -}}
{{- range $route.hosts -}}{{- $hosts = append $hosts (tpl . $.plan.root) -}}{{- end -}}
{{- include (printf "invar.network.routes.%s" $direction) (dict "plan" $.plan "made" $.made "name" $name "route" $route "hosts" $hosts "metadata" ($route.metadata | default dict)) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Adds an object of a route. Input: as invar.network.routes.inbound, and kind; suffix, of its name; spec. */}}
{{- define "invar.network.routeObject" -}}
{{- $name := include "invar.network.name" (list . (printf "%s%s" .name .suffix) .plan.wrapper.routes.prependReleaseName) -}}
{{- $_ := set .made "authorizations" (append .made.authorizations (include "invar.network.istioObject" (merge (dict "name" $name) .) | fromJson)) -}}
{{- end -}}

{{/* What leaves the mesh. Input: plan; made; name; route; hosts; metadata. */}}
{{- define "invar.network.routes.outbound" -}}
{{- $ports := list -}}
{{- range .route.ports -}}
{{- $ports = append $ports (dict "name" .name "number" (tpl (toString .number) $.plan.root | int) "protocol" .protocol) -}}
{{- end -}}
{{- $location := .route.location | default "MESH_EXTERNAL" -}}
{{- $spec := dict "hosts" .hosts "location" $location "resolution" (.route.resolution | default "DNS") "ports" ($ports | default (list (dict "name" "https" "number" 443 "protocol" "HTTPS"))) -}}
{{- $labels := merge (dict "service-entries.bigbang.dev/source" "bb-common") (.metadata.labels | default dict) -}}
{{- $annotations := merge (dict "outbound.service-entries.generated.bigbang.dev/from-route-name" .name) (.metadata.annotations | default dict) -}}
{{- include "invar.network.routeObject" (merge (dict "kind" "ServiceEntry" "suffix" (ternary "-external" "-internal" (eq $location "MESH_EXTERNAL")) "spec" $spec "metadata" (dict "labels" $labels "annotations" $annotations)) .) -}}
{{- end -}}

{{/* What comes in through a gateway. Input: plan; made; name; route; hosts; metadata. */}}
{{- define "invar.network.routes.inbound" -}}
{{- $route := .route -}}
{{- $lines := list "routes:" "  inbound:" (printf "    %s:" .name) -}}
{{- if not (and $route.gateways (or $route.service $route.http) (or $route.port $route.http)) -}}
{{- include "invar.problem" (dict "plan" .plan "message" (printf "routes.inbound.%s needs gateways, a service and its port." .name) "setAtRoot" (concat $lines (list "      gateways: [istio-gateway/public-ingressgateway]" "      service: alloy-alloy-receiver" "      port: 12345"))) -}}
{{- else -}}
{{- $selector := dict "matchLabels" ($route.selector | default (dict "app.kubernetes.io/name" .name)) -}}
{{- $destination := list (dict "destination" (dict "host" (tpl ($route.service | default "") .plan.root) "port" (dict "number" (tpl (toString $route.port) .plan.root | int)))) -}}
{{- $spec := dict "gateways" $route.gateways "hosts" .hosts -}}
{{- if dig "passthrough" "enabled" false $route -}}
{{- $_ := set $spec "tls" (list (dict "match" (list (dict "port" (dig "passthrough" "gatewayPort" 8443 $route | int) "sniHosts" .hosts)) "route" $destination)) -}}
{{- else -}}
{{- $_ := set $spec "http" ($route.http | default (list (dict "route" $destination))) -}}
{{- end -}}
{{- include "invar.network.routeObject" (merge (dict "kind" "VirtualService" "suffix" "" "spec" $spec) .) -}}
{{- $entry := dict "hosts" .hosts "location" "MESH_EXTERNAL" "resolution" "DNS" "ports" (list (dict "name" "https" "number" 443 "protocol" "HTTPS")) -}}
{{- include "invar.network.routeObject" (merge (dict "kind" "ServiceEntry" "suffix" "-internal" "spec" $entry) .) -}}
{{- $gateway := splitList "/" (first $route.gateways) -}}
{{- if .plan.wrapper.networkPolicies.enabled -}}
{{- $port := $route.containerPort | default $route.port -}}
{{- $pods := include "invar.network.pods" (list (first $gateway) "app.kubernetes.io/name" (last $gateway)) | fromJson -}}
{{- $_ := set $pods.podSelector.matchLabels "istio" "ingressgateway" -}}
{{- $rule := dict "from" (list $pods) -}}
{{- if $port -}}{{- $_ := set $rule "ports" (list (dict "port" (tpl (toString $port) .plan.root | int) "protocol" "TCP")) -}}{{- end -}}
{{- $name := include "invar.network.name" (list . (printf "allow-ingress-to-%s-%v-from-ns-%s-pod-%s" .name ($port | default "any-port") (first $gateway) (last $gateway)) .plan.wrapper.routes.prependReleaseName) -}}
{{- $metadata := dict "name" $name "namespace" (include "invar.namespace" .plan) "labels" (.metadata.labels | default dict | deepCopy) "annotations" (.metadata.annotations | default dict) -}}
{{- $policy := dict "apiVersion" "networking.k8s.io/v1" "kind" "NetworkPolicy" "metadata" $metadata "spec" (dict "podSelector" $selector "policyTypes" (list "Ingress") "ingress" (list $rule)) -}}
{{- if .plan.wrapper.networkPolicies.hbonePortInjection.enabled -}}
{{- include "invar.network.openMesh" (dict "policy" $policy "direction" "ingress") -}}
{{- end -}}
{{- $_ := set .made "ingress" (append .made.ingress $policy) -}}
{{- end -}}
{{- if .plan.wrapper.istio.authorizationPolicies.enabled -}}
{{- $source := dict "namespaces" (list (first $gateway)) "principals" (list (printf "cluster.local/ns/%s/sa/%s-ingressgateway-service-account" (first $gateway) (last $gateway))) -}}
{{- include "invar.network.routeObject" (merge (dict "kind" "AuthorizationPolicy" "suffix" (printf "-%s-authz-policy" (last $gateway)) "spec" (dict "selector" $selector "action" "ALLOW" "rules" (list (dict "from" (list (dict "source" $source)))))) .) -}}
{{- end -}}
{{- end -}}
{{- end -}}
