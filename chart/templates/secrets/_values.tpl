{{/*
The credentials in settings, at any depth, by the keys under which a Secret holds them, as JSON: what has a key beside it ("password" and
"passwordKey"), is set, and does not come from an expression. Input: the settings.
*/}}
{{- define "invar.secrets.values" -}}
{{- $values := dict -}}
{{- range $name, $value := . -}}
{{- if kindIs "map" $value -}}
{{- $values = merge $values (include "invar.secrets.values" $value | fromJson) -}}
{{- else if and $value (hasKey $ (printf "%sKey" $name)) (not (get $ (printf "%sFrom" $name))) -}}
{{- $_ := set $values (get $ (printf "%sKey" $name) | default $name) $value -}}
{{- end -}}
{{- end -}}
{{- toJson $values -}}
{{- end -}}
