{{/*
How the targets of each kind of source are found, and how one shows who one is to them: <kind>, <kind>.access, <kind>.tls.
Input of all: plan; source; settings.
*/}}

{{/* The kubelet of each node. */}}
{{- define "invar.features.clusterMetrics.kubelet" }}
discovery.relabel {{ .source.label | toRawJson }} {
  targets = discovery.relabel.nodes.output
  {{- if eq .settings.nodeAddressFormat "proxy" }}
  {{- include "invar.config.setLabel" (list "__address__" (include "invar.features.clusterMetrics.apiServerAddress" .plan)) }}
  rule {
    source_labels = ["__meta_kubernetes_node_name"]
    regex = "(.+)"
    replacement = {{ printf "/api/v1/nodes/${1}/proxy/metrics%s" .source.path | toRawJson }}
    target_label = "__metrics_path__"
  }
  {{- else if .source.path }}
  {{- include "invar.config.setLabel" (list "__metrics_path__" (printf "/metrics%s" .source.path | toRawJson)) }}
  {{- end }}
  {{ .settings.extraDiscoveryRules }}
}
{{- end -}}

{{- define "invar.features.clusterMetrics.kubelet.access" }}
scheme = "https"
bearer_token_file = "/var/run/secrets/kubernetes.io/serviceaccount/token"
{{- end -}}

{{/* A kubelet's certificate is its own more often than the cluster's. */}}
{{- define "invar.features.clusterMetrics.kubelet.tls" }}
tls_config {
  ca_file = "/var/run/secrets/kubernetes.io/serviceaccount/ca.crt"
  insecure_skip_verify = true
  server_name = "kubernetes"
}
{{- end -}}

{{/* The expression that gives the API server's address. Input: the plan. */}}
{{- define "invar.features.clusterMetrics.apiServerAddress" -}}
{{- .values.global.kubernetesAPIService | default "kubernetes.default.svc.cluster.local:443" | toRawJson -}}
{{- end -}}

{{/* Each replica of the API server. */}}
{{- define "invar.features.clusterMetrics.apiServer" }}
discovery.kubernetes "apiserver" {
  role = "endpointslice"
  selectors {
    role = "endpointslice"
    label = "kubernetes.io/service-name=kubernetes"
  }
  namespaces {
    names = ["default"]
  }
}

discovery.relabel "apiserver" {
  targets = discovery.kubernetes.apiserver.targets
  rule {
    source_labels = ["__meta_kubernetes_endpointslice_port_name"]
    regex = "https"
    action = "keep"
  }
  rule {
    source_labels = ["__meta_kubernetes_namespace"]
    target_label = "namespace"
  }
  rule {
    source_labels = ["__meta_kubernetes_service_name"]
    target_label = "service"
  }
  {{- include "invar.config.setLabel" (list "source" "\"kubernetes\"") }}
  {{ .settings.extraDiscoveryRules }}
}
{{- end -}}

{{- define "invar.features.clusterMetrics.apiServer.access" }}
{{- include "invar.features.clusterMetrics.kubelet.access" . }}
{{- end -}}

{{- define "invar.features.clusterMetrics.apiServer.tls" }}
tls_config {
  ca_file = "/var/run/secrets/kubernetes.io/serviceaccount/ca.crt"
  insecure_skip_verify = false
  server_name = "kubernetes"
}
{{- end -}}

{{/* Pods in kube-system; on Amazon's service there are none to be seen, and the API server answers for them. */}}
{{- define "invar.features.clusterMetrics.pods" -}}
{{- $isEks := eq (toString .settings.discoveryMode) "eks-proxy" -}}
{{- if not $isEks }}
discovery.kubernetes {{ .source.label | toRawJson }} {
  role = "pod"
  namespaces {
    names = ["kube-system"]
  }
  selectors {
    role = "pod"
    label = {{ .settings.selectorLabel | toRawJson }}
  }
}
{{- end }}

discovery.relabel {{ .source.label | toRawJson }} {
  {{- if $isEks }}
  targets = [
    {{- range .source.eks }}
    {
      __address__ = {{ include "invar.features.clusterMetrics.apiServerAddress" $.plan }},
      __metrics_path__ = {{ printf "/apis/metrics.eks.amazonaws.com/v1/%s" . | toRawJson }},
    },
    {{- end }}
  ]
  {{- else }}
  targets = discovery.kubernetes.{{ .source.label }}.targets
  rule {
    source_labels = ["__meta_kubernetes_pod_ip"]
    replacement = {{ printf "$1:%d" (int .settings.port) | toRawJson }}
    target_label = "__address__"
  }
  {{- end }}
  {{ .settings.extraDiscoveryRules }}
}
{{- end -}}

{{- define "invar.features.clusterMetrics.pods.access" -}}
{{- if .source.eks }}
{{- include "invar.features.clusterMetrics.kubelet.access" . }}
{{- else }}
scheme = "http"
{{- end }}
{{- end -}}

{{- define "invar.features.clusterMetrics.pods.tls" -}}
{{- if .source.eks }}
tls_config {
  insecure_skip_verify = true
}
{{- end }}
{{- end -}}

{{/* The pods behind the Service of the cluster's DNS. */}}
{{- define "invar.features.clusterMetrics.dns" }}
discovery.kubernetes "kube_dns" {
  role = "endpointslice"
  namespaces {
    names = ["kube-system"]
  }
  selectors {
    role = "endpointslice"
    label = "kubernetes.io/service-name=kube-dns"
  }
}

discovery.relabel "kube_dns" {
  targets = discovery.kubernetes.kube_dns.targets
  rule {
    source_labels = ["__meta_kubernetes_pod_container_port_name", "__meta_kubernetes_pod_phase", "__meta_kubernetes_pod_ready"]
    separator = "@"
    regex = "metrics@Running@true"
    action = "keep"
  }
  rule {
    source_labels = ["__meta_kubernetes_pod_container_init"]
    regex = "true"
    action = "drop"
  }
  {{- include "invar.config.podIdentity" nil }}
  rule {
    source_labels = ["__meta_kubernetes_service_name"]
    target_label = "service"
  }
  {{- include "invar.config.setLabel" (list "source" "\"kubernetes\"") }}
  {{ .settings.extraDiscoveryRules }}
}
{{- end -}}

{{- define "invar.features.clusterMetrics.dns.access" }}
scheme = "http"
{{- end -}}
{{- define "invar.features.clusterMetrics.dns.tls" -}}{{- end -}}

{{/* A kube-state-metrics that is there. */}}
{{- define "invar.features.clusterMetrics.kubeStateMetrics" -}}
{{- $role := .settings.discoveryType | toRawJson }}
discovery.kubernetes "kube_state_metrics" {
  role = {{ $role }}
  selectors {
    role = {{ $role }}
    label = {{ include "invar.config.selector" .settings.labelMatchers }}
  }
  {{- with .settings.namespace }}
  namespaces {
    names = [{{ . | toRawJson }}]
  }
  {{- end }}
}

discovery.relabel "kube_state_metrics" {
  targets = discovery.kubernetes.kube_state_metrics.targets
  {{- include "invar.config.setLabel" (list "source" "\"kubernetes\"") }}
  {{ .settings.extraDiscoveryRules }}
}
{{- end -}}

{{- define "invar.features.clusterMetrics.kubeStateMetrics.access" }}
scheme = {{ .settings.service.scheme | toRawJson }}
{{- include "invar.config.optional" (list "bearer_token_file" .settings.bearerTokenFile) }}
{{- end -}}

{{- define "invar.features.clusterMetrics.kubeStateMetrics.tls" }}
tls_config {
  insecure_skip_verify = true
}
{{- end -}}
