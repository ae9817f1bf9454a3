{{/*
What each collector may do: the sum of what the components in its configuration need of the API server, as far as their arguments tell.
Also notes components that are less stable than the collector allows. Input: the plan.
Sets in each collector: components, name → texts of their blocks; rules, a list of {scope, groups, resources, verbs, names}, whose scope is
"*" or a namespace, in place of what features put there: {group, resource, verbs, urls}.
*/}}
{{- define "invar.access.plan" -}}
{{- if not .problems -}}
{{- $needs := .root.Files.Get "files/needs.json" | fromJson -}}
{{- range $name, $collector := .collectors -}}
{{- $call := dict "plan" $ "collector" $collector "needs" $needs -}}
{{- include "invar.access.findComponents" $call -}}
{{- include "invar.access.checkStability" $call -}}
{{- $wants := dict "list" list -}}
{{- range $component, $blocks := $collector.components -}}
{{- range $need := (get $needs $component).kubernetes | default list -}}
{{- range $block := $blocks -}}
{{- include "invar.access.narrow" (dict "plan" $ "component" $component "block" $block "need" $need "wants" $wants) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- range $rule := $collector.rules -}}
{{- include "invar.access.want" (dict "wants" $wants "rule" (merge (dict "scope" "*") $rule)) -}}
{{- end -}}
{{- include "invar.access.beyondComponents" (merge (dict "wants" $wants) $call) -}}
{{- $_ := set $collector "rules" $wants.list -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Finds the components of a configuration. Input: collector; needs. Sets: collector.components. */}}
{{- define "invar.access.findComponents" -}}
{{- $components := dict -}}
{{- if .collector.settings.remoteConfig.enabled -}}
{{- range $component, $_ := .needs -}}{{- $_ := set $components $component (list "") -}}{{- end -}}
{{- else -}}
{{- range $line := regexFindAll "(?m)^\t*[a-z_0-9]+(\\.[a-z_0-9]+)+ \"[^\"]*\" \\{" .collector.config -1 | uniq -}}
{{- $component := regexReplaceAll " .*" (trim $line) "" -}}
{{- if hasKey $.needs $component -}}
{{- $indent := regexFind "^\t*" $line -}}
{{- $pattern := printf "(?ms)^%s%s \"[^\"]*\" \\{$.*?^%s\\}$" $indent (regexQuoteMeta $component) $indent -}}
{{- $texts := regexFindAll $pattern $.collector.config -1 -}}
{{- $_ := set $components $component (concat (get $components $component | default list) $texts | uniq) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- $_ := set .collector "components" $components -}}
{{- end -}}

{{/* Notes components that are less stable than the collector allows. Input: plan; collector; needs. */}}
{{- define "invar.access.checkStability" -}}
{{- $levels := list "generally-available" "public-preview" "experimental" -}}
{{- $rank := dict -}}
{{- range $index, $level := $levels -}}{{- $_ := set $rank $level $index -}}{{- end -}}
{{- $allowed := get $rank .collector.settings.alloy.stabilityLevel -}}
{{- $highest := $allowed -}}
{{- $names := list -}}
{{- if not .collector.settings.remoteConfig.enabled -}}
{{- range $component, $_ := .collector.components -}}
{{- $level := get $rank ((get $.needs $component).stability | default "generally-available") -}}
{{- if gt $level $allowed -}}
{{- $names = append $names $component -}}
{{- $highest = max $highest $level -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- if $names -}}
{{- $lines := list "collectors:" (printf "  %s:" .collector.name) "    alloy:" (printf "      stabilityLevel: %s" (index $levels (int $highest))) -}}
{{- include "invar.problem" (dict "plan" .plan "message" (printf "%s has %s in its configuration, less stable than its alloy.stabilityLevel %q allows." .collector.where (join ", " $names) .collector.settings.alloy.stabilityLevel) "set" $lines) -}}
{{- end -}}
{{- end -}}

{{/* Adds a rule, unless it is there. Input: wants, whose list grows; rule. */}}
{{- define "invar.access.want" -}}
{{- if not (has .rule .wants.list) -}}
{{- $_ := set .wants "list" (append .wants.list .rule) -}}
{{- end -}}
{{- end -}}
