{{/*
Puts the user's content in the place of components' bodies. A configuration is formatted by then, so that a component begins and ends
with lines of its own depth: none at the root, one inside a module. A replacement that meets its component nowhere is a problem.
Input: the plan. Changes: config of each collector.
*/}}
{{- define "invar.config.replace" -}}
{{- range $number, $replacement := .values.replaceComponent -}}
{{- $isMet := false -}}
{{- $indent := ternary "\t" "" (not (empty $replacement.module)) -}}
{{- $head := printf "%s%s %s {" $indent $replacement.type ($replacement.name | toRawJson) -}}
{{- $pattern := printf "(?ms)^%s\\n.*?^%s\\}$" (regexQuoteMeta $head) $indent -}}
{{- $body := printf "%s\n%s// Replaced by %sreplaceComponent.\n%s\n%s}" $head $indent $.place (trim $replacement.content) $indent -}}
{{- range $collector := $.collectors -}}
{{- $scope := $collector.config -}}
{{- if $replacement.module -}}
{{- $scope = regexFind (printf "(?ms)^declare %s \\{\\n.*?^\\}$" ($replacement.module | toRawJson | regexQuoteMeta)) $collector.config -}}
{{- end -}}
{{- if and $scope (regexMatch $pattern $scope) -}}
{{- $isMet = true -}}
{{- $replaced := replace $scope (regexReplaceAllLiteral $pattern $scope $body) $collector.config -}}
{{- $_ := set $collector "config" (include "invar.config.format" $replaced) -}}
{{- end -}}
{{- end -}}
{{- if not (or $isMet $replacement.optional) -}}
{{- $component := printf "%s %q%s" $replacement.type $replacement.name (ternary (printf " in the module %q" $replacement.module) "" (not (empty $replacement.module))) -}}
{{- include "invar.problem" (dict "plan" $ "message" (printf "%sreplaceComponent[%d] names %s, which no collector has; \"optional: true\" allows that." $.place $number $component)) -}}
{{- end -}}
{{- end -}}
{{- end -}}
