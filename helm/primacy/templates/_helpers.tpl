{{- define "primacy.name" -}}
{{- if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* Of what belongs to no namespace, so that two releases do not meet. */}}
{{- define "primacy.clusterName" -}}
{{- printf "%s:%s" .Release.Namespace (include "primacy.name" .) -}}
{{- end -}}

{{- define "primacy.selector" -}}
app.kubernetes.io/name: primacy
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: operator
{{- end -}}

{{- define "primacy.labels" -}}
{{ include "primacy.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "primacy.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{- .Values.serviceAccount.name | default (include "primacy.name" .) -}}
{{- else -}}
{{- required "serviceAccount.create is false, so serviceAccount.name must name one that exists" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "primacy.image" -}}
{{- $image := .Values.image -}}
{{- $registry := .Values.global.imageRegistry | default $image.registry -}}
{{- with $registry }}{{ . | trimSuffix "/" }}/{{ end -}}
{{- $image.repository -}}
{{- if $image.digest }}@{{ $image.digest }}{{ else }}:{{ $image.tag | default .Chart.AppVersion }}{{ end -}}
{{- end -}}

{{/* The image of a major version of PostgreSQL: dict "root" $ "major" "17" */}}
{{- define "primacy.postgresImage" -}}
{{- $postgres := .root.Values.postgres -}}
{{- $whole := get $postgres.images .major -}}
{{- if $whole -}}
{{- $whole -}}
{{- else -}}
{{- $registry := .root.Values.global.imageRegistry | default $postgres.registry -}}
{{- with $registry }}{{ . | trimSuffix "/" }}/{{ end }}{{ $postgres.repository }}:{{ get $postgres.tags .major | default .major -}}
{{- end -}}
{{- end -}}

{{/* Whether the cluster is OpenShift, when the values do not say. */}}
{{- define "primacy.openshift" -}}
{{- if kindIs "bool" .Values.openshift -}}
{{- .Values.openshift -}}
{{- else -}}
{{- .Capabilities.APIVersions.Has "security.openshift.io/v1" -}}
{{- end -}}
{{- end -}}

{{/* What the operator does to the objects of clusters, in whichever namespaces it serves. */}}
{{- define "primacy.rules" -}}
- apiGroups: [primacy.dev]
  resources: [postgresclusters]
  verbs: [get, list, watch, patch, delete]
- apiGroups: [primacy.dev]
  resources: [postgresclusters/status]
  verbs: [update]
# Where OwnerReferencesPermissionEnforcement is on, as on OpenShift, an owner reference that holds up its owner's deletion needs this.
- apiGroups: [primacy.dev]
  resources: [postgresclusters/finalizers]
  verbs: [update]
- apiGroups: [""]
  resources: [services, secrets, configmaps, persistentvolumeclaims]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [""]
  resources: [pods]
  verbs: [get, list, watch, patch, delete]
- apiGroups: [""]
  resources: [pods/status]
  verbs: [patch]
- apiGroups: [apps]
  resources: [statefulsets]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [policy]
  resources: [poddisruptionbudgets]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [networking.k8s.io]
  resources: [networkpolicies]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [events.k8s.io]
  resources: [events]
  verbs: [create]
{{- end -}}
