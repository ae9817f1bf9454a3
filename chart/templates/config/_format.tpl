{{/*
Brings a configuration into the form that `invar fmt` prints: tabs for depth, aligned "=" of neighbouring lines, one empty line
before a block. What stands in raw strings is left alone. Templates may therefore indent as they like; each statement and each
element of a list begins a line of its own, and what opens a bracket at a line's end closes it at the start of a later line.
Input: the text.
*/}}
{{- define "invar.config.format" -}}
{{- $state := dict "depth" 0 "before" "start" "isRaw" false "run" list "width" 0 -}}
{{- $opener := "" -}}
{{- range $raw := splitList "\n" . -}}
{{- $line := trim $raw -}}
{{- if $state.isRaw -}}
{{- $raw }}{{ "\n" }}
{{- include "invar.config.trackRaw" (dict "state" $state "bare" $raw) -}}
{{- else if not (and $opener (eq $line "")) -}}
{{- /* What opens and closes at once takes one line: the opening line waits for the next one. */ -}}
{{- if $opener -}}
{{- if regexMatch "^[]})]" $line -}}
{{- $line = printf "%s%s%s" $opener (ternary " " "" (regexMatch "^[^=]*\\{$" $opener)) $line -}}
{{- else -}}
{{- include "invar.config.line" (dict "state" $state "line" $opener) -}}
{{- end -}}
{{- $opener = "" -}}
{{- end -}}
{{- if and (regexMatch "[[{(]$" $line) (not (contains "`" $line)) (not (hasPrefix "//" $line)) -}}
{{- $opener = $line -}}
{{- else -}}
{{- include "invar.config.line" (dict "state" $state "line" $line) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- include "invar.config.flush" $state -}}
{{- end -}}

{{/*
Prints a line, or keeps it among those whose "=" will be aligned.
Input: line, trimmed; state: depth, before (what the line before was), run (lines kept back), width (of their longest name).
*/}}
{{- define "invar.config.line" -}}
{{- $state := .state -}}
{{- $line := .line -}}
{{- $bare := $line -}}
{{- if or (contains "\"" $line) (contains "//" $line) (contains "`" $line) -}}
{{- $bare = regexReplaceAll "\"(?:[^\"\\\\]|\\\\.)*\"|`[^`]*`|//.*$" $line "" | trim -}}
{{- end -}}
{{- $closes := or (hasPrefix "}" $bare) (hasPrefix "]" $bare) (hasPrefix ")" $bare) -}}
{{- $name := regexFind "^(\"(?:[^\"\\\\]|\\\\.)*\"|[A-Za-z_][A-Za-z0-9_]*)\\s*=[^=]" $line -}}
{{- $isBlock := and (not $name) (regexMatch "^[a-z][^=]*\\{( \\})?$" $bare) -}}
{{- $isComment := hasPrefix "//" $line -}}
{{- if eq $line "" -}}
{{- if not (has $state.before (list "start" "open" "empty")) -}}
{{- include "invar.config.flush" $state -}}
{{- $_ := set $state "before" "empty" -}}
{{- end -}}
{{- else -}}
{{- if and (eq $state.before "empty") (not $closes) -}}{{ "\n" }}{{- end -}}
{{- if or (and $isBlock (not (has $state.before (list "start" "open" "empty" "comment")))) (and $isComment (eq $state.before "close")) -}}
{{- include "invar.config.flush" $state -}}{{ "\n" }}
{{- end -}}
{{- if $closes -}}
{{- include "invar.config.flush" $state -}}
{{- $_ := set $state "depth" (sub $state.depth 1) -}}
{{- end -}}
{{- if $name -}}
{{- $name = trimSuffix "=" (regexReplaceAll "[^=]$" $name "") | trim -}}
{{- $value := regexReplaceAll "^(\"(?:[^\"\\\\]|\\\\.)*\"|[A-Za-z_][A-Za-z0-9_]*)\\s*=\\s*" $line "" -}}
{{- $_ := set $state "run" (append $state.run (list $name $value)) -}}
{{- $_ := set $state "width" (max $state.width (len $name)) -}}
{{- else -}}
{{- include "invar.config.flush" $state -}}
{{- repeat (int $state.depth) "\t" }}{{ $line }}{{ "\n" -}}
{{- end -}}
{{- $opens := and (regexMatch "[{(\\[]$" $bare) -}}
{{- if $opens -}}
{{- if $name -}}{{- include "invar.config.flush" $state -}}{{- end -}}
{{- $_ := set $state "depth" (add1 $state.depth) -}}
{{- end -}}
{{- $_ := set $state "before" (ternary "open" (ternary "comment" (ternary "close" "line" (or $closes $isBlock)) $isComment) $opens) -}}
{{- include "invar.config.trackRaw" (dict "state" $state "bare" $bare) -}}
{{- if $state.isRaw -}}{{- include "invar.config.flush" $state -}}{{- end -}}
{{- end -}}
{{- end -}}

{{/* Prints the lines that were kept back, their "=" aligned. Input: the state. */}}
{{- define "invar.config.flush" -}}
{{- $indent := repeat (int .depth) "\t" -}}
{{- $width := int .width -}}
{{- range .run -}}
{{- $indent }}{{ first . }}{{ repeat (sub $width (len (first .)) | int) " " }} = {{ last . }}{{ "\n" -}}
{{- end -}}
{{- $_ := set . "run" list -}}
{{- $_ := set . "width" 0 -}}
{{- end -}}

{{/* Notes whether a raw string stays open at the end of a line. Input: state; bare, the line without strings and comments. */}}
{{- define "invar.config.trackRaw" -}}
{{- if contains "`" .bare -}}
{{- if mod (len (regexFindAll "`" .bare -1)) 2 -}}
{{- $_ := set .state "isRaw" (not .state.isRaw) -}}
{{- end -}}
{{- end -}}
{{- end -}}
