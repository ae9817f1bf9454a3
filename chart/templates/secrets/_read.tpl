{{/*
Credentials have three forms in the values: the value itself (`password`), the key of a Secret that holds it (`passwordKey`), and an
expression of the configuration language (`passwordFrom`). `secret` says where the Secret is: created by this chart, named by the user,
or none at all, where the values are embedded in the configuration.
*/}}

{{/*
Prints the expression that gives a credential, or nothing where there is none. Of a Secret that the user names in this namespace, which
is mounted, only keys are read that the values name or the authentication needs: a file that is not there would be an error. In another
namespace, where it is read from the API, a key that is missing counts as not set.
Input: plan; collector; holder, what has the credential: name, label, settings, given (what the user wrote), where; path, its place in
the settings, such as "auth.password"; open, whether the argument that takes it is no secret (optional).
*/}}
{{- define "invar.secrets.read" -}}
{{- $parts := splitList "." .path -}}
{{- $parent := .holder.settings -}}
{{- $given := .holder.given -}}
{{- range initial $parts -}}
{{- $parent = get $parent . | default dict -}}
{{- $given = get $given . | default dict -}}
{{- end -}}
{{- $value := get $parent (last $parts) | default "" | include "invar.text" -}}
{{- $keyName := printf "%sKey" (last $parts) -}}
{{- $key := get $parent $keyName | default (last $parts) -}}
{{- $from := get $parent (printf "%sFrom" (last $parts)) -}}
{{- $secret := .holder.settings.secret -}}
{{- $isHere := eq (include "invar.secrets.namespace" .) (include "invar.namespace" .plan) -}}
{{- $isNeeded := and (eq (first $parts) "auth") (ne (initial $parts | last) "tls") -}}
{{- if $from -}}
{{- $from -}}
{{- else if $secret.embed -}}
{{- if $value -}}
{{- $_ := set .collector "embeds" true -}}
{{- $value | toRawJson -}}
{{- end -}}
{{- else if or $value (and (not $secret.create) (or (not $isHere) $isNeeded (hasKey $given $keyName))) -}}
{{- $name := include "invar.secrets.name" . -}}
{{- $expression := "" -}}
{{- if $isHere -}}
{{- $known := get .collector.secrets $name | default dict -}}
{{- $label := get $known $key | default (printf "%s_%s" .holder.label (include "invar.componentName" $key)) -}}
{{- $_ := set .collector.secrets $name (merge (dict $key $label) $known) -}}
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

{{/*
The components that read the Secrets of a collector's configuration; one is there as well for the remote configuration and each of its
destinations that an expression of the user's names by its label. Input: plan; collector; text, the configuration so far.
*/}}
{{- define "invar.secrets.config" -}}
{{- $holders := list (include "invar.collectors.remoteConfigHolder" . | fromJson) -}}
{{- range .collector.destinations -}}{{- $holders = append $holders (get $.plan.destinations .) -}}{{- end -}}
{{- range $holder := $holders -}}
{{- if contains (printf "remote.kubernetes.secret.%s." $holder.label) $.text -}}
{{- $call := dict "plan" $.plan "holder" $holder -}}
{{- $_ := set $.collector.remoteSecrets $holder.label (dict "name" (include "invar.secrets.name" $call) "namespace" (include "invar.secrets.namespace" $call)) -}}
{{- end -}}
{{- end -}}
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
