{{/*
The shorthand of rules, read: Big Bang's grammar.

  local, of ingress       [tcp|udp://]name[:ports]
  remote, pods            [tcp|udp://][identity@]namespace[/pod][:ports]
  remote, network         [tcp|udp://]network/bits[:ports]
  ports                   80   [80,443]   80,443   8000-8010

Input: plan; kind, "local", "k8s" or "cidr"; key, the text; where, for the message.
Sets: result: protocol, identity, name (of the pod, or the namespace, or the network), pod, ports, portsName; none where the text is no shorthand.
*/}}
{{- define "invar.network.read" -}}
{{- $ports := "(?::(\\[?[0-9]+(?:,[0-9]+)*\\]?|[0-9]+-[0-9]+))?" -}}
{{- $names := dict
  "local" "()(\\*|[A-Za-z0-9_.-]+)()"
  "k8s" "(?:([A-Za-z0-9._-]+)@)?(\\*|[A-Za-z0-9-]+)(?:/(\\*|[A-Za-z0-9._-]+))?"
  "cidr" "()((?:[0-9]{1,3}\\.){3}[0-9]{1,3}/[0-9]{1,2})()" -}}
{{- $forms := dict "local" "[tcp|udp://]name[:ports]" "k8s" "[tcp|udp://][identity@]namespace[/pod][:ports]" "cidr" "[tcp|udp://]network/bits[:ports]" -}}
{{- $pattern := printf "^(?:(tcp|udp)://)?%s%s$" (get $names .kind) $ports -}}
{{- if regexMatch $pattern .key -}}
{{- $portText := regexReplaceAll $pattern .key "${5}" -}}
{{- $protocol := regexReplaceAll $pattern .key "${1}" | default "tcp" | upper -}}
{{- $list := list -}}
{{- $portsName := "any-port" -}}
{{- if contains "-" $portText -}}
{{- $ends := splitList "-" $portText -}}
{{- $list = list (dict "port" (int (first $ends)) "endPort" (int (last $ends)) "protocol" $protocol) -}}
{{- $portsName = printf "ports-%s-thru-%s" (first $ends) (last $ends) -}}
{{- else if $portText -}}
{{- $numbers := trimPrefix "[" $portText | trimSuffix "]" | splitList "," -}}
{{- range $numbers -}}{{- $list = append $list (dict "port" (int .) "protocol" $protocol) -}}{{- end -}}
{{- $portsName = printf "%s-%s" (ternary "ports" "port" (gt (len $numbers) 1)) (join "-" $numbers) -}}
{{- end -}}
{{- $_ := set . "result" (dict "protocol" $protocol "identity" (regexReplaceAll $pattern .key "${2}") "name" (regexReplaceAll $pattern .key "${3}") "pod" (regexReplaceAll $pattern .key "${4}") "ports" $list "portsName" $portsName) -}}
{{- else -}}
{{- include "invar.problem" (dict "plan" .plan "message" (printf "%s has %q, which does not read as %s." .where .key (get $forms .kind))) -}}
{{- end -}}
{{- end -}}

{{/* "true" where a rule of the shorthand holds: true, or settings that are not switched off. Input: the rule. */}}
{{- define "invar.network.holds" -}}
{{- if kindIs "map" . -}}
{{- dig "enabled" true . -}}
{{- else -}}
{{- eq (toString .) "true" -}}
{{- end -}}
{{- end -}}

{{/* "true" where the second network lies in the first. Input: a list of two, each "a.b.c.d/bits". */}}
{{- define "invar.network.contains" -}}
{{- $outer := splitList "/" (first .) -}}
{{- $inner := splitList "/" (last .) -}}
{{- $bits := int (last $outer) -}}
{{- if ge (int (last $inner)) $bits -}}
{{- $numbers := list -}}
{{- range list $outer $inner -}}
{{- $number := 0 -}}
{{- range splitList "." (first .) -}}{{- $number = add (mul $number 256) (int .) -}}{{- end -}}
{{- $numbers = append $numbers $number -}}
{{- end -}}
{{- $size := 1 -}}
{{- range until (sub 32 $bits | int) -}}{{- $size = mul $size 2 -}}{{- end -}}
{{- eq (div (first $numbers) $size) (div (last $numbers) $size) -}}
{{- end -}}
{{- end -}}
