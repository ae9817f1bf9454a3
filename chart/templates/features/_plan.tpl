{{/*
The features, in the order of their sections in a configuration.

  part     what of a feature has a collector of its own
  gathers  the signals and protocols in which it gathers: always, or where the setting `when` is true
  isExtra  gathered where there is a destination for it, by a collector that is there anyway
  tells    what metrics about the release say of it: a label, and for it what is switched on where
*/}}
{{- define "invar.features.list" -}}
- {key: annotationAutodiscovery, title: "Metrics of pods and services with annotations", gathers: [{signal: metrics, protocol: prometheus}]}
- key: applicationObservability
  title: "What applications send"
  gathers:
    - {signal: metrics, protocol: otlp, when: metrics.enabled}
    - {signal: logs, protocol: otlp, when: logs.enabled}
    - {signal: traces, protocol: otlp, when: traces.enabled}
  tells:
    - protocols
    - {name: otlpgrpc, at: receivers.otlp.grpc}
    - {name: otlphttp, at: receivers.otlp.http}
    - {name: jaegergrpc, at: receivers.jaeger.grpc}
    - {name: jaegerthriftbinary, at: receivers.jaeger.thriftBinary}
    - {name: jaegerthriftcompact, at: receivers.jaeger.thriftCompact}
    - {name: jaegerthrifthttp, at: receivers.jaeger.thriftHttp}
    - {name: zipkin, at: receivers.zipkin}
- key: clusterMetrics
  title: "Metrics of the cluster"
  gathers: [{signal: metrics, protocol: prometheus}]
  tells: [sources, controlPlane, kubelet, kubeletResource, cadvisor, apiServer, kubeControllerManager, kubeProxy, kubeScheduler, kube-state-metrics]
- {key: clusterEvents, title: "Events of the cluster", gathers: [{signal: logs, protocol: loki}]}
- {key: hostMetrics, part: linuxHosts, title: "Metrics of Linux nodes", gathers: [{signal: metrics, protocol: prometheus}]}
- {key: hostMetrics, part: windowsHosts, title: "Metrics of Windows nodes", gathers: [{signal: metrics, protocol: prometheus}]}
- {key: hostMetrics, part: energyMetrics, title: "Metrics of energy", gathers: [{signal: metrics, protocol: prometheus}]}
- {key: nodeLogs, title: "Journals of nodes", gathers: [{signal: logs, protocol: loki}]}
- {key: podLogsViaLoki, title: "Logs of pods", gathers: [{signal: logs, protocol: loki}]}
- {key: podLogsViaOpenTelemetry, title: "Logs of pods, as records of OpenTelemetry", gathers: [{signal: logs, protocol: otlp}]}
- {key: podLogsViaKubernetesApi, title: "Logs of pods, by way of the API server", gathers: [{signal: logs, protocol: loki}]}
- key: prometheusOperatorObjects
  title: "Metrics that objects of Prometheus' operator choose"
  gathers: [{signal: metrics, protocol: prometheus}]
  tells: [sources, {name: ServiceMonitors, at: serviceMonitors}, {name: PodMonitors, at: podMonitors}, {name: Probes, at: probes}]
- {key: selfReporting, title: "Metrics about this release", gathers: [{signal: metrics, protocol: prometheus}], isExtra: true}
{{- end -}}

{{/* Finds each enabled feature's collector and destinations, and lets it look at them. Input: the plan. Sets: features. */}}
{{- define "invar.features.plan" -}}
{{- include "invar.features.refuseAbsent" . -}}
{{- $_ := set . "features" list -}}
{{- range $feature := include "invar.features.list" . | fromYamlArray -}}
{{- include "invar.features.read" (dict "plan" $ "feature" $feature) -}}
{{- if and $feature.settings.enabled (not (include "invar.features.areIdle" $)) (not (and $feature.isExtra (include "invar.features.hasNowhere" (dict "plan" $ "feature" $feature)))) -}}
{{- include "invar.features.assign" (dict "plan" $ "feature" $feature) -}}
{{- include "invar.features.findDestinations" (dict "plan" $ "feature" $feature) -}}
{{- if $feature.collector -}}
{{- include (printf "invar.features.%s.check" $feature.key) (dict "plan" $ "feature" $feature "collector" $feature.collector) -}}
{{- end -}}
{{- $_ := set $ "features" (append $.features $feature) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/*
Reads a feature's settings; those of a part have what its feature has for all parts. Input: plan; feature.
Sets: feature.settings; feature.where, its place in the values.
*/}}
{{- define "invar.features.read" -}}
{{- $settings := get .plan.values .feature.key -}}
{{- $where := printf "%s%s" .plan.place .feature.key -}}
{{- with .feature.part -}}
{{- $where = printf "%s.%s" $where . -}}
{{- $part := get $settings . -}}
{{- $settings = merge (dict "enabled" (and $settings.enabled $part.enabled) "collector" ($part.collector | default $settings.collector) "destinations" $settings.destinations "dataProcessors" $settings.dataProcessors "nodeLabels" $settings.nodeLabels) (omit $part "enabled" "collector") -}}
{{- end -}}
{{- $_ := set .feature "settings" $settings -}}
{{- $_ := set .feature "where" $where -}}
{{- end -}}

{{/*
"true" where a feature that is gathered only if it costs nothing has no destination or no collector. Input: plan; feature.
Sets: the feature's collector in its settings: a singleton, else one that sends to where such data is taken, else any.
*/}}
{{- define "invar.features.hasNowhere" -}}
{{- $gathered := first .feature.gathers -}}
{{- $choice := dict "plan" .plan "signal" $gathered.signal "protocol" $gathered.protocol "named" .feature.settings.destinations -}}
{{- include "invar.destinations.choose" $choice -}}
{{- $singletons := list -}}
{{- range $name, $collector := .plan.collectors -}}
{{- if has "singleton" $collector.settings.presets -}}{{- $singletons = append $singletons $name -}}{{- end -}}
{{- end -}}
{{- $senders := list -}}
{{- range $feature := .plan.features -}}
{{- range $signal, $names := $feature.targets -}}
{{- range $names -}}
{{- $destination := get $.plan.destinations . -}}
{{- if and $feature.collector (has $gathered.signal (include (printf "invar.destinations.%s.signals" $destination.type) $destination | splitList " ")) -}}
{{- $senders = append $senders $feature.collector.name -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- $name := first (concat $singletons $senders (keys .plan.collectors | sortAlpha)) -}}
{{- if or (not $name) (and (empty $choice.result) (empty .feature.settings.destinations)) -}}
true
{{- else -}}
{{- $_ := set .feature "settings" (merge (dict "collector" $name) .feature.settings) -}}
{{- end -}}
{{- end -}}

{{/*
"true" where Big Bang's umbrella enables features before any package that takes telemetry is there: nothing is gathered until one is.
Input: the plan.
*/}}
{{- define "invar.features.areIdle" -}}
{{- if and .place (empty .values.destinations) -}}true{{- end -}}
{{- end -}}

{{/* Notes what is asked for and not there, or not there yet. Input: the plan. */}}
{{- define "invar.features.refuseAbsent" -}}
{{- with .values.podLogs -}}
{{- $now := get (dict "kubernetesApi" "podLogsViaKubernetesApi" "filelog" "podLogsViaOpenTelemetry") (toString .gatherMethod) | default "podLogsViaLoki" -}}
{{- include "invar.problem" (dict "plan" $ "message" (printf "%spodLogs is the name of an older version. What it gathered is now gathered by %s; move its keys there." $.place $now) "set" (list "podLogs: null" (printf "%s:" $now) "  enabled: true")) -}}
{{- end -}}
{{- range $name, $of := .values.integrations -}}
{{- if kindIs "map" $of -}}
{{- if $of.instances -}}
{{- include "invar.problem" (dict "plan" $ "message" (printf "%sintegrations.%s has instances; integrations are not there yet." $.place $name) "set" (list "integrations:" (printf "  %s:" $name) "    instances: []")) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- range $key := .defaults.absentFeatures -}}
{{- if (get $.values $key).enabled -}}
{{- include "invar.problem" (dict "plan" $ "message" (printf "%s%s is not there yet." $.place $key) "set" (list (printf "%s:" $key) "  enabled: false")) -}}
{{- end -}}
{{- end -}}
{{- if .values.dataProcessors -}}
{{- include "invar.problem" (dict "plan" . "message" (printf "%sdataProcessors has %s; data processors are not there yet. Take them out." .place (keys .values.dataProcessors | sortAlpha | join ", "))) -}}
{{- end -}}
{{- $ways := dict "kube-state-metrics" (list "clusterMetrics:" "  kube-state-metrics:" "    labelMatchers:" "      app.kubernetes.io/name: kube-state-metrics") "node-exporter" (list "hostMetrics:" "  linuxHosts:" "    labelMatchers:" "      app.kubernetes.io/name: prometheus-node-exporter") -}}
{{- range $name, $service := .values.telemetryServices -}}
{{- if $service.deploy -}}
{{- include "invar.problem" (dict "plan" $ "message" (printf "%stelemetryServices.%s.deploy is true; other programs are not there yet. Install it with its own chart." $.place $name) "set" (concat (list "telemetryServices:" (printf "  %s:" $name) "    deploy: false") (get $ways $name | default list))) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* "true" where a setting is. Input: a list of the settings and the setting's path, such as "logs.enabled". */}}
{{- define "invar.features.isOn" -}}
{{- $value := first . -}}
{{- range splitList "." (last .) -}}{{- $value = get $value . | default dict -}}{{- end -}}
{{- if eq (toString $value) "true" -}}true{{- end -}}
{{- end -}}

{{/*
Gives a feature to the collector that is named for it, else to the only one that is enabled.
Input: plan; feature. Sets: feature.collector, and the feature among the collector's features.
*/}}
{{- define "invar.features.assign" -}}
{{- $enabled := keys .plan.collectors | sortAlpha -}}
{{- $name := .feature.settings.collector | default (ternary (first $enabled | default "") "" (eq (len $enabled) 1)) -}}
{{- if hasKey .plan.collectors $name -}}
{{- $collector := get .plan.collectors $name -}}
{{- $_ := set .feature "collector" $collector -}}
{{- $_ := set $collector "features" (append $collector.features .feature) -}}
{{- else if $name -}}
{{- include "invar.problem" (dict "plan" .plan "message" (printf "%s.collector is %q, which is no enabled collector%s." .feature.where $name (ternary (printf " (enabled: %s)" (join ", " $enabled)) "" (not (empty $enabled)))) "set" (include "invar.features.collectorExample" (dict "plan" .plan "name" $name) | fromYamlArray)) -}}
{{- else -}}
{{- include "invar.problem" (dict "plan" .plan "message" (printf "%s is enabled and no collector gathers it." .feature.where) "set" (include "invar.features.collectorExample" (dict "plan" .plan "name" (first $enabled | default "alloy") "feature" .feature) | fromYamlArray)) -}}
{{- end -}}
{{- end -}}

{{/* The YAML that enables a collector, as a list of lines. Input: plan; name; feature, which shall name it (optional). */}}
{{- define "invar.features.collectorExample" -}}
{{- if .feature }}
- {{ printf "%s:" .feature.key | quote }}
- {{ printf "  collector: %s" .name | quote }}
{{- end }}
{{- if not (hasKey .plan.collectors .name) }}
- "collectors:"
- {{ printf "  %s:" .name | quote }}
- "    enabled: true"
{{- end }}
{{- end -}}

{{/*
Finds the destinations of each signal that a feature gathers.
Input: plan; feature. Sets: feature.targets, signal → names; and the names among the collector's destinations.
*/}}
{{- define "invar.features.findDestinations" -}}
{{- $targets := dict -}}
{{- with .feature.settings.dataProcessors -}}
{{- include "invar.problem" (dict "plan" $.plan "message" (printf "%s.dataProcessors names %s; data processors are not there yet." $.feature.where (join ", " .)) "set" (list (printf "%s:" $.feature.key) "  dataProcessors: []")) -}}
{{- end -}}
{{- $isUnknown := false -}}
{{- range $name := .feature.settings.destinations -}}
{{- if not (hasKey $.plan.values.destinations $name) -}}
{{- include "invar.problem" (dict "plan" $.plan "message" (printf "%s.destinations has %q, which is no destination (there are: %s)." $.feature.where $name (keys $.plan.values.destinations | sortAlpha | join ", " | default "none"))) -}}
{{- $isUnknown = true -}}
{{- end -}}
{{- end -}}
{{- range $gathered := .feature.gathers -}}
{{- if or (not $gathered.when) (include "invar.features.isOn" (list $.feature.settings $gathered.when)) -}}
{{- $choice := dict "plan" $.plan "signal" $gathered.signal "protocol" $gathered.protocol "named" $.feature.settings.destinations -}}
{{- include "invar.destinations.choose" $choice -}}
{{- if and (empty $choice.result) (not $isUnknown) (not $.plan.refusedDestinations) -}}
{{- include "invar.destinations.missing" (dict "plan" $.plan "feature" $.feature "gathered" $gathered) -}}
{{- end -}}
{{- $_ := set $targets $gathered.signal $choice.result -}}
{{- if $.feature.collector -}}
{{- $_ := set $.feature.collector "destinations" (concat $.feature.collector.destinations $choice.result | uniq) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- $_ := set .feature "targets" $targets -}}
{{- end -}}

{{/* Notes that a feature's signal goes nowhere. Input: plan; feature; gathered. */}}
{{- define "invar.destinations.missing" -}}
{{- $name := .gathered.protocol -}}
{{- if hasKey .plan.values.destinations $name -}}{{- $name = printf "my-%s" $name -}}{{- end -}}
{{- $lines := list "destinations:" (printf "  %s:" $name) (printf "    type: %s" .gathered.protocol) "    url: …" -}}
{{- with .feature.settings.destinations -}}
{{- $lines = concat (list (printf "%s:" $.feature.key) (printf "  destinations: [%s]" (join ", " (append . $name)))) $lines -}}
{{- end -}}
{{- include "invar.problem" (dict "plan" .plan "message" (printf "%s gathers %s, and no destination takes them." .feature.where .gathered.signal) "set" $lines) -}}
{{- end -}}
