{{- define "kvlane.fullname" -}}
{{- if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 45 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 45 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "kvlane.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/part-of: kvlane
{{- end -}}

{{- define "kvlane.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: router
{{- end -}}

{{- define "kvlane.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{- .Values.serviceAccount.name | default (include "kvlane.fullname" .) -}}
{{- else -}}
{{- .Values.serviceAccount.name | default "default" -}}
{{- end -}}
{{- end -}}

{{- define "kvlane.image" -}}
{{- if .Values.image.digest -}}
{{- printf "%s@%s" .Values.image.repository .Values.image.digest -}}
{{- else -}}
{{- printf "%s:%s" .Values.image.repository (.Values.image.tag | default .Chart.AppVersion) -}}
{{- end -}}
{{- end -}}

{{- define "kvlane.cell" -}}
{{- .Values.cell | default .Release.Name -}}
{{- end -}}

{{- define "kvlane.members" -}}
{{- printf "%s-members" (include "kvlane.fullname" .) -}}
{{- end -}}

{{/* Whether the admin listener may be seen from outside of the pod: something has to keep people out. */}}
{{- define "kvlane.adminOpen" -}}
{{- if or .Values.admin.keys .Values.admin.oidc -}}true{{- end -}}
{{- end -}}

{{/* What one value alone does not show. */}}
{{- define "kvlane.check" -}}
{{- $p := .Values.policies -}}
{{- $owner := and $p.enabled (or (not $p.control) (eq $p.control .Values.region)) -}}
{{- if and $owner (eq $p.store.type "h2") (or .Values.autoscaling.enabled (gt (int .Values.router.replicas) 1)) -}}
{{- fail "policies.store.type: h2 is a file of one router; take postgresql, or router.replicas 1 without autoscaling" -}}
{{- end -}}
{{- if and $owner (eq $p.store.type "postgresql") (not $p.store.url) -}}
{{- fail "policies.store.url: missing (expected: jdbc:postgresql://HOST/DATABASE, since this region has the store)" -}}
{{- end -}}
{{- if and .Values.link.regions (not .Values.link.certificateSecret) -}}
{{- fail "link.certificateSecret: missing (expected: a secret with tls.crt, tls.key and ca.crt, since there are other regions)" -}}
{{- end -}}
{{- if and .Values.metrics.serviceMonitor.enabled (not (include "kvlane.adminOpen" .)) -}}
{{- fail "metrics.serviceMonitor.enabled: metrics are seen outside of the pod only with admin.keys or admin.oidc" -}}
{{- end -}}
{{- if and .Values.autoscaling.enabled (lt (int .Values.autoscaling.maxReplicas) (int .Values.autoscaling.minReplicas)) -}}
{{- fail "autoscaling.maxReplicas: less than minReplicas" -}}
{{- end -}}
{{- end -}}

{{/* The router's file: router.config, and over it what the chart knows. */}}
{{- define "kvlane.config" -}}
{{- $known := dict
  "region" .Values.region
  "listen" (dict "host" "0.0.0.0" "port" 8100)
  "admin" (dict "host" (ternary "0.0.0.0" "127.0.0.1" (ne (include "kvlane.adminOpen" .) "")) "port" 9100)
  "cluster" (dict "name" (include "kvlane.fullname" .) "port" 5701 "discovery" "dns"
      "service" (printf "%s.%s.svc" (include "kvlane.members" .) .Release.Namespace))
  "timeouts" (dict "drain" (printf "%ds" (int .Values.router.drainSeconds))) -}}
{{- with .Values.admin.keys }}{{ $_ := set $known.admin "keys" . }}{{ end -}}
{{- with .Values.admin.oidc }}{{ $_ := set $known.admin "oidc" . }}{{ end -}}
{{- with .Values.pools }}{{ $_ := set $known "pools" . }}{{ end -}}
{{- with .Values.tenants }}{{ $_ := set $known "tenants" . }}{{ end -}}
{{- if .Values.link.certificateSecret -}}
{{- $_ := set $known "link" (dict "host" "0.0.0.0" "port" 7100 "certificate" "/etc/kvlane-link/tls.crt"
    "key" "/etc/kvlane-link/tls.key" "trust" "/etc/kvlane-link/ca.crt" "regions" .Values.link.regions) -}}
{{- end -}}
{{- with .Values.policies -}}
{{- if .enabled -}}
{{- $policies := dict "directory" "/var/lib/kvlane/router" "control" .control -}}
{{- if .store.url -}}
{{- $store := dict "url" .store.url "user" .store.user -}}
{{- if .store.passwordSecret.name }}{{ $_ := set $store "passwordFile" "/etc/kvlane-store/password" }}{{ end -}}
{{- $_ := set $policies "store" $store -}}
{{- end -}}
{{- $_ := set $known "policies" $policies -}}
{{- end -}}
{{- end -}}
{{- toYaml (mergeOverwrite (deepCopy .Values.router.config) $known) -}}
{{- end -}}

{{- define "kvlane.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
fsGroupChangePolicy: OnRootMismatch
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "kvlane.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}
