{{/*
Reads the values once: finds where they stand, drops nulls, lays them over the defaults.
The defaults lie in files/defaults.json and not in values.yaml, so that a null means "the default" at every depth.
*/}}
{{- define "invar.values.plan" -}}
{{- $given := deepCopy .root.Values.AsMap -}}
{{- $defaults := .root.Files.Get "files/defaults.json" | fromJson -}}
{{- $_ := set . "defaults" $defaults -}}
{{- $isWrapped := kindIs "map" (get $given "upstream") -}}
{{- $_ := set . "place" (ternary "upstream." "" $isWrapped) -}}
{{- if $isWrapped -}}
{{- $_ := set $defaults "monitoring" (mergeOverwrite $defaults.monitoring $defaults.wrapped) -}}
{{- end -}}
{{- $monitoring := dict -}}
{{- $wrapper := dict -}}
{{- range $key, $value := $given -}}
{{- if hasKey $defaults.wrapper $key -}}
{{- $_ := set $wrapper $key $value -}}
{{- end -}}
{{- if and (hasKey $defaults.monitoring $key) (or (not $isWrapped) (eq $key "global")) -}}
{{- $_ := set $monitoring $key $value -}}
{{- end -}}
{{- end -}}
{{- if $isWrapped -}}
{{- $monitoring = mergeOverwrite $monitoring $given.upstream -}}
{{- end -}}
{{- include "invar.values.checkKeys" (dict "plan" . "given" $given "isWrapped" $isWrapped) -}}
{{- include "invar.values.dropNulls" $monitoring -}}
{{- include "invar.values.dropNulls" $wrapper -}}
{{- $_ := set . "values" (mergeOverwrite $defaults.monitoring $monitoring) -}}
{{- $_ := set . "wrapper" (mergeOverwrite $defaults.wrapper $wrapper) -}}
{{- include "invar.values.checkFormerCollectors" . -}}
{{- end -}}

{{/* Says which collectors are enabled at their former place alone. Input: the plan. */}}
{{- define "invar.values.checkFormerCollectors" -}}
{{- range $name := .defaults.formerCollectors -}}
{{- if and (get $.values $name).enabled (not (hasKey $.values.collectors $name)) -}}
{{- include "invar.problem" (dict "plan" $ "message" (printf "%s%s is where collectors were before version 4, and is not read: write it below \"collectors\"." $.place $name) "set" (list "collectors:" (printf "  %s:" $name) "    presets: [deployment]")) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Takes the keys that are null out of a map, at any depth. Input: the map, which is changed. */}}
{{- define "invar.values.dropNulls" -}}
{{- range $key, $value := . -}}
{{- if kindIs "map" $value -}}
{{- include "invar.values.dropNulls" $value -}}
{{- else if kindIs "invalid" $value -}}
{{- $_ := unset $ $key -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/*
Says which keys at the root are unknown, or stand where they are not read.
Input: plan; given, all values; isWrapped, whether there is an `upstream`.
*/}}
{{- define "invar.values.checkKeys" -}}
{{- $known := concat (keys .plan.defaults.wrapper) (keys .plan.defaults.monitoring) (list "upstream") .plan.defaults.foreign -}}
{{- range $key := keys .given | sortAlpha -}}
{{- if not (has $key $known) -}}
{{- $nearest := include "invar.values.nearest" (dict "name" $key "known" $known) -}}
{{- $hint := ternary (printf "; did you mean \"%s\"?" $nearest) "" (ne $nearest "") -}}
{{- include "invar.problem" (dict "plan" $.plan "message" (printf "The values have no key %q%s." $key $hint)) -}}
{{- else if and $.isWrapped (ne $key "global") (hasKey $.plan.defaults.monitoring $key) -}}
{{- include "invar.problem" (dict "plan" $.plan "message" (printf "%q stands at the root of the values, where it is not read beside \"upstream\". Move it below \"upstream\"." $key) "set" (list (printf "%s: …" $key))) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/*
The known name that a user most likely meant: the same but for case and separators, or with the most letters in common from both
ends. Prints nothing where none is near. Input: name; known, a list of names.
*/}}
{{- define "invar.values.nearest" -}}
{{- $name := lower .name | replace "-" "" | replace "_" "" -}}
{{- $best := "" -}}
{{- $bestScore := 0 -}}
{{- range $candidate := .known -}}
{{- $other := lower $candidate | replace "-" "" | replace "_" "" -}}
{{- $shorter := min (len $name) (len $other) -}}
{{- $longer := max (len $name) (len $other) -}}
{{- $head := 0 -}}
{{- range $at := until ($shorter | int) -}}
{{- if eq (substr 0 (add1 $at | int) $name) (substr 0 (add1 $at | int) $other) -}}{{- $head = add1 $at -}}{{- end -}}
{{- end -}}
{{- $tail := 0 -}}
{{- range $at := until (sub $shorter $head | int) -}}
{{- if eq (substr (sub (len $name) (add1 $at) | int) -1 $name) (substr (sub (len $other) (add1 $at) | int) -1 $other) -}}{{- $tail = add1 $at -}}{{- end -}}
{{- end -}}
{{- $score := div (mul 100 (add $head $tail)) $longer -}}
{{- if gt $score $bestScore -}}
{{- $best = $candidate -}}
{{- $bestScore = $score -}}
{{- end -}}
{{- end -}}
{{- if ge $bestScore 70 -}}{{- $best -}}{{- end -}}
{{- end -}}
