{{/*
Credentials have three forms in the values: the value itself (`password`), the key of a Secret that holds it (`passwordKey`), and an
expression of the configuration language (`passwordFrom`). `secret` says where the Secret is: created by this chart, named by the user,
or none at all, where the values are embedded in the configuration.
*/}}

{{/*
Prints the expression that gives a credential, or nothing where it is not set.
Input: plan; collector; holder, what has the credential: name, label, settings, where; path, its place in the settings, "auth.password";
open, whether the argument that takes it is no secret (optional).
*/}}
{{- define "invar.secrets.read" -}}
{{- $parts := splitList "." .path -}}
{{- $parent := .holder.settings -}}
{{- range initial $parts -}}{{- $parent = get $parent . | default dict -}}{{- end -}}
{{- $value := get $parent (last $parts) | default "" | toString -}}
{{- $key := get $parent (printf "%sKey" (last $parts)) | default (last $parts) -}}
{{- $from := get $parent (printf "%sFrom" (last $parts)) -}}
{{- $secret := .holder.settings.secret -}}
{{- if $from -}}
{{- $from -}}
{{- else if and $secret.embed $value -}}
{{- $_ := set .collector "embeds" true -}}
{{- $value | toRawJson -}}
{{- else if and (not $secret.embed) (or $value (and (not $secret.create) (hasKey $parent (printf "%sKey" (last $parts))))) -}}
{{- $name := include "invar.secrets.name" . -}}
{{- $expression := "" -}}
{{- if eq (include "invar.secrets.namespace" .) (include "invar.namespace" .plan) -}}
{{- $label := printf "%s_%s" .holder.label (include "invar.componentName" $key) -}}
{{- $_ := set .collector.secrets $name (merge (dict $key $label) (get .collector.secrets $name | default dict)) -}}
{{- $expression = printf "local.file.%s.content" $label -}}
{{- else -}}
{{- $_ := set .collector.remoteSecrets .holder.label (dict "name" $name "namespace" (include "invar.secrets.namespace" .)) -}}
{{- $expression = printf "remote.kubernetes.secret.%s.data[%s]" .holder.label ($key | toRawJson) -}}
{{- end -}}
{{- ternary (printf "convert.nonsensitive(%s)" $expression) $expression (eq (toString .open) "true") -}}
{{- end -}}
{{- end -}}

{{/* The Secret's name and namespace. Input: plan; holder. */}}
{{- define "invar.secrets.name" -}}
{{- .holder.settings.secret.name | default (printf "%s-%s" (include "invar.kubernetesName" .holder.name) (include "invar.name" .plan) | trunc 63 | trimSuffix "-") -}}
{{- end -}}
{{- define "invar.secrets.namespace" -}}
{{- .holder.settings.secret.namespace | default (include "invar.namespace" .plan) -}}
{{- end -}}

{{/* The components that read the Secrets of a collector's configuration. Input: plan; collector. */}}
{{- define "invar.secrets.config" -}}
{{- range $name, $keys := .collector.secrets }}
{{- range $key, $label := $keys }}

local.file {{ $label | toRawJson }} {
  filename = {{ printf "%s/%s/%s" $.plan.defaults.secretsFolder $name $key | toRawJson }}
  is_secret = true
}
{{- end }}
{{- end }}
{{- range $label, $secret := .collector.remoteSecrets }}

remote.kubernetes.secret {{ $label | toRawJson }} {
  name = {{ $secret.name | toRawJson }}
  namespace = {{ $secret.namespace | toRawJson }}
}
{{- end }}
{{- end -}}
