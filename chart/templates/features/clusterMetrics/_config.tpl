{{/*
What is gathered, in this order: the key of its settings, the label of its components, the template that finds its targets, and what that
wants to know. `isShared`: one switch turns on the control plane as a whole.
*/}}
{{- define "invar.features.clusterMetrics.sources" -}}
- {key: kubelet, label: kubelet, kind: kubelet, path: ""}
- {key: kubeletResource, label: kubelet_resources, kind: kubelet, path: /resource}
- {key: kubeletProbes, label: kubelet_probes, kind: kubelet, path: /probes}
- {key: cadvisor, label: cadvisor, kind: kubelet, path: /cadvisor}
- {key: apiServer, label: apiserver, kind: apiServer, isShared: true}
- {key: kubeControllerManager, label: kube_controller_manager, kind: pods, isShared: true, eks: [kcm/container/metrics]}
- {key: kubeDNS, label: kube_dns, kind: dns, isShared: true}
- {key: kubeProxy, label: kube_proxy, kind: pods, isShared: true}
- {key: kubeScheduler, label: kube_scheduler, kind: pods, isShared: true, eks: [ksh/container/metrics, ksh/container/resourcemetrics]}
- {key: kube-state-metrics, label: kube_state_metrics, kind: kubeStateMetrics}
{{- end -}}

{{/* "true" where a source is gathered. Input: a list of the feature's settings and the source. */}}
{{- define "invar.features.clusterMetrics.isOn" -}}
{{- $settings := first . -}}
{{- $source := last . -}}
{{- $choice := toString (get $settings $source.key).enabled -}}
{{- if or (eq $choice "true") (and $source.isShared $settings.controlPlane.enabled (ne $choice "false")) -}}true{{- end -}}
{{- end -}}

{{/* Input: plan; feature; collector. */}}
{{- define "invar.features.clusterMetrics.config" -}}
{{- $sources := list -}}
{{- $readsNodes := false -}}
{{- range $source := include "invar.features.clusterMetrics.sources" . | fromYamlArray -}}
{{- if include "invar.features.clusterMetrics.isOn" (list $.feature.settings $source) -}}
{{- $sources = append $sources $source -}}
{{- if eq $source.kind "kubelet" -}}{{- $readsNodes = true -}}{{- end -}}
{{- end -}}
{{- end -}}
declare "cluster_metrics" {
  argument "metrics_destinations" {
    comment = "The receivers to which metrics go."
  }
  {{- if $readsNodes }}

  discovery.kubernetes "nodes" {
    role = "node"
  }

  discovery.relabel "nodes" {
    targets = discovery.kubernetes.nodes.targets
    rule {
      source_labels = ["__meta_kubernetes_node_name"]
      target_label = "node"
    }
    {{- include "invar.config.setLabel" (list "source" "\"kubernetes\"") }}
  }
  {{- end }}
  {{- range $source := $sources }}
  {{ include "invar.features.clusterMetrics.source" (dict "plan" $.plan "source" $source "settings" (get $.feature.settings $source.key)) }}
  {{- end }}
}

cluster_metrics "feature" {
  metrics_destinations = [
    {{ include "invar.destinations.targets" (merge (dict "signal" "metrics" "protocol" "prometheus") .) }}
  ]
}
{{- end -}}

{{/* Finds, scrapes and sifts. Input: plan; source; settings, of this source. */}}
{{- define "invar.features.clusterMetrics.source" -}}
{{- $kind := printf "invar.features.clusterMetrics.%s" .source.kind -}}
{{- $call := dict "plan" .plan "label" .source.label "settings" .settings -}}
{{- if .settings.metricsTuning.useDefaultAllowList -}}{{- $_ := set $call "lists" (list .source.key) -}}{{- end -}}
{{- if eq .source.key "cadvisor" -}}{{- $_ := set $call "rules" (include "invar.features.clusterMetrics.containerRules" .settings.metricsTuning) -}}{{- end }}
{{ include $kind . }}
{{- include "invar.config.scrape" (merge (dict "arguments" (include (printf "%s.access" $kind) .) "blocks" (include (printf "%s.tls" $kind) .)) $call) }}
{{- end -}}
