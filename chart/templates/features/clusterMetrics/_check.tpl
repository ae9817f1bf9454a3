{{- define "invar.features.clusterMetrics.check" -}}
{{- include "invar.features.requireClustering" . -}}
{{- $kubeState := get .feature.settings "kube-state-metrics" -}}
{{- $isRefused := (get .plan.values.telemetryServices "kube-state-metrics").deploy -}}
{{- if and $kubeState.enabled (not $kubeState.labelMatchers) (not $isRefused) -}}
{{- include "invar.problem" (dict "plan" .plan "message" (printf "%s.kube-state-metrics.labelMatchers does not say by which labels kube-state-metrics is found." .feature.where) "set" (list "clusterMetrics:" "  kube-state-metrics:" "    labelMatchers:" "      app.kubernetes.io/name: kube-state-metrics")) -}}
{{- end -}}
{{- range $key := list "namespaces" "namespacesDenylist" -}}
{{- if and $kubeState.enabled (get $kubeState $key) -}}
{{- include "invar.problem" (dict "plan" $.plan "message" (printf "%s.kube-state-metrics.%s has no effect on a kube-state-metrics that is there already. Set it in its own chart." $.feature.where $key) "set" (list "clusterMetrics:" "  kube-state-metrics:" (printf "    %s: []" $key))) -}}
{{- end -}}
{{- end -}}
{{- range $source := include "invar.features.clusterMetrics.sources" . | fromYamlArray -}}
{{- $settings := get $.feature.settings $source.key -}}
{{- if and $source.eks (eq (include "invar.features.clusterMetrics.isOn" (list $.feature.settings $source)) "true") (eq (toString $settings.discoveryMode) "eks-proxy") -}}
{{- $rule := dict "group" "metrics.eks.amazonaws.com" "resource" (printf "%s/metrics" (first (splitList "/" (first $source.eks)))) "verbs" (list "get") -}}
{{- $_ := set $.collector "rules" (append ($.collector.rules | default list) $rule) -}}
{{- end -}}
{{- end -}}
{{- end -}}
