{{/*
The arguments of a component that speaks HTTP as Prometheus' and Loki's clients do: authentication, TLS and proxy.
Input: plan; collector; holder: name, label, settings (auth, tls, proxyURL, …), where.
*/}}
{{- define "invar.config.httpClient" -}}
{{- $auth := .holder.settings.auth -}}
{{- $type := include "invar.destinations.authType" .holder.settings -}}
{{- include "invar.config.proxy" .holder.settings }}
{{- if eq $type "basic" }}
basic_auth {
  username = {{ include "invar.secrets.read" (merge (dict "path" "auth.username" "open" true) .) }}
  password = {{ include "invar.secrets.read" (merge (dict "path" "auth.password") .) }}
}
{{- else if eq $type "bearerToken" }}
{{- if $auth.bearerTokenFile }}
bearer_token_file = {{ $auth.bearerTokenFile | toRawJson }}
{{- else }}
bearer_token = {{ include "invar.secrets.read" (merge (dict "path" "auth.bearerToken") .) }}
{{- end }}
{{- else if eq $type "oauth2" }}
oauth2 {
  client_id = {{ include "invar.secrets.read" (merge (dict "path" "auth.oauth2.clientId" "open" true) .) }}
  {{- if $auth.oauth2.clientSecretFile }}
  client_secret_file = {{ $auth.oauth2.clientSecretFile | toRawJson }}
  {{- else }}
  client_secret = {{ include "invar.secrets.read" (merge (dict "path" "auth.oauth2.clientSecret") .) }}
  {{- end }}
  {{- $params := dict }}
  {{- range $name, $value := $auth.oauth2.endpointParams }}
  {{- if kindIs "slice" $value }}{{ $value = first $value }}{{ end }}
  {{- $_ := set $params $name $value }}
  {{- end }}
  {{- include "invar.config.table" (dict "name" "endpoint_params" "entries" $params) }}
  {{- with $auth.oauth2.scopes }}
  scopes = {{ include "invar.config.strings" . }}
  {{- end }}
  {{- with $auth.oauth2.tokenURL }}
  token_url = {{ . | toRawJson }}
  {{- end }}
  {{- include "invar.config.proxy" $auth.oauth2 }}
  {{- include "invar.config.tls" (merge (dict "path" "auth.oauth2.tls" "tls" $auth.oauth2.tls "block" "tls_config") .) }}
}
{{- else if eq $type "sigv4" }}
sigv4 {
  {{- with include "invar.secrets.read" (merge (dict "path" "auth.sigv4.accessKey" "open" true) .) }}
  access_key = {{ . }}
  {{- end }}
  {{- with include "invar.secrets.read" (merge (dict "path" "auth.sigv4.secretKey") .) }}
  secret_key = {{ . }}
  {{- end }}
  {{- include "invar.config.optional" (list "profile" $auth.sigv4.profile) }}
  {{- include "invar.config.optional" (list "region" $auth.sigv4.region) }}
  {{- include "invar.config.optional" (list "role_arn" $auth.sigv4.roleArn) }}
}
{{- end }}
{{- include "invar.config.tls" (merge (dict "path" "tls" "tls" .holder.settings.tls "block" "tls_config") .) }}
{{- end -}}

{{/* Which proxy a client goes through. Input: settings with proxyURL, noProxy, proxyFromEnvironment, proxyConnectHeader. */}}
{{- define "invar.config.proxy" -}}
{{- with .proxyURL }}
proxy_url = {{ . | toRawJson }}
{{- end }}
{{- with .noProxy }}
no_proxy = {{ . | toRawJson }}
{{- end }}
{{- if .proxyFromEnvironment }}
proxy_from_environment = true
{{- end }}
{{- include "invar.config.tableOfLists" (dict "name" "proxy_connect_header" "entries" .proxyConnectHeader) }}
{{- end -}}

{{/* A block of TLS settings, where there are any. Input: as for invar.secrets.read, and tls, its settings; block, its name. */}}
{{- define "invar.config.tls" -}}
{{- $lines := list -}}
{{- if .tls.insecure -}}{{- $lines = append $lines "insecure = true" -}}{{- end -}}
{{- if .tls.insecureSkipVerify -}}{{- $lines = append $lines "insecure_skip_verify = true" -}}{{- end -}}
{{- range $key := list "ca" "cert" "key" -}}
{{- $file := get $.tls (printf "%sFile" $key) -}}
{{- if $file -}}
{{- $lines = append $lines (printf "%s_file = %s" $key ($file | toRawJson)) -}}
{{- else -}}
{{- $value := include "invar.secrets.read" (merge (dict "path" (printf "%s.%s" $.path $key) "open" (ne $key "key")) $) -}}
{{- if $value -}}{{- $lines = append $lines (printf "%s_pem = %s" $key $value) -}}{{- end -}}
{{- end -}}
{{- end -}}
{{- if $lines }}
{{ .block }} {
  {{ join "\n" $lines }}
}
{{- end }}
{{- end -}}
