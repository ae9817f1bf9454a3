{{/* Where the credentials of a collector's remote configuration are. Prints a JSON map, a holder as invar.secrets.read takes it. Input: plan; collector. */}}
{{- define "invar.collectors.remoteConfigHolder" -}}
{{- $name := printf "%s-remote-cfg" .collector.name -}}
{{- $given := dig "remoteConfig" dict (get .plan.values.collectors .collector.name) -}}
{{- dict "name" $name "label" (include "invar.componentName" $name) "settings" .collector.settings.remoteConfig "given" $given "where" (printf "%s.remoteConfig" .collector.where) | toJson -}}
{{- end -}}

{{/* The block that asks a server for configuration. Input: plan; collector. */}}
{{- define "invar.collectors.remoteConfig" -}}
{{- $settings := .collector.settings.remoteConfig -}}
{{- $cluster := .plan.values.cluster.nameFrom | default (.plan.values.cluster.name | toRawJson) -}}
{{- $own := printf "%s-%%s-%s-%s" .plan.root.Release.Name (include "invar.namespace" .plan) .collector.name -}}
{{- $attributes := dict "platform" "kubernetes" "provider" .plan.values.global.platform "source" .plan.root.Chart.Name "sourceVersion" .plan.root.Chart.Version "release" .plan.root.Release.Name "namespace" (include "invar.namespace" .plan) "workloadName" .collector.name "workloadType" .collector.kind -}}
{{- if $settings.presetsAttribute -}}{{- $_ := set $attributes "presets" (join "," .collector.settings.presets) -}}{{- end }}
remotecfg {
  url = {{ $settings.urlFrom | default ($settings.url | toRawJson) }}
  {{- if eq .collector.kind "daemonset" }}
  id = string.format({{ printf "%s-%%s" $own | toRawJson }}, {{ $cluster }}, sys.env("K8S_NODE_NAME"))
  {{- else }}
  id = string.format({{ printf "%s-%%s" $own | toRawJson }}, {{ $cluster }}, constants.hostname)
  {{- end }}
  poll_frequency = {{ $settings.pollFrequency | toRawJson }}
  attributes = {
    "cluster" = {{ $cluster }},
    {{- range $key, $value := mergeOverwrite $attributes $settings.extraAttributes }}
    {{- if $value }}
    {{ $key | toRawJson }} = {{ $value | toString | toRawJson }},
    {{- end }}
    {{- end }}
  }
  {{- include "invar.config.httpClient" (dict "plan" .plan "collector" .collector "holder" (include "invar.collectors.remoteConfigHolder" . | fromJson)) }}
}
{{- end -}}

{{/*
What the configuration of a server may ask the environment for, as a JSON list of variables. The password stands under the name by which
the incumbent's fleet management knows it. Input: plan; collector.
*/}}
{{- define "invar.collectors.remoteConfigEnvironment" -}}
{{- $environment := list -}}
{{- if .collector.settings.remoteConfig.enabled -}}
{{- with .plan.values.cluster.name -}}
{{- $environment = append $environment (dict "name" "CLUSTER_NAME" "value" .) -}}
{{- end -}}
{{- $holder := include "invar.collectors.remoteConfigHolder" . | fromJson -}}
{{- $call := dict "plan" .plan "holder" $holder -}}
{{- $auth := $holder.settings.auth -}}
{{- $isInSecret := or (and $holder.settings.secret.create $auth.password) (and (not $holder.settings.secret.create) (eq $auth.type "basic")) -}}
{{- if and $isInSecret (not $holder.settings.secret.embed) (not $auth.passwordFrom) (eq (include "invar.secrets.namespace" $call) (include "invar.namespace" .plan)) -}}
{{- $environment = append $environment (dict "name" "GCLOUD_RW_API_KEY" "valueFrom" (dict "secretKeyRef" (dict "name" (include "invar.secrets.name" $call) "key" $auth.passwordKey))) -}}
{{- end -}}
{{- end -}}
{{- toJson $environment -}}
{{- end -}}
