{{/*
The plan: everything that follows from the values, computed once a render and kept at `$.invar`.
Each manifest begins with `include "invar.plan" $`; from there on it only prints what the plan says.

  .values        what k8s-monitoring calls its values, with defaults, without nulls
  .wrapper       the keys of Big Bang's package, with defaults, without nulls
  .place         what stands before a key of .values in the user's file: "upstream." or ""
  .destinations  name → settings with the defaults of their type
  .collectors    name → settings, features, destinations, configuration, names of its objects, rules at the API server
  .features      the features that are on, in the order of their sections in the configuration
  .networkObjects  policies of the network and of the mesh that follow from Big Bang's shorthand, as objects
  .problems      what is wrong with the values; all of it is reported at once

Input: the root context.
*/}}
{{- define "invar.plan" -}}
{{- if not (hasKey . "invar") -}}
{{- $plan := dict "root" . "problems" list -}}
{{- $_ := set . "invar" $plan -}}
{{- range list "values" "destinations" "collectors" "features" "network" "config" "access" -}}
{{- include (printf "invar.%s.plan" .) $plan -}}
{{- end -}}
{{- include "invar.problems.report" $plan -}}
{{- end -}}
{{- end -}}
