// Made by scripts/generate-types.mjs from k8s.io/api v0.36.3; do not edit.

/** The JSON shape of the built-in kinds; the notation is explained in scripts/go-types/main.go. */
export const builtInTypes: string = String.raw`
admissionregistration/v1.ApplyConfiguration expression:s
admissionregistration/v1.AuditAnnotation key:s! valueExpression:s!
admissionregistration/v1.ExpressionWarning fieldRef:s! warning:s!
admissionregistration/v1.JSONPatch expression:s
admissionregistration/v1.MatchCondition name:s! expression:s!
admissionregistration/v1.MatchResources namespaceSelector:*@meta/v1.LabelSelector objectSelector:*@meta/v1.LabelSelector resourceRules:[@admissionregistration/v1.NamedRuleWithOperations excludeResourceRules:[@admissionregistration/v1.NamedRuleWithOperations matchPolicy:*s~v1.MatchPolicyType
admissionregistration/v1.MutatingAdmissionPolicy kind:s apiVersion:s metadata:@meta/v1.ObjectMeta spec:@admissionregistration/v1.MutatingAdmissionPolicySpec
admissionregistration/v1.MutatingAdmissionPolicyBinding kind:s apiVersion:s metadata:@meta/v1.ObjectMeta spec:@admissionregistration/v1.MutatingAdmissionPolicyBindingSpec
admissionregistration/v1.MutatingAdmissionPolicyBindingSpec policyName:s paramRef:*@admissionregistration/v1.ParamRef matchResources:*@admissionregistration/v1.MatchResources
admissionregistration/v1.MutatingAdmissionPolicySpec paramKind:*@admissionregistration/v1.ParamKind matchConstraints:*@admissionregistration/v1.MatchResources variables:[@admissionregistration/v1.Variable mutations:[@admissionregistration/v1.Mutation failurePolicy:*s~v1.FailurePolicyType matchConditions:[@admissionregistration/v1.MatchCondition reinvocationPolicy:s~v1.ReinvocationPolicyType
admissionregistration/v1.MutatingWebhook name:s! clientConfig:@admissionregistration/v1.WebhookClientConfig! rules:[@admissionregistration/v1.RuleWithOperations failurePolicy:*s~v1.FailurePolicyType matchPolicy:*s~v1.MatchPolicyType namespaceSelector:*@meta/v1.LabelSelector objectSelector:*@meta/v1.LabelSelector sideEffects:*s~v1.SideEffectClass! timeoutSeconds:*i admissionReviewVersions:[s! reinvocationPolicy:*s~v1.ReinvocationPolicyType matchConditions:[@admissionregistration/v1.MatchCondition
admissionregistration/v1.MutatingWebhookConfiguration kind:s apiVersion:s metadata:@meta/v1.ObjectMeta webhooks:[@admissionregistration/v1.MutatingWebhook
admissionregistration/v1.Mutation patchType:s~v1.PatchType! applyConfiguration:*@admissionregistration/v1.ApplyConfiguration jsonPatch:*@admissionregistration/v1.JSONPatch
admissionregistration/v1.NamedRuleWithOperations resourceNames:[s operations:[s~v1.OperationType apiGroups:[s apiVersions:[s resources:[s scope:*s~v1.ScopeType
admissionregistration/v1.ParamKind apiVersion:s kind:s
admissionregistration/v1.ParamRef name:s namespace:s selector:*@meta/v1.LabelSelector parameterNotFoundAction:*s~v1.ParameterNotFoundActionType
admissionregistration/v1.RuleWithOperations operations:[s~v1.OperationType apiGroups:[s apiVersions:[s resources:[s scope:*s~v1.ScopeType
admissionregistration/v1.ServiceReference namespace:s! name:s! path:*s port:*i
admissionregistration/v1.TypeChecking expressionWarnings:[@admissionregistration/v1.ExpressionWarning
admissionregistration/v1.ValidatingAdmissionPolicy kind:s apiVersion:s metadata:@meta/v1.ObjectMeta spec:@admissionregistration/v1.ValidatingAdmissionPolicySpec status:@admissionregistration/v1.ValidatingAdmissionPolicyStatus
admissionregistration/v1.ValidatingAdmissionPolicyBinding kind:s apiVersion:s metadata:@meta/v1.ObjectMeta spec:@admissionregistration/v1.ValidatingAdmissionPolicyBindingSpec
admissionregistration/v1.ValidatingAdmissionPolicyBindingSpec policyName:s paramRef:*@admissionregistration/v1.ParamRef matchResources:*@admissionregistration/v1.MatchResources validationActions:[s~v1.ValidationAction
admissionregistration/v1.ValidatingAdmissionPolicySpec paramKind:*@admissionregistration/v1.ParamKind matchConstraints:*@admissionregistration/v1.MatchResources validations:[@admissionregistration/v1.Validation failurePolicy:*s~v1.FailurePolicyType auditAnnotations:[@admissionregistration/v1.AuditAnnotation matchConditions:[@admissionregistration/v1.MatchCondition variables:[@admissionregistration/v1.Variable
admissionregistration/v1.ValidatingAdmissionPolicyStatus observedGeneration:I typeChecking:*@admissionregistration/v1.TypeChecking conditions:[@meta/v1.Condition
admissionregistration/v1.ValidatingWebhook name:s! clientConfig:@admissionregistration/v1.WebhookClientConfig! rules:[@admissionregistration/v1.RuleWithOperations failurePolicy:*s~v1.FailurePolicyType matchPolicy:*s~v1.MatchPolicyType namespaceSelector:*@meta/v1.LabelSelector objectSelector:*@meta/v1.LabelSelector sideEffects:*s~v1.SideEffectClass! timeoutSeconds:*i admissionReviewVersions:[s! matchConditions:[@admissionregistration/v1.MatchCondition
admissionregistration/v1.ValidatingWebhookConfiguration kind:s apiVersion:s metadata:@meta/v1.ObjectMeta webhooks:[@admissionregistration/v1.ValidatingWebhook
admissionregistration/v1.Validation expression:s! message:s reason:*s~v1.StatusReason messageExpression:s
admissionregistration/v1.Variable name:s! expression:s!
admissionregistration/v1.WebhookClientConfig url:*s service:*@admissionregistration/v1.ServiceReference caBundle:y
apiextensions/v1.ConversionRequest uid:s~types.UID! desiredAPIVersion:s! objects:[R!
apiextensions/v1.ConversionResponse uid:s~types.UID! convertedObjects:[R! result:@meta/v1.Status!
apiextensions/v1.ConversionReview kind:s apiVersion:s request:*@apiextensions/v1.ConversionRequest response:*@apiextensions/v1.ConversionResponse
apiextensions/v1.CustomResourceColumnDefinition name:s! type:s! format:s description:s priority:i jsonPath:s!
apiextensions/v1.CustomResourceConversion strategy:s~v1.ConversionStrategyType! webhook:*@apiextensions/v1.WebhookConversion
apiextensions/v1.CustomResourceDefinition kind:s apiVersion:s metadata:@meta/v1.ObjectMeta spec:@apiextensions/v1.CustomResourceDefinitionSpec! status:@apiextensions/v1.CustomResourceDefinitionStatus
apiextensions/v1.CustomResourceDefinitionCondition type:s~v1.CustomResourceDefinitionConditionType! status:s~v1.ConditionStatus! lastTransitionTime:T reason:s message:s observedGeneration:I
apiextensions/v1.CustomResourceDefinitionNames plural:s! singular:s shortNames:[s kind:s! listKind:s categories:[s
apiextensions/v1.CustomResourceDefinitionSpec group:s! names:@apiextensions/v1.CustomResourceDefinitionNames! scope:s~v1.ResourceScope! versions:[@apiextensions/v1.CustomResourceDefinitionVersion! conversion:*@apiextensions/v1.CustomResourceConversion preserveUnknownFields:b
apiextensions/v1.CustomResourceDefinitionStatus conditions:[@apiextensions/v1.CustomResourceDefinitionCondition! acceptedNames:@apiextensions/v1.CustomResourceDefinitionNames! storedVersions:[s! observedGeneration:I
apiextensions/v1.CustomResourceDefinitionVersion name:s! served:b! storage:b! deprecated:b deprecationWarning:*s schema:*@apiextensions/v1.CustomResourceValidation subresources:*@apiextensions/v1.CustomResourceSubresources additionalPrinterColumns:[@apiextensions/v1.CustomResourceColumnDefinition selectableFields:[@apiextensions/v1.SelectableField
apiextensions/v1.CustomResourceSubresourceScale specReplicasPath:s! statusReplicasPath:s! labelSelectorPath:*s
apiextensions/v1.CustomResourceSubresourceStatus 
apiextensions/v1.CustomResourceSubresources status:*@apiextensions/v1.CustomResourceSubresourceStatus scale:*@apiextensions/v1.CustomResourceSubresourceScale
apiextensions/v1.CustomResourceValidation openAPIV3Schema:*@apiextensions/v1.JSONSchemaProps
apiextensions/v1.ExternalDocumentation description:s url:s
apiextensions/v1.JSONSchemaProps id:s $schema:s~v1.JSONSchemaURL $ref:*s description:s type:s format:s title:s default:*R maximum:*f exclusiveMaximum:b minimum:*f exclusiveMinimum:b maxLength:*I minLength:*I pattern:s maxItems:*I minItems:*I uniqueItems:b multipleOf:*f enum:[R maxProperties:*I minProperties:*I required:[s items:*R allOf:[@apiextensions/v1.JSONSchemaProps oneOf:[@apiextensions/v1.JSONSchemaProps anyOf:[@apiextensions/v1.JSONSchemaProps not:*@apiextensions/v1.JSONSchemaProps properties:{@apiextensions/v1.JSONSchemaProps additionalProperties:*R patternProperties:{@apiextensions/v1.JSONSchemaProps dependencies:{R additionalItems:*R definitions:{@apiextensions/v1.JSONSchemaProps externalDocs:*@apiextensions/v1.ExternalDocumentation example:*R nullable:b x-kubernetes-preserve-unknown-fields:*b x-kubernetes-embedded-resource:b x-kubernetes-int-or-string:b x-kubernetes-list-map-keys:[s x-kubernetes-list-type:*s x-kubernetes-map-type:*s x-kubernetes-validations:[@apiextensions/v1.ValidationRule
apiextensions/v1.SelectableField jsonPath:s!
apiextensions/v1.ServiceReference namespace:s! name:s! path:*s port:*i
apiextensions/v1.ValidationRule rule:s! message:s messageExpression:s reason:*s~v1.FieldValueErrorReason fieldPath:s optionalOldSelf:*b
apiextensions/v1.WebhookClientConfig url:*s service:*@apiextensions/v1.ServiceReference caBundle:y
apiextensions/v1.WebhookConversion clientConfig:*@apiextensions/v1.WebhookClientConfig conversionReviewVersions:[s!
apiregistration/v1.APIService kind:s apiVersion:s metadata:@meta/v1.ObjectMeta spec:@apiregistration/v1.APIServiceSpec status:@apiregistration/v1.APIServiceStatus
apiregistration/v1.APIServiceCondition type:s~v1.APIServiceConditionType! status:s~v1.ConditionStatus! lastTransitionTime:T reason:s message:s
apiregistration/v1.APIServiceSpec service:*@apiregistration/v1.ServiceReference group:s version:s insecureSkipTLSVerify:b caBundle:y groupPriorityMinimum:i! versionPriority:i!
apiregistration/v1.APIServiceStatus conditions:[@apiregistration/v1.APIServiceCondition
apiregistration/v1.ServiceReference namespace:s name:s port:*i
apps/v1.ControllerRevision kind:s apiVersion:s metadata:@meta/v1.ObjectMeta data:R revision:I!
apps/v1.DaemonSet kind:s apiVersion:s metadata:@meta/v1.ObjectMeta spec:@apps/v1.DaemonSetSpec status:@apps/v1.DaemonSetStatus
apps/v1.DaemonSetCondition type:s~v1.DaemonSetConditionType! status:s~v1.ConditionStatus! lastTransitionTime:T reason:s message:s
apps/v1.DaemonSetSpec selector:*@meta/v1.LabelSelector! template:@core/v1.PodTemplateSpec! updateStrategy:@apps/v1.DaemonSetUpdateStrategy minReadySeconds:i revisionHistoryLimit:*i
apps/v1.DaemonSetStatus currentNumberScheduled:i! numberMisscheduled:i! desiredNumberScheduled:i! numberReady:i! observedGeneration:I updatedNumberScheduled:i numberAvailable:i numberUnavailable:i collisionCount:*i conditions:[@apps/v1.DaemonSetCondition
apps/v1.DaemonSetUpdateStrategy type:s~v1.DaemonSetUpdateStrategyType rollingUpdate:*@apps/v1.RollingUpdateDaemonSet
apps/v1.Deployment kind:s apiVersion:s metadata:@meta/v1.ObjectMeta spec:@apps/v1.DeploymentSpec status:@apps/v1.DeploymentStatus
apps/v1.DeploymentCondition type:s~v1.DeploymentConditionType! status:s~v1.ConditionStatus! lastUpdateTime:T lastTransitionTime:T reason:s message:s
apps/v1.DeploymentSpec replicas:*i selector:*@meta/v1.LabelSelector! template:@core/v1.PodTemplateSpec! strategy:@apps/v1.DeploymentStrategy minReadySeconds:i revisionHistoryLimit:*i paused:b progressDeadlineSeconds:*i
apps/v1.DeploymentStatus observedGeneration:I replicas:i updatedReplicas:i readyReplicas:i availableReplicas:i unavailableReplicas:i terminatingReplicas:*i conditions:[@apps/v1.DeploymentCondition collisionCount:*i
apps/v1.DeploymentStrategy type:s~v1.DeploymentStrategyType rollingUpdate:*@apps/v1.RollingUpdateDeployment
apps/v1.ReplicaSet kind:s apiVersion:s metadata:@meta/v1.ObjectMeta spec:@apps/v1.ReplicaSetSpec status:@apps/v1.ReplicaSetStatus
apps/v1.ReplicaSetCondition type:s~v1.ReplicaSetConditionType! status:s~v1.ConditionStatus! lastTransitionTime:T reason:s message:s
apps/v1.ReplicaSetSpec replicas:*i minReadySeconds:i selector:*@meta/v1.LabelSelector! template:@core/v1.PodTemplateSpec
apps/v1.ReplicaSetStatus replicas:i! fullyLabeledReplicas:i readyReplicas:i availableReplicas:i terminatingReplicas:*i observedGeneration:I conditions:[@apps/v1.ReplicaSetCondition
apps/v1.RollingUpdateDaemonSet maxUnavailable:*O maxSurge:*O
apps/v1.RollingUpdateDeployment maxUnavailable:*O maxSurge:*O
apps/v1.RollingUpdateStatefulSetStrategy partition:*i maxUnavailable:*O
apps/v1.StatefulSet kind:s apiVersion:s metadata:@meta/v1.ObjectMeta spec:@apps/v1.StatefulSetSpec status:@apps/v1.StatefulSetStatus
apps/v1.StatefulSetCondition type:s~v1.StatefulSetConditionType! status:s~v1.ConditionStatus! lastTransitionTime:T reason:s message:s
apps/v1.StatefulSetOrdinals start:i!
apps/v1.StatefulSetPersistentVolumeClaimRetentionPolicy whenDeleted:s~v1.PersistentVolumeClaimRetentionPolicyType whenScaled:s~v1.PersistentVolumeClaimRetentionPolicyType
apps/v1.StatefulSetSpec replicas:*i selector:*@meta/v1.LabelSelector! template:@core/v1.PodTemplateSpec! volumeClaimTemplates:[@core/v1.PersistentVolumeClaim serviceName:s! podManagementPolicy:s~v1.PodManagementPolicyType updateStrategy:@apps/v1.StatefulSetUpdateStrategy revisionHistoryLimit:*i minReadySeconds:i persistentVolumeClaimRetentionPolicy:*@apps/v1.StatefulSetPersistentVolumeClaimRetentionPolicy ordinals:*@apps/v1.StatefulSetOrdinals
apps/v1.StatefulSetStatus observedGeneration:I replicas:i! readyReplicas:i currentReplicas:i updatedReplicas:i currentRevision:s updateRevision:s collisionCount:*i conditions:[@apps/v1.StatefulSetCondition availableReplicas:i!
apps/v1.StatefulSetUpdateStrategy type:s~v1.StatefulSetUpdateStrategyType rollingUpdate:*@apps/v1.RollingUpdateStatefulSetStrategy
authentication/v1.BoundObjectReference kind:s apiVersion:s name:s uid:s~types.UID
authentication/v1.SelfSubjectReview kind:s apiVersion:s metadata:@meta/v1.ObjectMeta status:@authentication/v1.SelfSubjectReviewStatus
authentication/v1.SelfSubjectReviewStatus userInfo:@authentication/v1.UserInfo
authentication/v1.TokenRequest kind:s apiVersion:s metadata:@meta/v1.ObjectMeta spec:@authentication/v1.TokenRequestSpec! status:@authentication/v1.TokenRequestStatus
authentication/v1.TokenRequestSpec audiences:[s! expirationSeconds:*I! boundObjectRef:*@authentication/v1.BoundObjectReference!
authentication/v1.TokenRequestStatus token:s! expirationTimestamp:T!
authentication/v1.TokenReview kind:s apiVersion:s metadata:@meta/v1.ObjectMeta spec:@authentication/v1.TokenReviewSpec! status:@authentication/v1.TokenReviewStatus
authentication/v1.TokenReviewSpec token:s audiences:[s
authentication/v1.TokenReviewStatus authenticated:b user:@authentication/v1.UserInfo audiences:[s error:s
authentication/v1.UserInfo username:s uid:s groups:[s extra:{[s
authorization/v1.FieldSelectorAttributes rawSelector:s requirements:[@meta/v1.FieldSelectorRequirement
authorization/v1.LabelSelectorAttributes rawSelector:s requirements:[@meta/v1.LabelSelectorRequirement
authorization/v1.LocalSubjectAccessReview kind:s apiVersion:s metadata:@meta/v1.ObjectMeta spec:@authorization/v1.SubjectAccessReviewSpec! status:@authorization/v1.SubjectAccessReviewStatus
authorization/v1.NonResourceAttributes path:s verb:s
authorization/v1.NonResourceRule verbs:[s! nonResourceURLs:[s
authorization/v1.ResourceAttributes namespace:s verb:s group:s version:s resource:s subresource:s name:s fieldSelector:*@authorization/v1.FieldSelectorAttributes labelSelector:*@authorization/v1.LabelSelectorAttributes
authorization/v1.ResourceRule verbs:[s! apiGroups:[s resources:[s resourceNames:[s
authorization/v1.SelfSubjectAccessReview kind:s apiVersion:s metadata:@meta/v1.ObjectMeta spec:@authorization/v1.SelfSubjectAccessReviewSpec! status:@authorization/v1.SubjectAccessReviewStatus
authorization/v1.SelfSubjectAccessReviewSpec resourceAttributes:*@authorization/v1.ResourceAttributes nonResourceAttributes:*@authorization/v1.NonResourceAttributes
authorization/v1.SelfSubjectRulesReview kind:s apiVersion:s metadata:@meta/v1.ObjectMeta spec:@authorization/v1.SelfSubjectRulesReviewSpec! status:@authorization/v1.SubjectRulesReviewStatus
authorization/v1.SelfSubjectRulesReviewSpec namespace:s
authorization/v1.SubjectAccessReview kind:s apiVersion:s metadata:@meta/v1.ObjectMeta spec:@authorization/v1.SubjectAccessReviewSpec! status:@authorization/v1.SubjectAccessReviewStatus
authorization/v1.SubjectAccessReviewSpec resourceAttributes:*@authorization/v1.ResourceAttributes nonResourceAttributes:*@authorization/v1.NonResourceAttributes user:s groups:[s extra:{[s uid:s
authorization/v1.SubjectAccessReviewStatus allowed:b! denied:b reason:s evaluationError:s
authorization/v1.SubjectRulesReviewStatus resourceRules:[@authorization/v1.ResourceRule! nonResourceRules:[@authorization/v1.NonResourceRule! incomplete:b! evaluationError:s
autoscaling/v1.CrossVersionObjectReference kind:s! name:s! apiVersion:s
autoscaling/v1.HorizontalPodAutoscaler kind:s apiVersion:s metadata:@meta/v1.ObjectMeta spec:@autoscaling/v1.HorizontalPodAutoscalerSpec status:@autoscaling/v1.HorizontalPodAutoscalerStatus
autoscaling/v1.HorizontalPodAutoscalerSpec scaleTargetRef:@autoscaling/v1.CrossVersionObjectReference! minReplicas:*i maxReplicas:i! targetCPUUtilizationPercentage:*i
autoscaling/v1.HorizontalPodAutoscalerStatus observedGeneration:*I lastScaleTime:*T currentReplicas:i! desiredReplicas:i! currentCPUUtilizationPercentage:*i
autoscaling/v1.Scale kind:s apiVersion:s metadata:@meta/v1.ObjectMeta spec:@autoscaling/v1.ScaleSpec status:@autoscaling/v1.ScaleStatus
autoscaling/v1.ScaleSpec replicas:i
autoscaling/v1.ScaleStatus replicas:i! selector:s
autoscaling/v2.ContainerResourceMetricSource name:s~v1.ResourceName! target:@autoscaling/v2.MetricTarget! container:s!
autoscaling/v2.ContainerResourceMetricStatus name:s~v1.ResourceName! current:@autoscaling/v2.MetricValueStatus! container:s!
autoscaling/v2.CrossVersionObjectReference kind:s! name:s! apiVersion:s
autoscaling/v2.ExternalMetricSource metric:@autoscaling/v2.MetricIdentifier! target:@autoscaling/v2.MetricTarget!
autoscaling/v2.ExternalMetricStatus metric:@autoscaling/v2.MetricIdentifier! current:@autoscaling/v2.MetricValueStatus!
autoscaling/v2.HPAScalingPolicy type:s~v2.HPAScalingPolicyType! value:i! periodSeconds:i!
autoscaling/v2.HPAScalingRules stabilizationWindowSeconds:*i selectPolicy:*s~v2.ScalingPolicySelect policies:[@autoscaling/v2.HPAScalingPolicy tolerance:*Q
autoscaling/v2.HorizontalPodAutoscaler kind:s apiVersion:s metadata:@meta/v1.ObjectMeta spec:@autoscaling/v2.HorizontalPodAutoscalerSpec status:@autoscaling/v2.HorizontalPodAutoscalerStatus
autoscaling/v2.HorizontalPodAutoscalerBehavior scaleUp:*@autoscaling/v2.HPAScalingRules scaleDown:*@autoscaling/v2.HPAScalingRules
autoscaling/v2.HorizontalPodAutoscalerCondition type:s~v2.HorizontalPodAutoscalerConditionType! status:s~v1.ConditionStatus! lastTransitionTime:T reason:s message:s
autoscaling/v2.HorizontalPodAutoscalerSpec scaleTargetRef:@autoscaling/v2.CrossVersionObjectReference! minReplicas:*i maxReplicas:i! metrics:[@autoscaling/v2.MetricSpec behavior:*@autoscaling/v2.HorizontalPodAutoscalerBehavior
autoscaling/v2.HorizontalPodAutoscalerStatus observedGeneration:*I lastScaleTime:*T currentReplicas:i desiredReplicas:i! currentMetrics:[@autoscaling/v2.MetricStatus! conditions:[@autoscaling/v2.HorizontalPodAutoscalerCondition
autoscaling/v2.MetricIdentifier name:s! selector:*@meta/v1.LabelSelector
autoscaling/v2.MetricSpec type:s~v2.MetricSourceType! object:*@autoscaling/v2.ObjectMetricSource pods:*@autoscaling/v2.PodsMetricSource resource:*@autoscaling/v2.ResourceMetricSource containerResource:*@autoscaling/v2.ContainerResourceMetricSource external:*@autoscaling/v2.ExternalMetricSource
autoscaling/v2.MetricStatus type:s~v2.MetricSourceType! object:*@autoscaling/v2.ObjectMetricStatus pods:*@autoscaling/v2.PodsMetricStatus resource:*@autoscaling/v2.ResourceMetricStatus containerResource:*@autoscaling/v2.ContainerResourceMetricStatus external:*@autoscaling/v2.ExternalMetricStatus
autoscaling/v2.MetricTarget type:s~v2.MetricTargetType! value:*Q averageValue:*Q averageUtilization:*i
autoscaling/v2.MetricValueStatus value:*Q averageValue:*Q averageUtilization:*i
autoscaling/v2.ObjectMetricSource describedObject:@autoscaling/v2.CrossVersionObjectReference! target:@autoscaling/v2.MetricTarget! metric:@autoscaling/v2.MetricIdentifier!
autoscaling/v2.ObjectMetricStatus metric:@autoscaling/v2.MetricIdentifier! current:@autoscaling/v2.MetricValueStatus! describedObject:@autoscaling/v2.CrossVersionObjectReference!
autoscaling/v2.PodsMetricSource metric:@autoscaling/v2.MetricIdentifier! target:@autoscaling/v2.MetricTarget!
autoscaling/v2.PodsMetricStatus metric:@autoscaling/v2.MetricIdentifier! current:@autoscaling/v2.MetricValueStatus!
autoscaling/v2.ResourceMetricSource name:s~v1.ResourceName! target:@autoscaling/v2.MetricTarget!
autoscaling/v2.ResourceMetricStatus name:s~v1.ResourceName! current:@autoscaling/v2.MetricValueStatus!
batch/v1.CronJob kind:s apiVersion:s metadata:@meta/v1.ObjectMeta spec:@batch/v1.CronJobSpec status:@batch/v1.CronJobStatus
batch/v1.CronJobSpec schedule:s! timeZone:*s startingDeadlineSeconds:*I concurrencyPolicy:s~v1.ConcurrencyPolicy suspend:*b jobTemplate:@batch/v1.JobTemplateSpec! successfulJobsHistoryLimit:*i failedJobsHistoryLimit:*i
batch/v1.CronJobStatus active:[@core/v1.ObjectReference lastScheduleTime:*T lastSuccessfulTime:*T
batch/v1.Job kind:s apiVersion:s metadata:@meta/v1.ObjectMeta spec:@batch/v1.JobSpec status:@batch/v1.JobStatus
batch/v1.JobCondition type:s~v1.JobConditionType! status:s~v1.ConditionStatus! lastProbeTime:T lastTransitionTime:T reason:s message:s
batch/v1.JobSpec parallelism:*i completions:*i activeDeadlineSeconds:*I podFailurePolicy:*@batch/v1.PodFailurePolicy successPolicy:*@batch/v1.SuccessPolicy backoffLimit:*i backoffLimitPerIndex:*i maxFailedIndexes:*i selector:*@meta/v1.LabelSelector manualSelector:*b template:@core/v1.PodTemplateSpec! ttlSecondsAfterFinished:*i completionMode:*s~v1.CompletionMode suspend:*b podReplacementPolicy:*s~v1.PodReplacementPolicy managedBy:*s
batch/v1.JobStatus conditions:[@batch/v1.JobCondition startTime:*T completionTime:*T active:i succeeded:i failed:i terminating:*i completedIndexes:s failedIndexes:*s uncountedTerminatedPods:*@batch/v1.UncountedTerminatedPods ready:*i
batch/v1.JobTemplateSpec metadata:@meta/v1.ObjectMeta spec:@batch/v1.JobSpec
batch/v1.PodFailurePolicy rules:[@batch/v1.PodFailurePolicyRule!
batch/v1.PodFailurePolicyOnExitCodesRequirement containerName:*s operator:s~v1.PodFailurePolicyOnExitCodesOperator! values:[i!
batch/v1.PodFailurePolicyOnPodConditionsPattern type:s~v1.PodConditionType! status:s~v1.ConditionStatus!
batch/v1.PodFailurePolicyRule action:s~v1.PodFailurePolicyAction! onExitCodes:*@batch/v1.PodFailurePolicyOnExitCodesRequirement onPodConditions:[@batch/v1.PodFailurePolicyOnPodConditionsPattern
batch/v1.SuccessPolicy rules:[@batch/v1.SuccessPolicyRule!
batch/v1.SuccessPolicyRule succeededIndexes:*s succeededCount:*i
batch/v1.UncountedTerminatedPods succeeded:[s~types.UID failed:[s~types.UID
certificates/v1.CertificateSigningRequest kind:s apiVersion:s metadata:@meta/v1.ObjectMeta spec:@certificates/v1.CertificateSigningRequestSpec! status:@certificates/v1.CertificateSigningRequestStatus
certificates/v1.CertificateSigningRequestCondition type:s~v1.RequestConditionType! status:s~v1.ConditionStatus! reason:s message:s lastUpdateTime:T lastTransitionTime:T
certificates/v1.CertificateSigningRequestSpec request:y! signerName:s! expirationSeconds:*i usages:[s~v1.KeyUsage username:s uid:s groups:[s extra:{[s
certificates/v1.CertificateSigningRequestStatus conditions:[@certificates/v1.CertificateSigningRequestCondition certificate:y
coordination/v1.Lease kind:s apiVersion:s metadata:@meta/v1.ObjectMeta spec:@coordination/v1.LeaseSpec
coordination/v1.LeaseSpec holderIdentity:*s leaseDurationSeconds:*i acquireTime:*M renewTime:*M leaseTransitions:*i strategy:*s~v1.CoordinatedLeaseStrategy preferredHolder:*s
core/v1.AWSElasticBlockStoreVolumeSource volumeID:s! fsType:s partition:i readOnly:b
core/v1.Affinity nodeAffinity:*@core/v1.NodeAffinity podAffinity:*@core/v1.PodAffinity podAntiAffinity:*@core/v1.PodAntiAffinity
core/v1.AppArmorProfile type:s~v1.AppArmorProfileType! localhostProfile:*s
core/v1.AttachedVolume name:s~v1.UniqueVolumeName! devicePath:s!
core/v1.AzureDiskVolumeSource diskName:s! diskURI:s! cachingMode:*s~v1.AzureDataDiskCachingMode fsType:*s readOnly:*b kind:*s~v1.AzureDataDiskKind
core/v1.AzureFilePersistentVolumeSource secretName:s! shareName:s! readOnly:b secretNamespace:*s!
core/v1.AzureFileVolumeSource secretName:s! shareName:s! readOnly:b
core/v1.Binding kind:s apiVersion:s metadata:@meta/v1.ObjectMeta target:@core/v1.ObjectReference!
core/v1.CSIPersistentVolumeSource driver:s! volumeHandle:s! readOnly:b fsType:s volumeAttributes:{s controllerPublishSecretRef:*@core/v1.SecretReference nodeStageSecretRef:*@core/v1.SecretReference nodePublishSecretRef:*@core/v1.SecretReference controllerExpandSecretRef:*@core/v1.SecretReference nodeExpandSecretRef:*@core/v1.SecretReference
core/v1.CSIVolumeSource driver:s! readOnly:*b fsType:*s volumeAttributes:{s nodePublishSecretRef:*@core/v1.LocalObjectReference
core/v1.Capabilities add:[s~v1.Capability drop:[s~v1.Capability
core/v1.CephFSPersistentVolumeSource monitors:[s! path:s user:s secretFile:s secretRef:*@core/v1.SecretReference readOnly:b
core/v1.CephFSVolumeSource monitors:[s! path:s user:s secretFile:s secretRef:*@core/v1.LocalObjectReference readOnly:b
core/v1.CinderPersistentVolumeSource volumeID:s! fsType:s readOnly:b secretRef:*@core/v1.SecretReference
core/v1.CinderVolumeSource volumeID:s! fsType:s readOnly:b secretRef:*@core/v1.LocalObjectReference
core/v1.ClientIPConfig timeoutSeconds:*i
core/v1.ClusterTrustBundleProjection name:*s signerName:*s labelSelector:*@meta/v1.LabelSelector optional:*b path:s!
core/v1.ComponentCondition type:s~v1.ComponentConditionType! status:s~v1.ConditionStatus! message:s error:s
core/v1.ComponentStatus kind:s apiVersion:s metadata:@meta/v1.ObjectMeta conditions:[@core/v1.ComponentCondition
core/v1.ConfigMap kind:s apiVersion:s metadata:@meta/v1.ObjectMeta immutable:*b data:{s binaryData:{y
core/v1.ConfigMapEnvSource name:s optional:*b
core/v1.ConfigMapKeySelector name:s key:s! optional:*b
core/v1.ConfigMapNodeConfigSource namespace:s! name:s! uid:s~types.UID resourceVersion:s kubeletConfigKey:s!
core/v1.ConfigMapProjection name:s items:[@core/v1.KeyToPath optional:*b
core/v1.ConfigMapVolumeSource name:s items:[@core/v1.KeyToPath defaultMode:*i optional:*b
core/v1.Container name:s! image:s command:[s args:[s workingDir:s ports:[@core/v1.ContainerPort envFrom:[@core/v1.EnvFromSource env:[@core/v1.EnvVar resources:@core/v1.ResourceRequirements resizePolicy:[@core/v1.ContainerResizePolicy restartPolicy:*s~v1.ContainerRestartPolicy restartPolicyRules:[@core/v1.ContainerRestartRule volumeMounts:[@core/v1.VolumeMount volumeDevices:[@core/v1.VolumeDevice livenessProbe:*@core/v1.Probe readinessProbe:*@core/v1.Probe startupProbe:*@core/v1.Probe lifecycle:*@core/v1.Lifecycle terminationMessagePath:s terminationMessagePolicy:s~v1.TerminationMessagePolicy imagePullPolicy:s~v1.PullPolicy securityContext:*@core/v1.SecurityContext stdin:b stdinOnce:b tty:b
core/v1.ContainerExtendedResourceRequest containerName:s! resourceName:s! requestName:s!
core/v1.ContainerImage names:[s! sizeBytes:I
core/v1.ContainerPort name:s hostPort:i containerPort:i! protocol:s~v1.Protocol hostIP:s
core/v1.ContainerResizePolicy resourceName:s~v1.ResourceName! restartPolicy:s~v1.ResourceResizeRestartPolicy!
core/v1.ContainerRestartRule action:s~v1.ContainerRestartRuleAction exitCodes:*@core/v1.ContainerRestartRuleOnExitCodes
core/v1.ContainerRestartRuleOnExitCodes operator:s~v1.ContainerRestartRuleOnExitCodesOperator values:[i
core/v1.ContainerState waiting:*@core/v1.ContainerStateWaiting running:*@core/v1.ContainerStateRunning terminated:*@core/v1.ContainerStateTerminated
core/v1.ContainerStateRunning startedAt:T
core/v1.ContainerStateTerminated exitCode:i! signal:i reason:s message:s startedAt:T finishedAt:T containerID:s
core/v1.ContainerStateWaiting reason:s message:s
core/v1.ContainerStatus name:s! state:@core/v1.ContainerState lastState:@core/v1.ContainerState ready:b! restartCount:i! image:s! imageID:s! containerID:s started:*b allocatedResources:{Q resources:*@core/v1.ResourceRequirements volumeMounts:[@core/v1.VolumeMountStatus user:*@core/v1.ContainerUser allocatedResourcesStatus:[@core/v1.ResourceStatus stopSignal:*s~v1.Signal
core/v1.ContainerUser linux:*@core/v1.LinuxContainerUser
core/v1.DaemonEndpoint Port:i!
core/v1.DownwardAPIProjection items:[@core/v1.DownwardAPIVolumeFile
core/v1.DownwardAPIVolumeFile path:s! fieldRef:*@core/v1.ObjectFieldSelector resourceFieldRef:*@core/v1.ResourceFieldSelector mode:*i
core/v1.DownwardAPIVolumeSource items:[@core/v1.DownwardAPIVolumeFile defaultMode:*i
core/v1.EmptyDirVolumeSource medium:s~v1.StorageMedium sizeLimit:*Q
core/v1.EndpointAddress ip:s! hostname:s nodeName:*s targetRef:*@core/v1.ObjectReference
core/v1.EndpointPort name:s port:i! protocol:s~v1.Protocol appProtocol:*s
core/v1.EndpointSubset addresses:[@core/v1.EndpointAddress notReadyAddresses:[@core/v1.EndpointAddress ports:[@core/v1.EndpointPort
core/v1.Endpoints kind:s apiVersion:s metadata:@meta/v1.ObjectMeta subsets:[@core/v1.EndpointSubset
core/v1.EnvFromSource prefix:s configMapRef:*@core/v1.ConfigMapEnvSource secretRef:*@core/v1.SecretEnvSource
core/v1.EnvVar name:s! value:s valueFrom:*@core/v1.EnvVarSource
core/v1.EnvVarSource fieldRef:*@core/v1.ObjectFieldSelector resourceFieldRef:*@core/v1.ResourceFieldSelector configMapKeyRef:*@core/v1.ConfigMapKeySelector secretKeyRef:*@core/v1.SecretKeySelector fileKeyRef:*@core/v1.FileKeySelector
core/v1.EphemeralContainer name:s! image:s command:[s args:[s workingDir:s ports:[@core/v1.ContainerPort envFrom:[@core/v1.EnvFromSource env:[@core/v1.EnvVar resources:@core/v1.ResourceRequirements resizePolicy:[@core/v1.ContainerResizePolicy restartPolicy:*s~v1.ContainerRestartPolicy restartPolicyRules:[@core/v1.ContainerRestartRule volumeMounts:[@core/v1.VolumeMount volumeDevices:[@core/v1.VolumeDevice livenessProbe:*@core/v1.Probe readinessProbe:*@core/v1.Probe startupProbe:*@core/v1.Probe lifecycle:*@core/v1.Lifecycle terminationMessagePath:s terminationMessagePolicy:s~v1.TerminationMessagePolicy imagePullPolicy:s~v1.PullPolicy securityContext:*@core/v1.SecurityContext stdin:b stdinOnce:b tty:b targetContainerName:s
core/v1.EphemeralVolumeSource volumeClaimTemplate:*@core/v1.PersistentVolumeClaimTemplate
core/v1.Event kind:s apiVersion:s metadata:@meta/v1.ObjectMeta! involvedObject:@core/v1.ObjectReference! reason:s message:s source:@core/v1.EventSource firstTimestamp:T lastTimestamp:T count:i type:s eventTime:M series:*@core/v1.EventSeries action:s related:*@core/v1.ObjectReference reportingComponent:s! reportingInstance:s!
core/v1.EventSeries count:i lastObservedTime:M
core/v1.EventSource component:s host:s
core/v1.ExecAction command:[s
core/v1.FCVolumeSource targetWWNs:[s lun:*i fsType:s readOnly:b wwids:[s
core/v1.FileKeySelector volumeName:s! path:s! key:s! optional:*b
core/v1.FlexPersistentVolumeSource driver:s! fsType:s secretRef:*@core/v1.SecretReference readOnly:b options:{s
core/v1.FlexVolumeSource driver:s! fsType:s secretRef:*@core/v1.LocalObjectReference readOnly:b options:{s
core/v1.FlockerVolumeSource datasetName:s datasetUUID:s
core/v1.GCEPersistentDiskVolumeSource pdName:s! fsType:s partition:i readOnly:b
core/v1.GRPCAction port:i! service:*s!
core/v1.GitRepoVolumeSource repository:s! revision:s directory:s
core/v1.GlusterfsPersistentVolumeSource endpoints:s! path:s! readOnly:b endpointsNamespace:*s
core/v1.GlusterfsVolumeSource endpoints:s! path:s! readOnly:b
core/v1.HTTPGetAction path:s port:O! host:s scheme:s~v1.URIScheme httpHeaders:[@core/v1.HTTPHeader
core/v1.HTTPHeader name:s! value:s!
core/v1.HostAlias ip:s! hostnames:[s
core/v1.HostIP ip:s!
core/v1.HostPathVolumeSource path:s! type:*s~v1.HostPathType
core/v1.ISCSIPersistentVolumeSource targetPortal:s! iqn:s! lun:i! iscsiInterface:s fsType:s readOnly:b portals:[s chapAuthDiscovery:b chapAuthSession:b secretRef:*@core/v1.SecretReference initiatorName:*s
core/v1.ISCSIVolumeSource targetPortal:s! iqn:s! lun:i! iscsiInterface:s fsType:s readOnly:b portals:[s chapAuthDiscovery:b chapAuthSession:b secretRef:*@core/v1.LocalObjectReference initiatorName:*s
core/v1.ImageVolumeSource reference:s pullPolicy:s~v1.PullPolicy
core/v1.ImageVolumeStatus imageRef:s
core/v1.KeyToPath key:s! path:s! mode:*i
core/v1.Lifecycle postStart:*@core/v1.LifecycleHandler preStop:*@core/v1.LifecycleHandler stopSignal:*s~v1.Signal
core/v1.LifecycleHandler exec:*@core/v1.ExecAction httpGet:*@core/v1.HTTPGetAction tcpSocket:*@core/v1.TCPSocketAction sleep:*@core/v1.SleepAction
core/v1.LimitRange kind:s apiVersion:s metadata:@meta/v1.ObjectMeta spec:@core/v1.LimitRangeSpec
core/v1.LimitRangeItem type:s~v1.LimitType! max:{Q min:{Q default:{Q defaultRequest:{Q maxLimitRequestRatio:{Q
core/v1.LimitRangeSpec limits:[@core/v1.LimitRangeItem!
core/v1.LinuxContainerUser uid:I! gid:I! supplementalGroups:[I
core/v1.LoadBalancerIngress ip:s hostname:s ipMode:*s~v1.LoadBalancerIPMode ports:[@core/v1.PortStatus
core/v1.LoadBalancerStatus ingress:[@core/v1.LoadBalancerIngress
core/v1.LocalObjectReference name:s
core/v1.LocalVolumeSource path:s! fsType:*s
core/v1.ModifyVolumeStatus targetVolumeAttributesClassName:s status:s~v1.PersistentVolumeClaimModifyVolumeStatus!
core/v1.NFSVolumeSource server:s! path:s! readOnly:b
core/v1.Namespace kind:s apiVersion:s metadata:@meta/v1.ObjectMeta spec:@core/v1.NamespaceSpec status:@core/v1.NamespaceStatus
core/v1.NamespaceCondition type:s~v1.NamespaceConditionType! status:s~v1.ConditionStatus! lastTransitionTime:T reason:s message:s
core/v1.NamespaceSpec finalizers:[s~v1.FinalizerName
core/v1.NamespaceStatus phase:s~v1.NamespacePhase conditions:[@core/v1.NamespaceCondition
core/v1.Node kind:s apiVersion:s metadata:@meta/v1.ObjectMeta spec:@core/v1.NodeSpec status:@core/v1.NodeStatus
core/v1.NodeAddress type:s~v1.NodeAddressType! address:s!
core/v1.NodeAffinity requiredDuringSchedulingIgnoredDuringExecution:*@core/v1.NodeSelector preferredDuringSchedulingIgnoredDuringExecution:[@core/v1.PreferredSchedulingTerm
core/v1.NodeAllocatableResourceClaimStatus resourceClaimName:s! containers:[s resources:{Q!
core/v1.NodeCondition type:s~v1.NodeConditionType! status:s~v1.ConditionStatus! lastHeartbeatTime:T lastTransitionTime:T reason:s message:s
core/v1.NodeConfigSource configMap:*@core/v1.ConfigMapNodeConfigSource
core/v1.NodeConfigStatus assigned:*@core/v1.NodeConfigSource active:*@core/v1.NodeConfigSource lastKnownGood:*@core/v1.NodeConfigSource error:s
core/v1.NodeDaemonEndpoints kubeletEndpoint:@core/v1.DaemonEndpoint
core/v1.NodeFeatures supplementalGroupsPolicy:*b
core/v1.NodeRuntimeHandler name:s! features:*@core/v1.NodeRuntimeHandlerFeatures
core/v1.NodeRuntimeHandlerFeatures recursiveReadOnlyMounts:*b userNamespaces:*b
core/v1.NodeSelector nodeSelectorTerms:[@core/v1.NodeSelectorTerm!
core/v1.NodeSelectorRequirement key:s! operator:s~v1.NodeSelectorOperator! values:[s
core/v1.NodeSelectorTerm matchExpressions:[@core/v1.NodeSelectorRequirement matchFields:[@core/v1.NodeSelectorRequirement
core/v1.NodeSpec podCIDR:s podCIDRs:[s providerID:s unschedulable:b taints:[@core/v1.Taint configSource:*@core/v1.NodeConfigSource externalID:s
core/v1.NodeStatus capacity:{Q allocatable:{Q phase:s~v1.NodePhase conditions:[@core/v1.NodeCondition addresses:[@core/v1.NodeAddress daemonEndpoints:@core/v1.NodeDaemonEndpoints nodeInfo:@core/v1.NodeSystemInfo images:[@core/v1.ContainerImage volumesInUse:[s~v1.UniqueVolumeName volumesAttached:[@core/v1.AttachedVolume config:*@core/v1.NodeConfigStatus runtimeHandlers:[@core/v1.NodeRuntimeHandler features:*@core/v1.NodeFeatures declaredFeatures:[s
core/v1.NodeSwapStatus capacity:*I
core/v1.NodeSystemInfo machineID:s! systemUUID:s! bootID:s! kernelVersion:s! osImage:s! containerRuntimeVersion:s! kubeletVersion:s! kubeProxyVersion:s! operatingSystem:s! architecture:s! swap:*@core/v1.NodeSwapStatus
core/v1.ObjectFieldSelector apiVersion:s fieldPath:s!
core/v1.ObjectReference kind:s namespace:s name:s uid:s~types.UID apiVersion:s resourceVersion:s fieldPath:s
core/v1.PersistentVolume kind:s apiVersion:s metadata:@meta/v1.ObjectMeta spec:@core/v1.PersistentVolumeSpec status:@core/v1.PersistentVolumeStatus
core/v1.PersistentVolumeClaim kind:s apiVersion:s metadata:@meta/v1.ObjectMeta spec:@core/v1.PersistentVolumeClaimSpec status:@core/v1.PersistentVolumeClaimStatus
core/v1.PersistentVolumeClaimCondition type:s~v1.PersistentVolumeClaimConditionType! status:s~v1.ConditionStatus! lastProbeTime:T lastTransitionTime:T reason:s message:s
core/v1.PersistentVolumeClaimSpec accessModes:[s~v1.PersistentVolumeAccessMode selector:*@meta/v1.LabelSelector resources:@core/v1.VolumeResourceRequirements volumeName:s storageClassName:*s volumeMode:*s~v1.PersistentVolumeMode dataSource:*@core/v1.TypedLocalObjectReference dataSourceRef:*@core/v1.TypedObjectReference volumeAttributesClassName:*s
core/v1.PersistentVolumeClaimStatus phase:s~v1.PersistentVolumeClaimPhase accessModes:[s~v1.PersistentVolumeAccessMode capacity:{Q conditions:[@core/v1.PersistentVolumeClaimCondition allocatedResources:{Q allocatedResourceStatuses:{s~v1.ClaimResourceStatus currentVolumeAttributesClassName:*s modifyVolumeStatus:*@core/v1.ModifyVolumeStatus
core/v1.PersistentVolumeClaimTemplate metadata:@meta/v1.ObjectMeta spec:@core/v1.PersistentVolumeClaimSpec!
core/v1.PersistentVolumeClaimVolumeSource claimName:s! readOnly:b
core/v1.PersistentVolumeSpec capacity:{Q gcePersistentDisk:*@core/v1.GCEPersistentDiskVolumeSource awsElasticBlockStore:*@core/v1.AWSElasticBlockStoreVolumeSource hostPath:*@core/v1.HostPathVolumeSource glusterfs:*@core/v1.GlusterfsPersistentVolumeSource nfs:*@core/v1.NFSVolumeSource rbd:*@core/v1.RBDPersistentVolumeSource iscsi:*@core/v1.ISCSIPersistentVolumeSource cinder:*@core/v1.CinderPersistentVolumeSource cephfs:*@core/v1.CephFSPersistentVolumeSource fc:*@core/v1.FCVolumeSource flocker:*@core/v1.FlockerVolumeSource flexVolume:*@core/v1.FlexPersistentVolumeSource azureFile:*@core/v1.AzureFilePersistentVolumeSource vsphereVolume:*@core/v1.VsphereVirtualDiskVolumeSource quobyte:*@core/v1.QuobyteVolumeSource azureDisk:*@core/v1.AzureDiskVolumeSource photonPersistentDisk:*@core/v1.PhotonPersistentDiskVolumeSource portworxVolume:*@core/v1.PortworxVolumeSource scaleIO:*@core/v1.ScaleIOPersistentVolumeSource local:*@core/v1.LocalVolumeSource storageos:*@core/v1.StorageOSPersistentVolumeSource csi:*@core/v1.CSIPersistentVolumeSource accessModes:[s~v1.PersistentVolumeAccessMode claimRef:*@core/v1.ObjectReference persistentVolumeReclaimPolicy:s~v1.PersistentVolumeReclaimPolicy storageClassName:s mountOptions:[s volumeMode:*s~v1.PersistentVolumeMode nodeAffinity:*@core/v1.VolumeNodeAffinity volumeAttributesClassName:*s
core/v1.PersistentVolumeStatus phase:s~v1.PersistentVolumePhase message:s reason:s lastPhaseTransitionTime:*T
core/v1.PhotonPersistentDiskVolumeSource pdID:s! fsType:s
core/v1.Pod kind:s apiVersion:s metadata:@meta/v1.ObjectMeta spec:@core/v1.PodSpec status:@core/v1.PodStatus
core/v1.PodAffinity requiredDuringSchedulingIgnoredDuringExecution:[@core/v1.PodAffinityTerm preferredDuringSchedulingIgnoredDuringExecution:[@core/v1.WeightedPodAffinityTerm
core/v1.PodAffinityTerm labelSelector:*@meta/v1.LabelSelector namespaces:[s topologyKey:s! namespaceSelector:*@meta/v1.LabelSelector matchLabelKeys:[s mismatchLabelKeys:[s
core/v1.PodAntiAffinity requiredDuringSchedulingIgnoredDuringExecution:[@core/v1.PodAffinityTerm preferredDuringSchedulingIgnoredDuringExecution:[@core/v1.WeightedPodAffinityTerm
core/v1.PodCertificateProjection signerName:s keyType:s maxExpirationSeconds:*i credentialBundlePath:s keyPath:s certificateChainPath:s userAnnotations:{s
core/v1.PodCondition type:s~v1.PodConditionType! observedGeneration:I status:s~v1.ConditionStatus! lastProbeTime:T lastTransitionTime:T reason:s message:s
core/v1.PodDNSConfig nameservers:[s searches:[s options:[@core/v1.PodDNSConfigOption
core/v1.PodDNSConfigOption name:s value:*s
core/v1.PodExtendedResourceClaimStatus requestMappings:[@core/v1.ContainerExtendedResourceRequest! resourceClaimName:s!
core/v1.PodIP ip:s!
core/v1.PodOS name:s~v1.OSName!
core/v1.PodReadinessGate conditionType:s~v1.PodConditionType!
core/v1.PodResourceClaim name:s! resourceClaimName:*s resourceClaimTemplateName:*s
core/v1.PodResourceClaimStatus name:s! resourceClaimName:*s
core/v1.PodSchedulingGate name:s!
core/v1.PodSchedulingGroup podGroupName:*s
core/v1.PodSecurityContext seLinuxOptions:*@core/v1.SELinuxOptions windowsOptions:*@core/v1.WindowsSecurityContextOptions runAsUser:*I runAsGroup:*I runAsNonRoot:*b supplementalGroups:[I supplementalGroupsPolicy:*s~v1.SupplementalGroupsPolicy fsGroup:*I sysctls:[@core/v1.Sysctl fsGroupChangePolicy:*s~v1.PodFSGroupChangePolicy seccompProfile:*@core/v1.SeccompProfile appArmorProfile:*@core/v1.AppArmorProfile seLinuxChangePolicy:*s~v1.PodSELinuxChangePolicy
core/v1.PodSpec volumes:[@core/v1.Volume initContainers:[@core/v1.Container containers:[@core/v1.Container! ephemeralContainers:[@core/v1.EphemeralContainer restartPolicy:s~v1.RestartPolicy terminationGracePeriodSeconds:*I activeDeadlineSeconds:*I dnsPolicy:s~v1.DNSPolicy nodeSelector:{s serviceAccountName:s serviceAccount:s automountServiceAccountToken:*b nodeName:s hostNetwork:b hostPID:b hostIPC:b shareProcessNamespace:*b securityContext:*@core/v1.PodSecurityContext imagePullSecrets:[@core/v1.LocalObjectReference hostname:s subdomain:s affinity:*@core/v1.Affinity schedulerName:s tolerations:[@core/v1.Toleration hostAliases:[@core/v1.HostAlias priorityClassName:s priority:*i dnsConfig:*@core/v1.PodDNSConfig readinessGates:[@core/v1.PodReadinessGate runtimeClassName:*s enableServiceLinks:*b preemptionPolicy:*s~v1.PreemptionPolicy overhead:{Q topologySpreadConstraints:[@core/v1.TopologySpreadConstraint setHostnameAsFQDN:*b os:*@core/v1.PodOS hostUsers:*b schedulingGates:[@core/v1.PodSchedulingGate resourceClaims:[@core/v1.PodResourceClaim resources:*@core/v1.ResourceRequirements hostnameOverride:*s schedulingGroup:*@core/v1.PodSchedulingGroup
core/v1.PodStatus observedGeneration:I phase:s~v1.PodPhase conditions:[@core/v1.PodCondition message:s reason:s nominatedNodeName:s hostIP:s hostIPs:[@core/v1.HostIP podIP:s podIPs:[@core/v1.PodIP startTime:*T initContainerStatuses:[@core/v1.ContainerStatus containerStatuses:[@core/v1.ContainerStatus qosClass:s~v1.PodQOSClass ephemeralContainerStatuses:[@core/v1.ContainerStatus resize:s~v1.PodResizeStatus resourceClaimStatuses:[@core/v1.PodResourceClaimStatus extendedResourceClaimStatus:*@core/v1.PodExtendedResourceClaimStatus allocatedResources:{Q resources:*@core/v1.ResourceRequirements nodeAllocatableResourceClaimStatuses:[@core/v1.NodeAllocatableResourceClaimStatus
core/v1.PodStatusResult kind:s apiVersion:s metadata:@meta/v1.ObjectMeta status:@core/v1.PodStatus
core/v1.PodTemplate kind:s apiVersion:s metadata:@meta/v1.ObjectMeta template:@core/v1.PodTemplateSpec
core/v1.PodTemplateSpec metadata:@meta/v1.ObjectMeta spec:@core/v1.PodSpec
core/v1.PortStatus port:i! protocol:s~v1.Protocol! error:*s
core/v1.PortworxVolumeSource volumeID:s! fsType:s readOnly:b
core/v1.PreferredSchedulingTerm weight:i! preference:@core/v1.NodeSelectorTerm!
core/v1.Probe exec:*@core/v1.ExecAction httpGet:*@core/v1.HTTPGetAction tcpSocket:*@core/v1.TCPSocketAction grpc:*@core/v1.GRPCAction initialDelaySeconds:i timeoutSeconds:i periodSeconds:i successThreshold:i failureThreshold:i terminationGracePeriodSeconds:*I
core/v1.ProjectedVolumeSource sources:[@core/v1.VolumeProjection! defaultMode:*i
core/v1.QuobyteVolumeSource registry:s! volume:s! readOnly:b user:s group:s tenant:s
core/v1.RBDPersistentVolumeSource monitors:[s! image:s! fsType:s pool:s user:s keyring:s secretRef:*@core/v1.SecretReference readOnly:b
core/v1.RBDVolumeSource monitors:[s! image:s! fsType:s pool:s user:s keyring:s secretRef:*@core/v1.LocalObjectReference readOnly:b
core/v1.RangeAllocation kind:s apiVersion:s metadata:@meta/v1.ObjectMeta range:s! data:y!
core/v1.ReplicationController kind:s apiVersion:s metadata:@meta/v1.ObjectMeta spec:@core/v1.ReplicationControllerSpec status:@core/v1.ReplicationControllerStatus
core/v1.ReplicationControllerCondition type:s~v1.ReplicationControllerConditionType! status:s~v1.ConditionStatus! lastTransitionTime:T reason:s message:s
core/v1.ReplicationControllerSpec replicas:*i minReadySeconds:i selector:{s template:*@core/v1.PodTemplateSpec
core/v1.ReplicationControllerStatus replicas:i! fullyLabeledReplicas:i readyReplicas:i availableReplicas:i observedGeneration:I conditions:[@core/v1.ReplicationControllerCondition
core/v1.ResourceClaim name:s! request:s
core/v1.ResourceFieldSelector containerName:s resource:s! divisor:Q
core/v1.ResourceHealth resourceID:s~v1.ResourceID! health:s~v1.ResourceHealthStatus message:*s
core/v1.ResourceQuota kind:s apiVersion:s metadata:@meta/v1.ObjectMeta spec:@core/v1.ResourceQuotaSpec status:@core/v1.ResourceQuotaStatus
core/v1.ResourceQuotaSpec hard:{Q scopes:[s~v1.ResourceQuotaScope scopeSelector:*@core/v1.ScopeSelector
core/v1.ResourceQuotaStatus hard:{Q used:{Q
core/v1.ResourceRequirements limits:{Q requests:{Q claims:[@core/v1.ResourceClaim
core/v1.ResourceStatus name:s~v1.ResourceName! resources:[@core/v1.ResourceHealth
core/v1.SELinuxOptions user:s role:s type:s level:s
core/v1.ScaleIOPersistentVolumeSource gateway:s! system:s! secretRef:*@core/v1.SecretReference! sslEnabled:b protectionDomain:s storagePool:s storageMode:s volumeName:s fsType:s readOnly:b
core/v1.ScaleIOVolumeSource gateway:s! system:s! secretRef:*@core/v1.LocalObjectReference! sslEnabled:b protectionDomain:s storagePool:s storageMode:s volumeName:s fsType:s readOnly:b
core/v1.ScopeSelector matchExpressions:[@core/v1.ScopedResourceSelectorRequirement
core/v1.ScopedResourceSelectorRequirement scopeName:s~v1.ResourceQuotaScope! operator:s~v1.ScopeSelectorOperator! values:[s
core/v1.SeccompProfile type:s~v1.SeccompProfileType! localhostProfile:*s
core/v1.Secret kind:s apiVersion:s metadata:@meta/v1.ObjectMeta immutable:*b data:{y stringData:{s type:s~v1.SecretType
core/v1.SecretEnvSource name:s optional:*b
core/v1.SecretKeySelector name:s key:s! optional:*b
core/v1.SecretProjection name:s items:[@core/v1.KeyToPath optional:*b
core/v1.SecretReference name:s namespace:s
core/v1.SecretVolumeSource secretName:s items:[@core/v1.KeyToPath defaultMode:*i optional:*b
core/v1.SecurityContext capabilities:*@core/v1.Capabilities privileged:*b seLinuxOptions:*@core/v1.SELinuxOptions windowsOptions:*@core/v1.WindowsSecurityContextOptions runAsUser:*I runAsGroup:*I runAsNonRoot:*b readOnlyRootFilesystem:*b allowPrivilegeEscalation:*b procMount:*s~v1.ProcMountType seccompProfile:*@core/v1.SeccompProfile appArmorProfile:*@core/v1.AppArmorProfile
core/v1.SerializedReference kind:s apiVersion:s reference:@core/v1.ObjectReference
core/v1.Service kind:s apiVersion:s metadata:@meta/v1.ObjectMeta spec:@core/v1.ServiceSpec status:@core/v1.ServiceStatus
core/v1.ServiceAccount kind:s apiVersion:s metadata:@meta/v1.ObjectMeta secrets:[@core/v1.ObjectReference imagePullSecrets:[@core/v1.LocalObjectReference automountServiceAccountToken:*b
core/v1.ServiceAccountTokenProjection audience:s expirationSeconds:*I path:s!
core/v1.ServicePort name:s protocol:s~v1.Protocol appProtocol:*s port:i! targetPort:O nodePort:i
core/v1.ServiceSpec ports:[@core/v1.ServicePort selector:{s clusterIP:s clusterIPs:[s type:s~v1.ServiceType externalIPs:[s sessionAffinity:s~v1.ServiceAffinity loadBalancerIP:s loadBalancerSourceRanges:[s externalName:s externalTrafficPolicy:s~v1.ServiceExternalTrafficPolicy healthCheckNodePort:i publishNotReadyAddresses:b sessionAffinityConfig:*@core/v1.SessionAffinityConfig ipFamilies:[s~v1.IPFamily ipFamilyPolicy:*s~v1.IPFamilyPolicy allocateLoadBalancerNodePorts:*b loadBalancerClass:*s internalTrafficPolicy:*s~v1.ServiceInternalTrafficPolicy trafficDistribution:*s
core/v1.ServiceStatus loadBalancer:@core/v1.LoadBalancerStatus conditions:[@meta/v1.Condition
core/v1.SessionAffinityConfig clientIP:*@core/v1.ClientIPConfig
core/v1.SleepAction seconds:I!
core/v1.StorageOSPersistentVolumeSource volumeName:s volumeNamespace:s fsType:s readOnly:b secretRef:*@core/v1.ObjectReference
core/v1.StorageOSVolumeSource volumeName:s volumeNamespace:s fsType:s readOnly:b secretRef:*@core/v1.LocalObjectReference
core/v1.Sysctl name:s! value:s!
core/v1.TCPSocketAction port:O! host:s
core/v1.Taint key:s! value:s effect:s~v1.TaintEffect! timeAdded:*T
core/v1.Toleration key:s operator:s~v1.TolerationOperator value:s effect:s~v1.TaintEffect tolerationSeconds:*I
core/v1.TopologySelectorLabelRequirement key:s! values:[s!
core/v1.TopologySelectorTerm matchLabelExpressions:[@core/v1.TopologySelectorLabelRequirement
core/v1.TopologySpreadConstraint maxSkew:i! topologyKey:s! whenUnsatisfiable:s~v1.UnsatisfiableConstraintAction! labelSelector:*@meta/v1.LabelSelector minDomains:*i nodeAffinityPolicy:*s~v1.NodeInclusionPolicy nodeTaintsPolicy:*s~v1.NodeInclusionPolicy matchLabelKeys:[s
core/v1.TypedLocalObjectReference apiGroup:*s! kind:s! name:s!
core/v1.TypedObjectReference apiGroup:*s! kind:s! name:s! namespace:*s
core/v1.Volume name:s! hostPath:*@core/v1.HostPathVolumeSource emptyDir:*@core/v1.EmptyDirVolumeSource gcePersistentDisk:*@core/v1.GCEPersistentDiskVolumeSource awsElasticBlockStore:*@core/v1.AWSElasticBlockStoreVolumeSource gitRepo:*@core/v1.GitRepoVolumeSource secret:*@core/v1.SecretVolumeSource nfs:*@core/v1.NFSVolumeSource iscsi:*@core/v1.ISCSIVolumeSource glusterfs:*@core/v1.GlusterfsVolumeSource persistentVolumeClaim:*@core/v1.PersistentVolumeClaimVolumeSource rbd:*@core/v1.RBDVolumeSource flexVolume:*@core/v1.FlexVolumeSource cinder:*@core/v1.CinderVolumeSource cephfs:*@core/v1.CephFSVolumeSource flocker:*@core/v1.FlockerVolumeSource downwardAPI:*@core/v1.DownwardAPIVolumeSource fc:*@core/v1.FCVolumeSource azureFile:*@core/v1.AzureFileVolumeSource configMap:*@core/v1.ConfigMapVolumeSource vsphereVolume:*@core/v1.VsphereVirtualDiskVolumeSource quobyte:*@core/v1.QuobyteVolumeSource azureDisk:*@core/v1.AzureDiskVolumeSource photonPersistentDisk:*@core/v1.PhotonPersistentDiskVolumeSource projected:*@core/v1.ProjectedVolumeSource portworxVolume:*@core/v1.PortworxVolumeSource scaleIO:*@core/v1.ScaleIOVolumeSource storageos:*@core/v1.StorageOSVolumeSource csi:*@core/v1.CSIVolumeSource ephemeral:*@core/v1.EphemeralVolumeSource image:*@core/v1.ImageVolumeSource
core/v1.VolumeDevice name:s! devicePath:s!
core/v1.VolumeMount name:s! readOnly:b recursiveReadOnly:*s~v1.RecursiveReadOnlyMode mountPath:s! subPath:s mountPropagation:*s~v1.MountPropagationMode subPathExpr:s
core/v1.VolumeMountStatus name:s! mountPath:s! readOnly:b recursiveReadOnly:*s~v1.RecursiveReadOnlyMode volumeStatus:*@core/v1.VolumeStatus
core/v1.VolumeNodeAffinity required:*@core/v1.NodeSelector
core/v1.VolumeProjection secret:*@core/v1.SecretProjection downwardAPI:*@core/v1.DownwardAPIProjection configMap:*@core/v1.ConfigMapProjection serviceAccountToken:*@core/v1.ServiceAccountTokenProjection clusterTrustBundle:*@core/v1.ClusterTrustBundleProjection podCertificate:*@core/v1.PodCertificateProjection
core/v1.VolumeResourceRequirements limits:{Q requests:{Q
core/v1.VolumeStatus image:*@core/v1.ImageVolumeStatus
core/v1.VsphereVirtualDiskVolumeSource volumePath:s! fsType:s storagePolicyName:s storagePolicyID:s
core/v1.WeightedPodAffinityTerm weight:i! podAffinityTerm:@core/v1.PodAffinityTerm!
core/v1.WindowsSecurityContextOptions gmsaCredentialSpecName:*s gmsaCredentialSpec:*s runAsUserName:*s hostProcess:*b
discovery/v1.Endpoint addresses:[s! conditions:@discovery/v1.EndpointConditions hostname:*s targetRef:*@core/v1.ObjectReference deprecatedTopology:{s nodeName:*s zone:*s hints:*@discovery/v1.EndpointHints
discovery/v1.EndpointConditions ready:*b serving:*b terminating:*b
discovery/v1.EndpointHints forZones:[@discovery/v1.ForZone forNodes:[@discovery/v1.ForNode
discovery/v1.EndpointPort name:*s protocol:*s~v1.Protocol port:*i appProtocol:*s
discovery/v1.EndpointSlice kind:s apiVersion:s metadata:@meta/v1.ObjectMeta addressType:s~v1.AddressType! endpoints:[@discovery/v1.Endpoint! ports:[@discovery/v1.EndpointPort!
discovery/v1.ForNode name:s!
discovery/v1.ForZone name:s!
events/v1.Event kind:s apiVersion:s metadata:@meta/v1.ObjectMeta! eventTime:M! series:*@events/v1.EventSeries reportingController:s reportingInstance:s action:s reason:s regarding:@core/v1.ObjectReference related:*@core/v1.ObjectReference note:s type:s deprecatedSource:@core/v1.EventSource deprecatedFirstTimestamp:T deprecatedLastTimestamp:T deprecatedCount:i
events/v1.EventSeries count:i! lastObservedTime:M!
flowcontrol/v1.ExemptPriorityLevelConfiguration nominalConcurrencyShares:*i lendablePercent:*i
flowcontrol/v1.FlowDistinguisherMethod type:s~v1.FlowDistinguisherMethodType!
flowcontrol/v1.FlowSchema kind:s apiVersion:s metadata:@meta/v1.ObjectMeta spec:@flowcontrol/v1.FlowSchemaSpec status:@flowcontrol/v1.FlowSchemaStatus
flowcontrol/v1.FlowSchemaCondition type:s~v1.FlowSchemaConditionType status:s~v1.ConditionStatus lastTransitionTime:T reason:s message:s
flowcontrol/v1.FlowSchemaSpec priorityLevelConfiguration:@flowcontrol/v1.PriorityLevelConfigurationReference! matchingPrecedence:i! distinguisherMethod:*@flowcontrol/v1.FlowDistinguisherMethod rules:[@flowcontrol/v1.PolicyRulesWithSubjects
flowcontrol/v1.FlowSchemaStatus conditions:[@flowcontrol/v1.FlowSchemaCondition
flowcontrol/v1.GroupSubject name:s!
flowcontrol/v1.LimitResponse type:s~v1.LimitResponseType! queuing:*@flowcontrol/v1.QueuingConfiguration
flowcontrol/v1.LimitedPriorityLevelConfiguration nominalConcurrencyShares:*i! limitResponse:@flowcontrol/v1.LimitResponse lendablePercent:*i borrowingLimitPercent:*i
flowcontrol/v1.NonResourcePolicyRule verbs:[s! nonResourceURLs:[s!
flowcontrol/v1.PolicyRulesWithSubjects subjects:[@flowcontrol/v1.Subject! resourceRules:[@flowcontrol/v1.ResourcePolicyRule nonResourceRules:[@flowcontrol/v1.NonResourcePolicyRule
flowcontrol/v1.PriorityLevelConfiguration kind:s apiVersion:s metadata:@meta/v1.ObjectMeta spec:@flowcontrol/v1.PriorityLevelConfigurationSpec status:@flowcontrol/v1.PriorityLevelConfigurationStatus
flowcontrol/v1.PriorityLevelConfigurationCondition type:s~v1.PriorityLevelConfigurationConditionType status:s~v1.ConditionStatus lastTransitionTime:T reason:s message:s
flowcontrol/v1.PriorityLevelConfigurationReference name:s!
flowcontrol/v1.PriorityLevelConfigurationSpec type:s~v1.PriorityLevelEnablement! limited:*@flowcontrol/v1.LimitedPriorityLevelConfiguration exempt:*@flowcontrol/v1.ExemptPriorityLevelConfiguration
flowcontrol/v1.PriorityLevelConfigurationStatus conditions:[@flowcontrol/v1.PriorityLevelConfigurationCondition
flowcontrol/v1.QueuingConfiguration queues:i! handSize:i! queueLengthLimit:i!
flowcontrol/v1.ResourcePolicyRule verbs:[s! apiGroups:[s! resources:[s! clusterScope:b namespaces:[s!
flowcontrol/v1.ServiceAccountSubject namespace:s! name:s!
flowcontrol/v1.Subject kind:s~v1.SubjectKind! user:*@flowcontrol/v1.UserSubject group:*@flowcontrol/v1.GroupSubject serviceAccount:*@flowcontrol/v1.ServiceAccountSubject
flowcontrol/v1.UserSubject name:s!
meta/v1.APIGroup kind:s apiVersion:s name:s! versions:[@meta/v1.GroupVersionForDiscovery! preferredVersion:@meta/v1.GroupVersionForDiscovery serverAddressByClientCIDRs:[@meta/v1.ServerAddressByClientCIDR
meta/v1.APIVersions kind:s apiVersion:s versions:[s! serverAddressByClientCIDRs:[@meta/v1.ServerAddressByClientCIDR!
meta/v1.Condition type:s! status:s~v1.ConditionStatus! observedGeneration:I lastTransitionTime:T! reason:s! message:s!
meta/v1.DeleteOptions kind:s apiVersion:s gracePeriodSeconds:*I preconditions:*@meta/v1.Preconditions orphanDependents:*b propagationPolicy:*s~v1.DeletionPropagation dryRun:[s ignoreStoreReadErrorWithClusterBreakingPotential:*b
meta/v1.FieldSelectorRequirement key:s! operator:s~v1.FieldSelectorOperator! values:[s
meta/v1.GroupVersionForDiscovery groupVersion:s! version:s!
meta/v1.LabelSelector matchLabels:{s matchExpressions:[@meta/v1.LabelSelectorRequirement
meta/v1.LabelSelectorRequirement key:s! operator:s~v1.LabelSelectorOperator! values:[s
meta/v1.ListMeta selfLink:s resourceVersion:s continue:s remainingItemCount:*I shardInfo:*@meta/v1.ShardInfo
meta/v1.ManagedFieldsEntry manager:s operation:s~v1.ManagedFieldsOperationType apiVersion:s time:*T fieldsType:s fieldsV1:*F subresource:s
meta/v1.ObjectMeta name:s generateName:s namespace:s selfLink:s uid:s~types.UID resourceVersion:s generation:I creationTimestamp:T? deletionTimestamp:*T deletionGracePeriodSeconds:*I labels:{s annotations:{s ownerReferences:[@meta/v1.OwnerReference finalizers:[s managedFields:[@meta/v1.ManagedFieldsEntry
meta/v1.OwnerReference apiVersion:s! kind:s! name:s! uid:s~types.UID! controller:*b blockOwnerDeletion:*b
meta/v1.Preconditions uid:*s~types.UID resourceVersion:*s
meta/v1.ServerAddressByClientCIDR clientCIDR:s! serverAddress:s!
meta/v1.ShardInfo selector:s!
meta/v1.Status kind:s apiVersion:s metadata:@meta/v1.ListMeta status:s message:s reason:s~v1.StatusReason details:*@meta/v1.StatusDetails code:i
meta/v1.StatusCause reason:s~v1.CauseType message:s field:s
meta/v1.StatusDetails name:s group:s kind:s uid:s~types.UID causes:[@meta/v1.StatusCause retryAfterSeconds:i
networking/v1.HTTPIngressPath path:s pathType:*s~v1.PathType! backend:@networking/v1.IngressBackend!
networking/v1.HTTPIngressRuleValue paths:[@networking/v1.HTTPIngressPath!
networking/v1.IPAddress kind:s apiVersion:s metadata:@meta/v1.ObjectMeta spec:@networking/v1.IPAddressSpec
networking/v1.IPAddressSpec parentRef:*@networking/v1.ParentReference
networking/v1.IPBlock cidr:s! except:[s
networking/v1.Ingress kind:s apiVersion:s metadata:@meta/v1.ObjectMeta spec:@networking/v1.IngressSpec status:@networking/v1.IngressStatus
networking/v1.IngressBackend service:*@networking/v1.IngressServiceBackend resource:*@core/v1.TypedLocalObjectReference
networking/v1.IngressClass kind:s apiVersion:s metadata:@meta/v1.ObjectMeta spec:@networking/v1.IngressClassSpec
networking/v1.IngressClassParametersReference apiGroup:*s kind:s! name:s! scope:*s! namespace:*s
networking/v1.IngressClassSpec controller:s parameters:*@networking/v1.IngressClassParametersReference
networking/v1.IngressLoadBalancerIngress ip:s hostname:s ports:[@networking/v1.IngressPortStatus
networking/v1.IngressLoadBalancerStatus ingress:[@networking/v1.IngressLoadBalancerIngress
networking/v1.IngressPortStatus port:i! protocol:s~v1.Protocol! error:*s
networking/v1.IngressRule host:s http:*@networking/v1.HTTPIngressRuleValue
networking/v1.IngressServiceBackend name:s! port:@networking/v1.ServiceBackendPort
networking/v1.IngressSpec ingressClassName:*s defaultBackend:*@networking/v1.IngressBackend tls:[@networking/v1.IngressTLS rules:[@networking/v1.IngressRule
networking/v1.IngressStatus loadBalancer:@networking/v1.IngressLoadBalancerStatus
networking/v1.IngressTLS hosts:[s secretName:s
networking/v1.NetworkPolicy kind:s apiVersion:s metadata:@meta/v1.ObjectMeta spec:@networking/v1.NetworkPolicySpec
networking/v1.NetworkPolicyEgressRule ports:[@networking/v1.NetworkPolicyPort to:[@networking/v1.NetworkPolicyPeer
networking/v1.NetworkPolicyIngressRule ports:[@networking/v1.NetworkPolicyPort from:[@networking/v1.NetworkPolicyPeer
networking/v1.NetworkPolicyPeer podSelector:*@meta/v1.LabelSelector namespaceSelector:*@meta/v1.LabelSelector ipBlock:*@networking/v1.IPBlock
networking/v1.NetworkPolicyPort protocol:*s~v1.Protocol port:*O endPort:*i
networking/v1.NetworkPolicySpec podSelector:@meta/v1.LabelSelector! ingress:[@networking/v1.NetworkPolicyIngressRule egress:[@networking/v1.NetworkPolicyEgressRule policyTypes:[s~v1.PolicyType
networking/v1.ParentReference group:s resource:s namespace:s name:s
networking/v1.ServiceBackendPort name:s number:i
networking/v1.ServiceCIDR kind:s apiVersion:s metadata:@meta/v1.ObjectMeta spec:@networking/v1.ServiceCIDRSpec status:@networking/v1.ServiceCIDRStatus
networking/v1.ServiceCIDRSpec cidrs:[s
networking/v1.ServiceCIDRStatus conditions:[@meta/v1.Condition
node/v1.Overhead podFixed:{Q
node/v1.RuntimeClass kind:s apiVersion:s metadata:@meta/v1.ObjectMeta handler:s! overhead:*@node/v1.Overhead scheduling:*@node/v1.Scheduling
node/v1.Scheduling nodeSelector:{s tolerations:[@core/v1.Toleration
policy/v1.Eviction kind:s apiVersion:s metadata:@meta/v1.ObjectMeta deleteOptions:*@meta/v1.DeleteOptions
policy/v1.PodDisruptionBudget kind:s apiVersion:s metadata:@meta/v1.ObjectMeta spec:@policy/v1.PodDisruptionBudgetSpec status:@policy/v1.PodDisruptionBudgetStatus
policy/v1.PodDisruptionBudgetSpec minAvailable:*O selector:*@meta/v1.LabelSelector maxUnavailable:*O unhealthyPodEvictionPolicy:*s~v1.UnhealthyPodEvictionPolicyType
policy/v1.PodDisruptionBudgetStatus observedGeneration:I disruptedPods:{T disruptionsAllowed:i! currentHealthy:i! desiredHealthy:i! expectedPods:i! conditions:[@meta/v1.Condition
rbac/v1.AggregationRule clusterRoleSelectors:[@meta/v1.LabelSelector
rbac/v1.ClusterRole kind:s apiVersion:s metadata:@meta/v1.ObjectMeta rules:[@rbac/v1.PolicyRule! aggregationRule:*@rbac/v1.AggregationRule
rbac/v1.ClusterRoleBinding kind:s apiVersion:s metadata:@meta/v1.ObjectMeta subjects:[@rbac/v1.Subject roleRef:@rbac/v1.RoleRef!
rbac/v1.PolicyRule verbs:[s! apiGroups:[s resources:[s resourceNames:[s nonResourceURLs:[s
rbac/v1.Role kind:s apiVersion:s metadata:@meta/v1.ObjectMeta rules:[@rbac/v1.PolicyRule!
rbac/v1.RoleBinding kind:s apiVersion:s metadata:@meta/v1.ObjectMeta subjects:[@rbac/v1.Subject roleRef:@rbac/v1.RoleRef!
rbac/v1.RoleRef apiGroup:s! kind:s! name:s!
rbac/v1.Subject kind:s! apiGroup:s name:s! namespace:s
resource/v1.AllocatedDeviceStatus driver:s! pool:s! device:s! shareID:*s conditions:[@meta/v1.Condition! data:*R networkData:*@resource/v1.NetworkDeviceData
resource/v1.AllocationResult devices:@resource/v1.DeviceAllocationResult nodeSelector:*@core/v1.NodeSelector allocationTimestamp:*T
resource/v1.CELDeviceSelector expression:s!
resource/v1.CapacityRequestPolicy default:*Q! validValues:[Q validRange:*@resource/v1.CapacityRequestPolicyRange
resource/v1.CapacityRequestPolicyRange min:*Q max:*Q step:*Q
resource/v1.CapacityRequirements requests:{Q
resource/v1.Counter value:Q!
resource/v1.CounterSet name:s! counters:{@resource/v1.Counter
resource/v1.Device name:s! attributes:{@resource/v1.DeviceAttribute capacity:{@resource/v1.DeviceCapacity consumesCounters:[@resource/v1.DeviceCounterConsumption nodeName:*s nodeSelector:*@core/v1.NodeSelector allNodes:*b taints:[@resource/v1.DeviceTaint bindsToNode:*b bindingConditions:[s bindingFailureConditions:[s allowMultipleAllocations:*b nodeAllocatableResourceMappings:{@resource/v1.NodeAllocatableResourceMapping
resource/v1.DeviceAllocationConfiguration source:s~v1.AllocationConfigSource! requests:[s opaque:*@resource/v1.OpaqueDeviceConfiguration
resource/v1.DeviceAllocationResult results:[@resource/v1.DeviceRequestAllocationResult config:[@resource/v1.DeviceAllocationConfiguration
resource/v1.DeviceAttribute int:*I bool:*b string:*s version:*s ints:[I bools:[b strings:[s versions:[s
resource/v1.DeviceCapacity value:Q! requestPolicy:*@resource/v1.CapacityRequestPolicy
resource/v1.DeviceClaim requests:[@resource/v1.DeviceRequest! constraints:[@resource/v1.DeviceConstraint config:[@resource/v1.DeviceClaimConfiguration
resource/v1.DeviceClaimConfiguration requests:[s opaque:*@resource/v1.OpaqueDeviceConfiguration
resource/v1.DeviceClass kind:s apiVersion:s metadata:@meta/v1.ObjectMeta spec:@resource/v1.DeviceClassSpec!
resource/v1.DeviceClassConfiguration opaque:*@resource/v1.OpaqueDeviceConfiguration
resource/v1.DeviceClassSpec selectors:[@resource/v1.DeviceSelector config:[@resource/v1.DeviceClassConfiguration extendedResourceName:*s
resource/v1.DeviceConstraint requests:[s matchAttribute:*s~v1.FullyQualifiedName distinctAttribute:*s~v1.FullyQualifiedName
resource/v1.DeviceCounterConsumption counterSet:s! counters:{@resource/v1.Counter
resource/v1.DeviceRequest name:s! exactly:*@resource/v1.ExactDeviceRequest firstAvailable:[@resource/v1.DeviceSubRequest
resource/v1.DeviceRequestAllocationResult request:s! driver:s! pool:s! device:s! adminAccess:*b tolerations:[@resource/v1.DeviceToleration bindingConditions:[s bindingFailureConditions:[s shareID:*s~types.UID consumedCapacity:{Q
resource/v1.DeviceSelector cel:*@resource/v1.CELDeviceSelector
resource/v1.DeviceSubRequest name:s! deviceClassName:s! selectors:[@resource/v1.DeviceSelector allocationMode:s~v1.DeviceAllocationMode count:I tolerations:[@resource/v1.DeviceToleration capacity:*@resource/v1.CapacityRequirements
resource/v1.DeviceTaint key:s! value:s effect:s~v1.DeviceTaintEffect! timeAdded:*T
resource/v1.DeviceToleration key:s operator:s~v1.DeviceTolerationOperator value:s effect:s~v1.DeviceTaintEffect tolerationSeconds:*I
resource/v1.ExactDeviceRequest deviceClassName:s! selectors:[@resource/v1.DeviceSelector allocationMode:s~v1.DeviceAllocationMode count:I adminAccess:*b tolerations:[@resource/v1.DeviceToleration capacity:*@resource/v1.CapacityRequirements
resource/v1.NetworkDeviceData interfaceName:s ips:[s hardwareAddress:s
resource/v1.NodeAllocatableResourceMapping capacityKey:*s~v1.QualifiedName allocationMultiplier:*Q
resource/v1.OpaqueDeviceConfiguration driver:s! parameters:R!
resource/v1.ResourceClaim kind:s apiVersion:s metadata:@meta/v1.ObjectMeta spec:@resource/v1.ResourceClaimSpec! status:@resource/v1.ResourceClaimStatus
resource/v1.ResourceClaimConsumerReference apiGroup:s resource:s! name:s! uid:s~types.UID!
resource/v1.ResourceClaimSpec devices:@resource/v1.DeviceClaim!
resource/v1.ResourceClaimStatus allocation:*@resource/v1.AllocationResult reservedFor:[@resource/v1.ResourceClaimConsumerReference devices:[@resource/v1.AllocatedDeviceStatus
resource/v1.ResourceClaimTemplate kind:s apiVersion:s metadata:@meta/v1.ObjectMeta spec:@resource/v1.ResourceClaimTemplateSpec!
resource/v1.ResourceClaimTemplateSpec metadata:@meta/v1.ObjectMeta spec:@resource/v1.ResourceClaimSpec!
resource/v1.ResourcePool name:s! generation:I! resourceSliceCount:I!
resource/v1.ResourceSlice kind:s apiVersion:s metadata:@meta/v1.ObjectMeta spec:@resource/v1.ResourceSliceSpec!
resource/v1.ResourceSliceSpec driver:s! pool:@resource/v1.ResourcePool! nodeName:*s nodeSelector:*@core/v1.NodeSelector allNodes:*b devices:[@resource/v1.Device perDeviceNodeSelection:*b sharedCounters:[@resource/v1.CounterSet
scheduling/v1.PriorityClass kind:s apiVersion:s metadata:@meta/v1.ObjectMeta value:i! globalDefault:b description:s preemptionPolicy:*s~v1.PreemptionPolicy
storage/v1.CSIDriver kind:s apiVersion:s metadata:@meta/v1.ObjectMeta spec:@storage/v1.CSIDriverSpec!
storage/v1.CSIDriverSpec attachRequired:*b podInfoOnMount:*b volumeLifecycleModes:[s~v1.VolumeLifecycleMode storageCapacity:*b fsGroupPolicy:*s~v1.FSGroupPolicy tokenRequests:[@storage/v1.TokenRequest requiresRepublish:*b seLinuxMount:*b nodeAllocatableUpdatePeriodSeconds:*I serviceAccountTokenInSecrets:*b preventPodSchedulingIfMissing:*b
storage/v1.CSINode kind:s apiVersion:s metadata:@meta/v1.ObjectMeta spec:@storage/v1.CSINodeSpec!
storage/v1.CSINodeDriver name:s! nodeID:s! topologyKeys:[s! allocatable:*@storage/v1.VolumeNodeResources
storage/v1.CSINodeSpec drivers:[@storage/v1.CSINodeDriver!
storage/v1.CSIStorageCapacity kind:s apiVersion:s metadata:@meta/v1.ObjectMeta nodeTopology:*@meta/v1.LabelSelector storageClassName:s! capacity:*Q maximumVolumeSize:*Q
storage/v1.StorageClass kind:s apiVersion:s metadata:@meta/v1.ObjectMeta provisioner:s! parameters:{s reclaimPolicy:*s~v1.PersistentVolumeReclaimPolicy mountOptions:[s allowVolumeExpansion:*b volumeBindingMode:*s~v1.VolumeBindingMode allowedTopologies:[@core/v1.TopologySelectorTerm
storage/v1.TokenRequest audience:s! expirationSeconds:*I
storage/v1.VolumeAttachment kind:s apiVersion:s metadata:@meta/v1.ObjectMeta spec:@storage/v1.VolumeAttachmentSpec! status:@storage/v1.VolumeAttachmentStatus
storage/v1.VolumeAttachmentSource persistentVolumeName:*s inlineVolumeSpec:*@core/v1.PersistentVolumeSpec
storage/v1.VolumeAttachmentSpec attacher:s! source:@storage/v1.VolumeAttachmentSource! nodeName:s!
storage/v1.VolumeAttachmentStatus attached:b! attachmentMetadata:{s attachError:*@storage/v1.VolumeError detachError:*@storage/v1.VolumeError
storage/v1.VolumeAttributesClass kind:s apiVersion:s metadata:@meta/v1.ObjectMeta driverName:s! parameters:{s
storage/v1.VolumeError time:T message:s errorCode:*i
storage/v1.VolumeNodeResources count:*i
= admissionregistration.k8s.io/v1 MutatingAdmissionPolicy @admissionregistration/v1.MutatingAdmissionPolicy
= admissionregistration.k8s.io/v1 MutatingAdmissionPolicyBinding @admissionregistration/v1.MutatingAdmissionPolicyBinding
= admissionregistration.k8s.io/v1 MutatingWebhookConfiguration @admissionregistration/v1.MutatingWebhookConfiguration
= admissionregistration.k8s.io/v1 ValidatingAdmissionPolicy @admissionregistration/v1.ValidatingAdmissionPolicy
= admissionregistration.k8s.io/v1 ValidatingAdmissionPolicyBinding @admissionregistration/v1.ValidatingAdmissionPolicyBinding
= admissionregistration.k8s.io/v1 ValidatingWebhookConfiguration @admissionregistration/v1.ValidatingWebhookConfiguration
= apiextensions.k8s.io/v1 ConversionReview @apiextensions/v1.ConversionReview
= apiextensions.k8s.io/v1 CustomResourceDefinition @apiextensions/v1.CustomResourceDefinition
= apiregistration.k8s.io/v1 APIService @apiregistration/v1.APIService
= apps/v1 ControllerRevision @apps/v1.ControllerRevision
= apps/v1 DaemonSet @apps/v1.DaemonSet
= apps/v1 Deployment @apps/v1.Deployment
= apps/v1 ReplicaSet @apps/v1.ReplicaSet
= apps/v1 StatefulSet @apps/v1.StatefulSet
= authentication.k8s.io/v1 SelfSubjectReview @authentication/v1.SelfSubjectReview
= authentication.k8s.io/v1 TokenRequest @authentication/v1.TokenRequest
= authentication.k8s.io/v1 TokenReview @authentication/v1.TokenReview
= authorization.k8s.io/v1 LocalSubjectAccessReview @authorization/v1.LocalSubjectAccessReview
= authorization.k8s.io/v1 SelfSubjectAccessReview @authorization/v1.SelfSubjectAccessReview
= authorization.k8s.io/v1 SelfSubjectRulesReview @authorization/v1.SelfSubjectRulesReview
= authorization.k8s.io/v1 SubjectAccessReview @authorization/v1.SubjectAccessReview
= autoscaling/v1 HorizontalPodAutoscaler @autoscaling/v1.HorizontalPodAutoscaler
= autoscaling/v1 Scale @autoscaling/v1.Scale
= autoscaling/v2 HorizontalPodAutoscaler @autoscaling/v2.HorizontalPodAutoscaler
= batch/v1 CronJob @batch/v1.CronJob
= batch/v1 Job @batch/v1.Job
= certificates.k8s.io/v1 CertificateSigningRequest @certificates/v1.CertificateSigningRequest
= coordination.k8s.io/v1 Lease @coordination/v1.Lease
= discovery.k8s.io/v1 EndpointSlice @discovery/v1.EndpointSlice
= events.k8s.io/v1 Event @events/v1.Event
= flowcontrol.apiserver.k8s.io/v1 FlowSchema @flowcontrol/v1.FlowSchema
= flowcontrol.apiserver.k8s.io/v1 PriorityLevelConfiguration @flowcontrol/v1.PriorityLevelConfiguration
= meta.k8s.io/v1 DeleteOptions @meta/v1.DeleteOptions
= networking.k8s.io/v1 IPAddress @networking/v1.IPAddress
= networking.k8s.io/v1 Ingress @networking/v1.Ingress
= networking.k8s.io/v1 IngressClass @networking/v1.IngressClass
= networking.k8s.io/v1 NetworkPolicy @networking/v1.NetworkPolicy
= networking.k8s.io/v1 ServiceCIDR @networking/v1.ServiceCIDR
= node.k8s.io/v1 RuntimeClass @node/v1.RuntimeClass
= policy/v1 Eviction @policy/v1.Eviction
= policy/v1 PodDisruptionBudget @policy/v1.PodDisruptionBudget
= rbac.authorization.k8s.io/v1 ClusterRole @rbac/v1.ClusterRole
= rbac.authorization.k8s.io/v1 ClusterRoleBinding @rbac/v1.ClusterRoleBinding
= rbac.authorization.k8s.io/v1 Role @rbac/v1.Role
= rbac.authorization.k8s.io/v1 RoleBinding @rbac/v1.RoleBinding
= resource.k8s.io/v1 DeviceClass @resource/v1.DeviceClass
= resource.k8s.io/v1 ResourceClaim @resource/v1.ResourceClaim
= resource.k8s.io/v1 ResourceClaimTemplate @resource/v1.ResourceClaimTemplate
= resource.k8s.io/v1 ResourceSlice @resource/v1.ResourceSlice
= scheduling.k8s.io/v1 PriorityClass @scheduling/v1.PriorityClass
= storage.k8s.io/v1 CSIDriver @storage/v1.CSIDriver
= storage.k8s.io/v1 CSINode @storage/v1.CSINode
= storage.k8s.io/v1 CSIStorageCapacity @storage/v1.CSIStorageCapacity
= storage.k8s.io/v1 StorageClass @storage/v1.StorageClass
= storage.k8s.io/v1 VolumeAttachment @storage/v1.VolumeAttachment
= storage.k8s.io/v1 VolumeAttributesClass @storage/v1.VolumeAttributesClass
= v1 APIGroup @meta/v1.APIGroup
= v1 APIVersions @meta/v1.APIVersions
= v1 Binding @core/v1.Binding
= v1 ComponentStatus @core/v1.ComponentStatus
= v1 ConfigMap @core/v1.ConfigMap
= v1 Endpoints @core/v1.Endpoints
= v1 Event @core/v1.Event
= v1 LimitRange @core/v1.LimitRange
= v1 Namespace @core/v1.Namespace
= v1 Node @core/v1.Node
= v1 PersistentVolume @core/v1.PersistentVolume
= v1 PersistentVolumeClaim @core/v1.PersistentVolumeClaim
= v1 Pod @core/v1.Pod
= v1 PodStatusResult @core/v1.PodStatusResult
= v1 PodTemplate @core/v1.PodTemplate
= v1 RangeAllocation @core/v1.RangeAllocation
= v1 ReplicationController @core/v1.ReplicationController
= v1 ResourceQuota @core/v1.ResourceQuota
= v1 Secret @core/v1.Secret
= v1 SerializedReference @core/v1.SerializedReference
= v1 Service @core/v1.Service
= v1 ServiceAccount @core/v1.ServiceAccount
= v1 Status @meta/v1.Status
`
