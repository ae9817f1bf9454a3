{{/* What destinations of several types check. Input of all here: plan; destination. */}}

{{/* That it has a URL. Input besides: example, a URL of its kind. */}}
{{- define "invar.destinations.checkURL" -}}
{{- if not (or .destination.settings.url .destination.settings.urlFrom) -}}
{{- include "invar.problem" (dict "plan" .plan "message" (printf "%s has no URL." .destination.where) "set" (list "destinations:" (printf "  %s:" .destination.name) (printf "    url: %s" .example))) -}}
{{- end -}}
{{- end -}}

{{/* That its authentication has all of its credentials. */}}
{{- define "invar.destinations.checkAuth" -}}
{{- $auth := .destination.settings.auth -}}
{{- $needs := dict
  "basic" (list (list "username" "my-username") (list "password" "my-password"))
  "bearerToken" (list (list "bearerToken" "my-token"))
  "oauth2" (list (list "oauth2.clientId" "my-client") (list "oauth2.clientSecret" "my-secret") (list "oauth2.tokenURL" "https://login.example.com/token")) -}}
{{- $type := include "invar.destinations.authType" .destination.settings -}}
{{- range $need := get $needs $type | default list -}}
{{- $parts := splitList "." (first $need) -}}
{{- $holder := $auth -}}
{{- range initial $parts -}}{{- $holder = get $holder . -}}{{- end -}}
{{- $name := last $parts -}}
{{- $isGiven := or (get $holder $name) (get $holder (printf "%sFrom" $name)) (get $holder (printf "%sFile" $name)) -}}
{{- if and (not $isGiven) (or $.destination.settings.secret.create (eq $name "tokenURL")) -}}
{{- $lines := list "destinations:" (printf "  %s:" $.destination.name) "    auth:" -}}
{{- if gt (len $parts) 1 -}}{{- $lines = append $lines (printf "      %s:" (first $parts)) -}}{{- end -}}
{{- $lines = append $lines (printf "%s%s: %s" (ternary "        " "      " (gt (len $parts) 1)) $name (last $need)) -}}
{{- include "invar.problem" (dict "plan" $.plan "message" (printf "%s.auth.type is %q, and auth.%s is not set." $.destination.where $type (first $need)) "set" $lines) -}}
{{- end -}}
{{- end -}}
{{- if and (not .destination.settings.secret.create) (not .destination.settings.secret.embed) (not .destination.settings.secret.name) (ne $type "none") -}}
{{- include "invar.problem" (dict "plan" .plan "message" (printf "%s.secret.create is false, and no Secret is named." .destination.where) "set" (list "destinations:" (printf "  %s:" .destination.name) "    secret:" "      name: my-secret")) -}}
{{- end -}}
{{- end -}}

{{/* The kind of authentication. Where none is chosen, a username and a password mean basic. Input: settings. */}}
{{- define "invar.destinations.authType" -}}
{{- if .auth.type -}}
{{- .auth.type -}}
{{- else if and (or .auth.username .auth.usernameFrom) (or .auth.password .auth.passwordFrom) -}}
basic
{{- else -}}
none
{{- end -}}
{{- end -}}
