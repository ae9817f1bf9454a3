{{/*
Notes that something is wrong with the values. Nothing fails before all is looked at.
Input: plan; message, a sentence; set, the YAML to write as k8s-monitoring's keys, a list of lines (optional); setAtRoot, the same for
keys of Big Bang's package (optional).
*/}}
{{- define "invar.problem" -}}
{{- $lines := .setAtRoot | default list -}}
{{- if .set -}}
{{- if .plan.place -}}
{{- $lines = list (trimSuffix "." .plan.place | printf "%s:") -}}
{{- range .set -}}{{- $lines = append $lines (printf "  %s" .) -}}{{- end -}}
{{- else -}}
{{- $lines = .set -}}
{{- end -}}
{{- end -}}
{{- $_ := set .plan "problems" (append .plan.problems (dict "message" .message "set" $lines)) -}}
{{- end -}}

{{/*
Fails with every problem that was noted, each with the YAML that ends it. For renderers that go on after a failure nothing is left in the
plan to print. Input: the plan.
*/}}
{{- define "invar.problems.report" -}}
{{- if .problems -}}
{{- $_ := set . "collectors" dict -}}
{{- $_ := set . "destinations" dict -}}
{{- $lines := list "" -}}
{{- range $number, $problem := .problems -}}
{{- $lines = append $lines (printf "%d. %s" (add1 $number) $problem.message) -}}
{{- if $problem.set -}}
{{- $lines = append $lines "   Please set:" -}}
{{- range $problem.set -}}
{{- $lines = append $lines (printf "     %s" .) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- fail (join "\n" $lines) -}}
{{- end -}}
{{- end -}}
