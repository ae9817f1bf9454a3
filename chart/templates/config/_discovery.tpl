{{/* A rule that copies a label where it is not empty. Input: a list of source and target. */}}
{{- define "invar.config.copyLabel" -}}
rule {
  source_labels = [{{ first . | toRawJson }}]
  regex = "(.+)"
  target_label = {{ last . | toRawJson }}
}
{{- end -}}

{{/* A selector of Kubernetes as a string, where it has any part. Input: name → value or list of values. */}}
{{- define "invar.config.selector" -}}
{{- $parts := list -}}
{{- range $name, $value := . -}}
{{- $parts = append $parts (ternary (printf "%s in (%s)" $name (join "," $value)) (printf "%s=%v" $name $value) (kindIs "slice" $value)) -}}
{{- end -}}
{{- if $parts -}}{{- join "," $parts | toRawJson -}}{{- end -}}
{{- end -}}

{{/* "true" where one of the names of namespaces is a pattern: the API can't choose by those. Input: a list. */}}
{{- define "invar.config.hasPattern" -}}
{{- range . -}}{{- if not (regexMatch "^[a-z0-9-]+$" .) -}}true{{- end -}}{{- end -}}
{{- end -}}

{{/* Which metadata of other objects the targets get. Input: namespace, node. */}}
{{- define "invar.config.attachMetadata" -}}
{{- if or .namespace .node }}
attach_metadata {
  {{- if .namespace }}
  namespace = true
  {{- end }}
  {{- if .node }}
  node = true
  {{- end }}
}
{{- end }}
{{- end -}}

{{/* The labels of a target that is a pod: where it runs, its workload and its app. */}}
{{- define "invar.config.podIdentity" -}}
{{- range list (list "namespace" "namespace") (list "pod" "pod_name") (list "container" "pod_container_name") }}
rule {
  source_labels = [{{ printf "__meta_kubernetes_%s" (last .) | toRawJson }}]
  target_label = {{ first . | toRawJson }}
}
{{- end }}
// The workload; of a ReplicaSet without the hash in its name.
rule {
  source_labels = ["__meta_kubernetes_pod_controller_kind", "__meta_kubernetes_pod_controller_name"]
  separator = "/"
  target_label = "workload"
}
rule {
  source_labels = ["workload"]
  regex = "(ReplicaSet/.+)-.+"
  target_label = "workload"
}
rule {
  source_labels = [
    "__meta_kubernetes_pod_label_app_kubernetes_io_name",
    "__meta_kubernetes_pod_label_k8s_app",
    "__meta_kubernetes_pod_label_app",
  ]
  regex = "^(?:;*)?([^;]+).*$"
  target_label = "app"
}
{{- end -}}

{{/* The labels by which OpenTelemetry names a service, from what a pod says of itself. Input: alignWithOTel. */}}
{{- define "invar.config.serviceLabels" -}}
{{- $names := list "__meta_kubernetes_pod_annotation_resource_opentelemetry_io_service_name" -}}
{{- if .alignWithOTel -}}
{{- $names = append $names "__meta_kubernetes_pod_label_app_kubernetes_io_instance" -}}
{{- end -}}
{{- $names = append $names "__meta_kubernetes_pod_label_app_kubernetes_io_name" -}}
{{- if .alignWithOTel -}}
{{- $names = concat $names (list "__tmp_workload_name" "__meta_kubernetes_pod_name") -}}
{{- end -}}
{{- $names = append $names "__meta_kubernetes_pod_container_name" -}}
{{- if .alignWithOTel }}
// The workload that owns the pod: of a ReplicaSet its Deployment, whose name it carries before a hash.
rule {
  source_labels = ["__meta_kubernetes_pod_controller_name"]
  target_label = "__tmp_workload_name"
}
rule {
  source_labels = ["__meta_kubernetes_pod_controller_kind", "__meta_kubernetes_pod_controller_name"]
  regex = "ReplicaSet;(.+)-[^-]+"
  target_label = "__tmp_workload_name"
}
{{- end }}
// The first of these that is not empty.
rule {
  source_labels = [
    {{- range $names }}
    {{ . | toRawJson }},
    {{- end }}
  ]
  regex = "^(?:;*)?([^;]+).*$"
  target_label = "service_name"
}
rule {
  source_labels = ["__meta_kubernetes_pod_annotation_resource_opentelemetry_io_service_namespace", "namespace"]
  regex = "^(?:;*)?([^;]+).*$"
  target_label = "service_namespace"
}
// As annotated, else namespace, pod and container.
rule {
  source_labels = ["__meta_kubernetes_pod_annotation_resource_opentelemetry_io_service_instance_id"]
  target_label = "service_instance_id"
}
rule {
  source_labels = ["service_instance_id", "namespace", "pod", "container"]
  separator = "."
  regex = "^\\.([^.]+\\.[^.]+\\.[^.]+)$"
  target_label = "service_instance_id"
}
rule {
  action = "labelmap"
  regex = "__meta_kubernetes_pod_annotation_resource_opentelemetry_io_(.+)"
}
{{- end -}}

{{/* The rules that attach labels of a pod's node. Input: the nodeLabels of a feature. */}}
{{- define "invar.config.nodeLabelRules" -}}
{{- $labels := dict
  "nodePool" (list "nodepool" "karpenter_sh_nodepool" "cloud_google_com_gke_nodepool" "eks_amazonaws_com_nodegroup" "kubernetes_azure_com_agentpool" "agentpool")
  "region" (list "region" "topology_kubernetes_io_region" "failure_domain_beta_kubernetes_io_region")
  "availabilityZone" (list "availability_zone" "topology_kubernetes_io_zone" "failure_domain_beta_kubernetes_io_zone" "topology_gke_io_zone")
  "nodeRole" (list "node_role" "kubernetes_io_role" "node_kubernetes_io_role" "node_role" "role")
  "nodeOS" (list "os" "kubernetes_io_os" "os_kubernetes_io" "os")
  "nodeArchitecture" (list "architecture" "kubernetes_io_arch" "beta_kubernetes_io_arch")
  "instanceType" (list "instance_type" "node_kubernetes_io_instance_type" "beta_kubernetes_io_instance_type") -}}
{{- range $key, $names := $labels }}
{{- if get $ $key }}
rule {
  source_labels = [
    {{- range rest $names }}
    {{ printf "__meta_kubernetes_node_label_%s" . | toRawJson }},
    {{- end }}
  ]
  regex = "^(?:;*)?([^;]+).*$"
  target_label = {{ first $names | toRawJson }}
}
{{- end }}
{{- end }}
{{- end -}}
