// Made by scripts/generate-types.mjs from k8s.io/api v0.36.3; do not edit.

/** The JSON shape of the built-in kinds; the notation is explained in scripts/go-types/main.go. */
export const builtInTypes: string = String.raw`
admissionregistration/v1.ApplyConfiguration expression:s#1
admissionregistration/v1.AuditAnnotation key:s#1! valueExpression:s#2!
admissionregistration/v1.ExpressionWarning fieldRef:s#2! warning:s#3!
admissionregistration/v1.JSONPatch expression:s#1
admissionregistration/v1.MatchCondition name:s#1! expression:s#2!
admissionregistration/v1.MatchResources namespaceSelector:*@meta/v1.LabelSelector#1 objectSelector:*@meta/v1.LabelSelector#2 resourceRules:[@admissionregistration/v1.NamedRuleWithOperations#3 excludeResourceRules:[@admissionregistration/v1.NamedRuleWithOperations#4 matchPolicy:*s~v1.MatchPolicyType#7
admissionregistration/v1.MutatingAdmissionPolicy kind:s apiVersion:s metadata:@meta/v1.ObjectMeta#1 spec:@admissionregistration/v1.MutatingAdmissionPolicySpec#2
admissionregistration/v1.MutatingAdmissionPolicyBinding kind:s apiVersion:s metadata:@meta/v1.ObjectMeta#1 spec:@admissionregistration/v1.MutatingAdmissionPolicyBindingSpec#2
admissionregistration/v1.MutatingAdmissionPolicyBindingSpec policyName:s#1 paramRef:*@admissionregistration/v1.ParamRef#2 matchResources:*@admissionregistration/v1.MatchResources#3
admissionregistration/v1.MutatingAdmissionPolicySpec paramKind:*@admissionregistration/v1.ParamKind#1 matchConstraints:*@admissionregistration/v1.MatchResources#2 variables:[@admissionregistration/v1.Variable#3 mutations:[@admissionregistration/v1.Mutation#4 failurePolicy:*s~v1.FailurePolicyType#5 matchConditions:[@admissionregistration/v1.MatchCondition#6 reinvocationPolicy:s~v1.ReinvocationPolicyType#7
admissionregistration/v1.MutatingWebhook name:s#1! clientConfig:@admissionregistration/v1.WebhookClientConfig#2! rules:[@admissionregistration/v1.RuleWithOperations#3 failurePolicy:*s~v1.FailurePolicyType#4 matchPolicy:*s~v1.MatchPolicyType#9 namespaceSelector:*@meta/v1.LabelSelector#5 objectSelector:*@meta/v1.LabelSelector#11 sideEffects:*s~v1.SideEffectClass#6! timeoutSeconds:*i#7 admissionReviewVersions:[s#8! reinvocationPolicy:*s~v1.ReinvocationPolicyType#10 matchConditions:[@admissionregistration/v1.MatchCondition#12
admissionregistration/v1.MutatingWebhookConfiguration kind:s apiVersion:s metadata:@meta/v1.ObjectMeta#1 webhooks:[@admissionregistration/v1.MutatingWebhook#2
admissionregistration/v1.Mutation patchType:s~v1.PatchType#2! applyConfiguration:*@admissionregistration/v1.ApplyConfiguration#3 jsonPatch:*@admissionregistration/v1.JSONPatch#4
admissionregistration/v1.NamedRuleWithOperations resourceNames:[s#1 operations:[s~v1.OperationType#2.1 apiGroups:[s#2.2.1 apiVersions:[s#2.2.2 resources:[s#2.2.3 scope:*s~v1.ScopeType#2.2.4
admissionregistration/v1.ParamKind apiVersion:s#1 kind:s#2
admissionregistration/v1.ParamRef name:s#1 namespace:s#2 selector:*@meta/v1.LabelSelector#3 parameterNotFoundAction:*s~v1.ParameterNotFoundActionType#4
admissionregistration/v1.RuleWithOperations operations:[s~v1.OperationType#1 apiGroups:[s#2.1 apiVersions:[s#2.2 resources:[s#2.3 scope:*s~v1.ScopeType#2.4
admissionregistration/v1.ServiceReference namespace:s#1! name:s#2! path:*s#3 port:*i#4
admissionregistration/v1.TypeChecking expressionWarnings:[@admissionregistration/v1.ExpressionWarning#1
admissionregistration/v1.ValidatingAdmissionPolicy kind:s apiVersion:s metadata:@meta/v1.ObjectMeta#1 spec:@admissionregistration/v1.ValidatingAdmissionPolicySpec#2 status:@admissionregistration/v1.ValidatingAdmissionPolicyStatus#3
admissionregistration/v1.ValidatingAdmissionPolicyBinding kind:s apiVersion:s metadata:@meta/v1.ObjectMeta#1 spec:@admissionregistration/v1.ValidatingAdmissionPolicyBindingSpec#2
admissionregistration/v1.ValidatingAdmissionPolicyBindingSpec policyName:s#1 paramRef:*@admissionregistration/v1.ParamRef#2 matchResources:*@admissionregistration/v1.MatchResources#3 validationActions:[s~v1.ValidationAction#4
admissionregistration/v1.ValidatingAdmissionPolicySpec paramKind:*@admissionregistration/v1.ParamKind#1 matchConstraints:*@admissionregistration/v1.MatchResources#2 validations:[@admissionregistration/v1.Validation#3 failurePolicy:*s~v1.FailurePolicyType#4 auditAnnotations:[@admissionregistration/v1.AuditAnnotation#5 matchConditions:[@admissionregistration/v1.MatchCondition#6 variables:[@admissionregistration/v1.Variable#7
admissionregistration/v1.ValidatingAdmissionPolicyStatus observedGeneration:I#1 typeChecking:*@admissionregistration/v1.TypeChecking#2 conditions:[@meta/v1.Condition#3
admissionregistration/v1.ValidatingWebhook name:s#1! clientConfig:@admissionregistration/v1.WebhookClientConfig#2! rules:[@admissionregistration/v1.RuleWithOperations#3 failurePolicy:*s~v1.FailurePolicyType#4 matchPolicy:*s~v1.MatchPolicyType#9 namespaceSelector:*@meta/v1.LabelSelector#5 objectSelector:*@meta/v1.LabelSelector#10 sideEffects:*s~v1.SideEffectClass#6! timeoutSeconds:*i#7 admissionReviewVersions:[s#8! matchConditions:[@admissionregistration/v1.MatchCondition#11
admissionregistration/v1.ValidatingWebhookConfiguration kind:s apiVersion:s metadata:@meta/v1.ObjectMeta#1 webhooks:[@admissionregistration/v1.ValidatingWebhook#2
admissionregistration/v1.Validation expression:s#1! message:s#2 reason:*s~v1.StatusReason#3 messageExpression:s#4
admissionregistration/v1.Variable name:s#1! expression:s#2!
admissionregistration/v1.WebhookClientConfig url:*s#3 service:*@admissionregistration/v1.ServiceReference#1 caBundle:y#2
apiextensions/v1.ConversionRequest uid:s~types.UID#1! desiredAPIVersion:s#2! objects:[R#3!
apiextensions/v1.ConversionResponse uid:s~types.UID#1! convertedObjects:[R#2! result:@meta/v1.Status#3!
apiextensions/v1.ConversionReview kind:s apiVersion:s request:*@apiextensions/v1.ConversionRequest#1 response:*@apiextensions/v1.ConversionResponse#2
apiextensions/v1.CustomResourceColumnDefinition name:s#1! type:s#2! format:s#3 description:s#4 priority:i#5 jsonPath:s#6!
apiextensions/v1.CustomResourceConversion strategy:s~v1.ConversionStrategyType#1! webhook:*@apiextensions/v1.WebhookConversion#2
apiextensions/v1.CustomResourceDefinition kind:s apiVersion:s metadata:@meta/v1.ObjectMeta#1 spec:@apiextensions/v1.CustomResourceDefinitionSpec#2! status:@apiextensions/v1.CustomResourceDefinitionStatus#3
apiextensions/v1.CustomResourceDefinitionCondition type:s~v1.CustomResourceDefinitionConditionType#1! status:s~v1.ConditionStatus#2! lastTransitionTime:T#3 reason:s#4 message:s#5 observedGeneration:I#6
apiextensions/v1.CustomResourceDefinitionNames plural:s#1! singular:s#2 shortNames:[s#3 kind:s#4! listKind:s#5 categories:[s#6
apiextensions/v1.CustomResourceDefinitionSpec group:s#1! names:@apiextensions/v1.CustomResourceDefinitionNames#3! scope:s~v1.ResourceScope#4! versions:[@apiextensions/v1.CustomResourceDefinitionVersion#7! conversion:*@apiextensions/v1.CustomResourceConversion#9 preserveUnknownFields:b#10
apiextensions/v1.CustomResourceDefinitionStatus conditions:[@apiextensions/v1.CustomResourceDefinitionCondition#1! acceptedNames:@apiextensions/v1.CustomResourceDefinitionNames#2! storedVersions:[s#3! observedGeneration:I#4
apiextensions/v1.CustomResourceDefinitionVersion name:s#1! served:b#2! storage:b#3! deprecated:b#7 deprecationWarning:*s#8 schema:*@apiextensions/v1.CustomResourceValidation#4 subresources:*@apiextensions/v1.CustomResourceSubresources#5 additionalPrinterColumns:[@apiextensions/v1.CustomResourceColumnDefinition#6 selectableFields:[@apiextensions/v1.SelectableField#9
apiextensions/v1.CustomResourceSubresourceScale specReplicasPath:s#1! statusReplicasPath:s#2! labelSelectorPath:*s#3
apiextensions/v1.CustomResourceSubresourceStatus 
apiextensions/v1.CustomResourceSubresources status:*@apiextensions/v1.CustomResourceSubresourceStatus#1 scale:*@apiextensions/v1.CustomResourceSubresourceScale#2
apiextensions/v1.CustomResourceValidation openAPIV3Schema:*@apiextensions/v1.JSONSchemaProps#1
apiextensions/v1.ExternalDocumentation description:s#1 url:s#2
apiextensions/v1.JSONSchemaProps id:s#1 $schema:s~v1.JSONSchemaURL#2 $ref:*s#3 description:s#4 type:s#5 format:s#6 title:s#7 default:*R#8 maximum:*f#9 exclusiveMaximum:b#10 minimum:*f#11 exclusiveMinimum:b#12 maxLength:*I#13 minLength:*I#14 pattern:s#15 maxItems:*I#16 minItems:*I#17 uniqueItems:b#18 multipleOf:*f#19 enum:[R#20 maxProperties:*I#21 minProperties:*I#22 required:[s#23 items:*R#24 allOf:[@apiextensions/v1.JSONSchemaProps#25 oneOf:[@apiextensions/v1.JSONSchemaProps#26 anyOf:[@apiextensions/v1.JSONSchemaProps#27 not:*@apiextensions/v1.JSONSchemaProps#28 properties:{@apiextensions/v1.JSONSchemaProps#29 additionalProperties:*R#30 patternProperties:{@apiextensions/v1.JSONSchemaProps#31 dependencies:{R#32 additionalItems:*R#33 definitions:{@apiextensions/v1.JSONSchemaProps#34 externalDocs:*@apiextensions/v1.ExternalDocumentation#35 example:*R#36 nullable:b#37 x-kubernetes-preserve-unknown-fields:*b#38 x-kubernetes-embedded-resource:b#39 x-kubernetes-int-or-string:b#40 x-kubernetes-list-map-keys:[s#41 x-kubernetes-list-type:*s#42 x-kubernetes-map-type:*s#43 x-kubernetes-validations:[@apiextensions/v1.ValidationRule#44
apiextensions/v1.SelectableField jsonPath:s#1!
apiextensions/v1.ServiceReference namespace:s#1! name:s#2! path:*s#3 port:*i#4
apiextensions/v1.ValidationRule rule:s#1! message:s#2 messageExpression:s#3 reason:*s~v1.FieldValueErrorReason#4 fieldPath:s#5 optionalOldSelf:*b#6
apiextensions/v1.WebhookClientConfig url:*s#3 service:*@apiextensions/v1.ServiceReference#1 caBundle:y#2
apiextensions/v1.WebhookConversion clientConfig:*@apiextensions/v1.WebhookClientConfig#2 conversionReviewVersions:[s#3!
apiregistration/v1.APIService kind:s apiVersion:s metadata:@meta/v1.ObjectMeta#1 spec:@apiregistration/v1.APIServiceSpec#2 status:@apiregistration/v1.APIServiceStatus#3
apiregistration/v1.APIServiceCondition type:s~v1.APIServiceConditionType#1! status:s~v1.ConditionStatus#2! lastTransitionTime:T#3 reason:s#4 message:s#5
apiregistration/v1.APIServiceSpec service:*@apiregistration/v1.ServiceReference#1 group:s#2 version:s#3 insecureSkipTLSVerify:b#4 caBundle:y#5 groupPriorityMinimum:i#7! versionPriority:i#8!
apiregistration/v1.APIServiceStatus conditions:[@apiregistration/v1.APIServiceCondition#1
apiregistration/v1.ServiceReference namespace:s#1 name:s#2 port:*i#3
apps/v1.ControllerRevision kind:s apiVersion:s metadata:@meta/v1.ObjectMeta#1 data:R#2 revision:I#3!
apps/v1.DaemonSet kind:s apiVersion:s metadata:@meta/v1.ObjectMeta#1 spec:@apps/v1.DaemonSetSpec#2 status:@apps/v1.DaemonSetStatus#3
apps/v1.DaemonSetCondition type:s~v1.DaemonSetConditionType#1! status:s~v1.ConditionStatus#2! lastTransitionTime:T#3 reason:s#4 message:s#5
apps/v1.DaemonSetSpec selector:*@meta/v1.LabelSelector#1! template:@core/v1.PodTemplateSpec#2! updateStrategy:@apps/v1.DaemonSetUpdateStrategy#3 minReadySeconds:i#4 revisionHistoryLimit:*i#6
apps/v1.DaemonSetStatus currentNumberScheduled:i#1! numberMisscheduled:i#2! desiredNumberScheduled:i#3! numberReady:i#4! observedGeneration:I#5 updatedNumberScheduled:i#6 numberAvailable:i#7 numberUnavailable:i#8 collisionCount:*i#9 conditions:[@apps/v1.DaemonSetCondition#10
apps/v1.DaemonSetUpdateStrategy type:s~v1.DaemonSetUpdateStrategyType#1 rollingUpdate:*@apps/v1.RollingUpdateDaemonSet#2
apps/v1.Deployment kind:s apiVersion:s metadata:@meta/v1.ObjectMeta#1 spec:@apps/v1.DeploymentSpec#2 status:@apps/v1.DeploymentStatus#3
apps/v1.DeploymentCondition type:s~v1.DeploymentConditionType#1! status:s~v1.ConditionStatus#2! lastUpdateTime:T#6 lastTransitionTime:T#7 reason:s#4 message:s#5
apps/v1.DeploymentSpec replicas:*i#1 selector:*@meta/v1.LabelSelector#2! template:@core/v1.PodTemplateSpec#3! strategy:@apps/v1.DeploymentStrategy#4 minReadySeconds:i#5 revisionHistoryLimit:*i#6 paused:b#7 progressDeadlineSeconds:*i#9
apps/v1.DeploymentStatus observedGeneration:I#1 replicas:i#2 updatedReplicas:i#3 readyReplicas:i#7 availableReplicas:i#4 unavailableReplicas:i#5 terminatingReplicas:*i#9 conditions:[@apps/v1.DeploymentCondition#6 collisionCount:*i#8
apps/v1.DeploymentStrategy type:s~v1.DeploymentStrategyType#1 rollingUpdate:*@apps/v1.RollingUpdateDeployment#2
apps/v1.ReplicaSet kind:s apiVersion:s metadata:@meta/v1.ObjectMeta#1 spec:@apps/v1.ReplicaSetSpec#2 status:@apps/v1.ReplicaSetStatus#3
apps/v1.ReplicaSetCondition type:s~v1.ReplicaSetConditionType#1! status:s~v1.ConditionStatus#2! lastTransitionTime:T#3 reason:s#4 message:s#5
apps/v1.ReplicaSetSpec replicas:*i#1 minReadySeconds:i#4 selector:*@meta/v1.LabelSelector#2! template:@core/v1.PodTemplateSpec#3
apps/v1.ReplicaSetStatus replicas:i#1! fullyLabeledReplicas:i#2 readyReplicas:i#4 availableReplicas:i#5 terminatingReplicas:*i#7 observedGeneration:I#3 conditions:[@apps/v1.ReplicaSetCondition#6
apps/v1.RollingUpdateDaemonSet maxUnavailable:*O#1 maxSurge:*O#2
apps/v1.RollingUpdateDeployment maxUnavailable:*O#1 maxSurge:*O#2
apps/v1.RollingUpdateStatefulSetStrategy partition:*i#1 maxUnavailable:*O#2
apps/v1.StatefulSet kind:s apiVersion:s metadata:@meta/v1.ObjectMeta#1 spec:@apps/v1.StatefulSetSpec#2 status:@apps/v1.StatefulSetStatus#3
apps/v1.StatefulSetCondition type:s~v1.StatefulSetConditionType#1! status:s~v1.ConditionStatus#2! lastTransitionTime:T#3 reason:s#4 message:s#5
apps/v1.StatefulSetOrdinals start:i#1!
apps/v1.StatefulSetPersistentVolumeClaimRetentionPolicy whenDeleted:s~v1.PersistentVolumeClaimRetentionPolicyType#1 whenScaled:s~v1.PersistentVolumeClaimRetentionPolicyType#2
apps/v1.StatefulSetSpec replicas:*i#1 selector:*@meta/v1.LabelSelector#2! template:@core/v1.PodTemplateSpec#3! volumeClaimTemplates:[@core/v1.PersistentVolumeClaim#4 serviceName:s#5! podManagementPolicy:s~v1.PodManagementPolicyType#6 updateStrategy:@apps/v1.StatefulSetUpdateStrategy#7 revisionHistoryLimit:*i#8 minReadySeconds:i#9 persistentVolumeClaimRetentionPolicy:*@apps/v1.StatefulSetPersistentVolumeClaimRetentionPolicy#10 ordinals:*@apps/v1.StatefulSetOrdinals#11
apps/v1.StatefulSetStatus observedGeneration:I#1 replicas:i#2! readyReplicas:i#3 currentReplicas:i#4 updatedReplicas:i#5 currentRevision:s#6 updateRevision:s#7 collisionCount:*i#9 conditions:[@apps/v1.StatefulSetCondition#10 availableReplicas:i#11!
apps/v1.StatefulSetUpdateStrategy type:s~v1.StatefulSetUpdateStrategyType#1 rollingUpdate:*@apps/v1.RollingUpdateStatefulSetStrategy#2
authentication/v1.BoundObjectReference kind:s#1 apiVersion:s#2 name:s#3 uid:s~types.UID#4
authentication/v1.SelfSubjectReview kind:s apiVersion:s metadata:@meta/v1.ObjectMeta#1 status:@authentication/v1.SelfSubjectReviewStatus#2
authentication/v1.SelfSubjectReviewStatus userInfo:@authentication/v1.UserInfo#1
authentication/v1.TokenRequest kind:s apiVersion:s metadata:@meta/v1.ObjectMeta#1 spec:@authentication/v1.TokenRequestSpec#2! status:@authentication/v1.TokenRequestStatus#3
authentication/v1.TokenRequestSpec audiences:[s#1! expirationSeconds:*I#4! boundObjectRef:*@authentication/v1.BoundObjectReference#3!
authentication/v1.TokenRequestStatus token:s#1! expirationTimestamp:T#2!
authentication/v1.TokenReview kind:s apiVersion:s metadata:@meta/v1.ObjectMeta#1 spec:@authentication/v1.TokenReviewSpec#2! status:@authentication/v1.TokenReviewStatus#3
authentication/v1.TokenReviewSpec token:s#1 audiences:[s#2
authentication/v1.TokenReviewStatus authenticated:b#1 user:@authentication/v1.UserInfo#2 audiences:[s#4 error:s#3
authentication/v1.UserInfo username:s#1 uid:s#2 groups:[s#3 extra:{[s
authorization/v1.FieldSelectorAttributes rawSelector:s#1 requirements:[@meta/v1.FieldSelectorRequirement#2
authorization/v1.LabelSelectorAttributes rawSelector:s#1 requirements:[@meta/v1.LabelSelectorRequirement#2
authorization/v1.LocalSubjectAccessReview kind:s apiVersion:s metadata:@meta/v1.ObjectMeta#1 spec:@authorization/v1.SubjectAccessReviewSpec#2! status:@authorization/v1.SubjectAccessReviewStatus#3
authorization/v1.NonResourceAttributes path:s#1 verb:s#2
authorization/v1.NonResourceRule verbs:[s#1! nonResourceURLs:[s#2
authorization/v1.ResourceAttributes namespace:s#1 verb:s#2 group:s#3 version:s#4 resource:s#5 subresource:s#6 name:s#7 fieldSelector:*@authorization/v1.FieldSelectorAttributes#8 labelSelector:*@authorization/v1.LabelSelectorAttributes#9
authorization/v1.ResourceRule verbs:[s#1! apiGroups:[s#2 resources:[s#3 resourceNames:[s#4
authorization/v1.SelfSubjectAccessReview kind:s apiVersion:s metadata:@meta/v1.ObjectMeta#1 spec:@authorization/v1.SelfSubjectAccessReviewSpec#2! status:@authorization/v1.SubjectAccessReviewStatus#3
authorization/v1.SelfSubjectAccessReviewSpec resourceAttributes:*@authorization/v1.ResourceAttributes#1 nonResourceAttributes:*@authorization/v1.NonResourceAttributes#2
authorization/v1.SelfSubjectRulesReview kind:s apiVersion:s metadata:@meta/v1.ObjectMeta#1 spec:@authorization/v1.SelfSubjectRulesReviewSpec#2! status:@authorization/v1.SubjectRulesReviewStatus#3
authorization/v1.SelfSubjectRulesReviewSpec namespace:s#1
authorization/v1.SubjectAccessReview kind:s apiVersion:s metadata:@meta/v1.ObjectMeta#1 spec:@authorization/v1.SubjectAccessReviewSpec#2! status:@authorization/v1.SubjectAccessReviewStatus#3
authorization/v1.SubjectAccessReviewSpec resourceAttributes:*@authorization/v1.ResourceAttributes#1 nonResourceAttributes:*@authorization/v1.NonResourceAttributes#2 user:s#3 groups:[s#4 extra:{[s uid:s#6
authorization/v1.SubjectAccessReviewStatus allowed:b#1! denied:b#4 reason:s#2 evaluationError:s#3
authorization/v1.SubjectRulesReviewStatus resourceRules:[@authorization/v1.ResourceRule#1! nonResourceRules:[@authorization/v1.NonResourceRule#2! incomplete:b#3! evaluationError:s#4
autoscaling/v1.CrossVersionObjectReference kind:s#1! name:s#2! apiVersion:s#3
autoscaling/v1.HorizontalPodAutoscaler kind:s apiVersion:s metadata:@meta/v1.ObjectMeta#1 spec:@autoscaling/v1.HorizontalPodAutoscalerSpec#2 status:@autoscaling/v1.HorizontalPodAutoscalerStatus#3
autoscaling/v1.HorizontalPodAutoscalerSpec scaleTargetRef:@autoscaling/v1.CrossVersionObjectReference#1! minReplicas:*i#2 maxReplicas:i#3! targetCPUUtilizationPercentage:*i#4
autoscaling/v1.HorizontalPodAutoscalerStatus observedGeneration:*I#1 lastScaleTime:*T#2 currentReplicas:i#3! desiredReplicas:i#4! currentCPUUtilizationPercentage:*i#5
autoscaling/v1.Scale kind:s apiVersion:s metadata:@meta/v1.ObjectMeta#1 spec:@autoscaling/v1.ScaleSpec#2 status:@autoscaling/v1.ScaleStatus#3
autoscaling/v1.ScaleSpec replicas:i#1
autoscaling/v1.ScaleStatus replicas:i#1! selector:s#2
autoscaling/v2.ContainerResourceMetricSource name:s~v1.ResourceName#1! target:@autoscaling/v2.MetricTarget#2! container:s#3!
autoscaling/v2.ContainerResourceMetricStatus name:s~v1.ResourceName#1! current:@autoscaling/v2.MetricValueStatus#2! container:s#3!
autoscaling/v2.CrossVersionObjectReference kind:s#1! name:s#2! apiVersion:s#3
autoscaling/v2.ExternalMetricSource metric:@autoscaling/v2.MetricIdentifier#1! target:@autoscaling/v2.MetricTarget#2!
autoscaling/v2.ExternalMetricStatus metric:@autoscaling/v2.MetricIdentifier#1! current:@autoscaling/v2.MetricValueStatus#2!
autoscaling/v2.HPAScalingPolicy type:s~v2.HPAScalingPolicyType#1! value:i#2! periodSeconds:i#3!
autoscaling/v2.HPAScalingRules stabilizationWindowSeconds:*i#3 selectPolicy:*s~v2.ScalingPolicySelect#1 policies:[@autoscaling/v2.HPAScalingPolicy#2 tolerance:*Q#4
autoscaling/v2.HorizontalPodAutoscaler kind:s apiVersion:s metadata:@meta/v1.ObjectMeta#1 spec:@autoscaling/v2.HorizontalPodAutoscalerSpec#2 status:@autoscaling/v2.HorizontalPodAutoscalerStatus#3
autoscaling/v2.HorizontalPodAutoscalerBehavior scaleUp:*@autoscaling/v2.HPAScalingRules#1 scaleDown:*@autoscaling/v2.HPAScalingRules#2
autoscaling/v2.HorizontalPodAutoscalerCondition type:s~v2.HorizontalPodAutoscalerConditionType#1! status:s~v1.ConditionStatus#2! lastTransitionTime:T#3 reason:s#4 message:s#5
autoscaling/v2.HorizontalPodAutoscalerSpec scaleTargetRef:@autoscaling/v2.CrossVersionObjectReference#1! minReplicas:*i#2 maxReplicas:i#3! metrics:[@autoscaling/v2.MetricSpec#4 behavior:*@autoscaling/v2.HorizontalPodAutoscalerBehavior#5
autoscaling/v2.HorizontalPodAutoscalerStatus observedGeneration:*I#1 lastScaleTime:*T#2 currentReplicas:i#3 desiredReplicas:i#4! currentMetrics:[@autoscaling/v2.MetricStatus#5! conditions:[@autoscaling/v2.HorizontalPodAutoscalerCondition#6
autoscaling/v2.MetricIdentifier name:s#1! selector:*@meta/v1.LabelSelector#2
autoscaling/v2.MetricSpec type:s~v2.MetricSourceType#1! object:*@autoscaling/v2.ObjectMetricSource#2 pods:*@autoscaling/v2.PodsMetricSource#3 resource:*@autoscaling/v2.ResourceMetricSource#4 containerResource:*@autoscaling/v2.ContainerResourceMetricSource#7 external:*@autoscaling/v2.ExternalMetricSource#5
autoscaling/v2.MetricStatus type:s~v2.MetricSourceType#1! object:*@autoscaling/v2.ObjectMetricStatus#2 pods:*@autoscaling/v2.PodsMetricStatus#3 resource:*@autoscaling/v2.ResourceMetricStatus#4 containerResource:*@autoscaling/v2.ContainerResourceMetricStatus#7 external:*@autoscaling/v2.ExternalMetricStatus#5
autoscaling/v2.MetricTarget type:s~v2.MetricTargetType#1! value:*Q#2 averageValue:*Q#3 averageUtilization:*i#4
autoscaling/v2.MetricValueStatus value:*Q#1 averageValue:*Q#2 averageUtilization:*i#3
autoscaling/v2.ObjectMetricSource describedObject:@autoscaling/v2.CrossVersionObjectReference#1! target:@autoscaling/v2.MetricTarget#2! metric:@autoscaling/v2.MetricIdentifier#3!
autoscaling/v2.ObjectMetricStatus metric:@autoscaling/v2.MetricIdentifier#1! current:@autoscaling/v2.MetricValueStatus#2! describedObject:@autoscaling/v2.CrossVersionObjectReference#3!
autoscaling/v2.PodsMetricSource metric:@autoscaling/v2.MetricIdentifier#1! target:@autoscaling/v2.MetricTarget#2!
autoscaling/v2.PodsMetricStatus metric:@autoscaling/v2.MetricIdentifier#1! current:@autoscaling/v2.MetricValueStatus#2!
autoscaling/v2.ResourceMetricSource name:s~v1.ResourceName#1! target:@autoscaling/v2.MetricTarget#2!
autoscaling/v2.ResourceMetricStatus name:s~v1.ResourceName#1! current:@autoscaling/v2.MetricValueStatus#2!
batch/v1.CronJob kind:s apiVersion:s metadata:@meta/v1.ObjectMeta#1 spec:@batch/v1.CronJobSpec#2 status:@batch/v1.CronJobStatus#3
batch/v1.CronJobSpec schedule:s#1! timeZone:*s#8 startingDeadlineSeconds:*I#2 concurrencyPolicy:s~v1.ConcurrencyPolicy#3 suspend:*b#4 jobTemplate:@batch/v1.JobTemplateSpec#5! successfulJobsHistoryLimit:*i#6 failedJobsHistoryLimit:*i#7
batch/v1.CronJobStatus active:[@core/v1.ObjectReference#1 lastScheduleTime:*T#4 lastSuccessfulTime:*T#5
batch/v1.Job kind:s apiVersion:s metadata:@meta/v1.ObjectMeta#1 spec:@batch/v1.JobSpec#2 status:@batch/v1.JobStatus#3
batch/v1.JobCondition type:s~v1.JobConditionType#1! status:s~v1.ConditionStatus#2! lastProbeTime:T#3 lastTransitionTime:T#4 reason:s#5 message:s#6
batch/v1.JobSpec parallelism:*i#1 completions:*i#2 activeDeadlineSeconds:*I#3 podFailurePolicy:*@batch/v1.PodFailurePolicy#11 successPolicy:*@batch/v1.SuccessPolicy#16 backoffLimit:*i#7 backoffLimitPerIndex:*i#12 maxFailedIndexes:*i#13 selector:*@meta/v1.LabelSelector#4 manualSelector:*b#5 template:@core/v1.PodTemplateSpec#6! ttlSecondsAfterFinished:*i#8 completionMode:*s~v1.CompletionMode#9 suspend:*b#10 podReplacementPolicy:*s~v1.PodReplacementPolicy#14 managedBy:*s#15
batch/v1.JobStatus conditions:[@batch/v1.JobCondition#1 startTime:*T#2 completionTime:*T#3 active:i#4 succeeded:i#5 failed:i#6 terminating:*i#11 completedIndexes:s#7 failedIndexes:*s#10 uncountedTerminatedPods:*@batch/v1.UncountedTerminatedPods#8 ready:*i#9
batch/v1.JobTemplateSpec metadata:@meta/v1.ObjectMeta#1 spec:@batch/v1.JobSpec#2
batch/v1.PodFailurePolicy rules:[@batch/v1.PodFailurePolicyRule#1!
batch/v1.PodFailurePolicyOnExitCodesRequirement containerName:*s#1 operator:s~v1.PodFailurePolicyOnExitCodesOperator#2! values:[i#3!
batch/v1.PodFailurePolicyOnPodConditionsPattern type:s~v1.PodConditionType#1! status:s~v1.ConditionStatus#2!
batch/v1.PodFailurePolicyRule action:s~v1.PodFailurePolicyAction#1! onExitCodes:*@batch/v1.PodFailurePolicyOnExitCodesRequirement#2 onPodConditions:[@batch/v1.PodFailurePolicyOnPodConditionsPattern#3
batch/v1.SuccessPolicy rules:[@batch/v1.SuccessPolicyRule#1!
batch/v1.SuccessPolicyRule succeededIndexes:*s#1 succeededCount:*i#2
batch/v1.UncountedTerminatedPods succeeded:[s~types.UID#1 failed:[s~types.UID#2
certificates/v1.CertificateSigningRequest kind:s apiVersion:s metadata:@meta/v1.ObjectMeta#1 spec:@certificates/v1.CertificateSigningRequestSpec#2! status:@certificates/v1.CertificateSigningRequestStatus#3
certificates/v1.CertificateSigningRequestCondition type:s~v1.RequestConditionType#1! status:s~v1.ConditionStatus#6! reason:s#2 message:s#3 lastUpdateTime:T#4 lastTransitionTime:T#5
certificates/v1.CertificateSigningRequestSpec request:y#1! signerName:s#7! expirationSeconds:*i#8 usages:[s~v1.KeyUsage#5 username:s#2 uid:s#3 groups:[s#4 extra:{[s
certificates/v1.CertificateSigningRequestStatus conditions:[@certificates/v1.CertificateSigningRequestCondition#1 certificate:y#2
coordination/v1.Lease kind:s apiVersion:s metadata:@meta/v1.ObjectMeta#1 spec:@coordination/v1.LeaseSpec#2
coordination/v1.LeaseSpec holderIdentity:*s#1 leaseDurationSeconds:*i#2 acquireTime:*M#3 renewTime:*M#4 leaseTransitions:*i#5 strategy:*s~v1.CoordinatedLeaseStrategy#6 preferredHolder:*s#7
core/v1.AWSElasticBlockStoreVolumeSource volumeID:s#1! fsType:s#2 partition:i#3 readOnly:b#4
core/v1.Affinity nodeAffinity:*@core/v1.NodeAffinity#1 podAffinity:*@core/v1.PodAffinity#2 podAntiAffinity:*@core/v1.PodAntiAffinity#3
core/v1.AppArmorProfile type:s~v1.AppArmorProfileType#1! localhostProfile:*s#2
core/v1.AttachedVolume name:s~v1.UniqueVolumeName#1! devicePath:s#2!
core/v1.AzureDiskVolumeSource diskName:s#1! diskURI:s#2! cachingMode:*s~v1.AzureDataDiskCachingMode#3 fsType:*s#4 readOnly:*b#5 kind:*s~v1.AzureDataDiskKind#6
core/v1.AzureFilePersistentVolumeSource secretName:s#1! shareName:s#2! readOnly:b#3 secretNamespace:*s#4!
core/v1.AzureFileVolumeSource secretName:s#1! shareName:s#2! readOnly:b#3
core/v1.Binding kind:s apiVersion:s metadata:@meta/v1.ObjectMeta#1 target:@core/v1.ObjectReference#2!
core/v1.CSIPersistentVolumeSource driver:s#1! volumeHandle:s#2! readOnly:b#3 fsType:s#4 volumeAttributes:{s#5 controllerPublishSecretRef:*@core/v1.SecretReference#6 nodeStageSecretRef:*@core/v1.SecretReference#7 nodePublishSecretRef:*@core/v1.SecretReference#8 controllerExpandSecretRef:*@core/v1.SecretReference#9 nodeExpandSecretRef:*@core/v1.SecretReference#10
core/v1.CSIVolumeSource driver:s#1! readOnly:*b#2 fsType:*s#3 volumeAttributes:{s#4 nodePublishSecretRef:*@core/v1.LocalObjectReference#5
core/v1.Capabilities add:[s~v1.Capability#1 drop:[s~v1.Capability#2
core/v1.CephFSPersistentVolumeSource monitors:[s#1! path:s#2 user:s#3 secretFile:s#4 secretRef:*@core/v1.SecretReference#5 readOnly:b#6
core/v1.CephFSVolumeSource monitors:[s#1! path:s#2 user:s#3 secretFile:s#4 secretRef:*@core/v1.LocalObjectReference#5 readOnly:b#6
core/v1.CinderPersistentVolumeSource volumeID:s#1! fsType:s#2 readOnly:b#3 secretRef:*@core/v1.SecretReference#4
core/v1.CinderVolumeSource volumeID:s#1! fsType:s#2 readOnly:b#3 secretRef:*@core/v1.LocalObjectReference#4
core/v1.ClientIPConfig timeoutSeconds:*i#1
core/v1.ClusterTrustBundleProjection name:*s#1 signerName:*s#2 labelSelector:*@meta/v1.LabelSelector#3 optional:*b#5 path:s#4!
core/v1.ComponentCondition type:s~v1.ComponentConditionType#1! status:s~v1.ConditionStatus#2! message:s#3 error:s#4
core/v1.ComponentStatus kind:s apiVersion:s metadata:@meta/v1.ObjectMeta#1 conditions:[@core/v1.ComponentCondition#2
core/v1.ConfigMap kind:s apiVersion:s metadata:@meta/v1.ObjectMeta#1 immutable:*b#4 data:{s#2 binaryData:{y#3
core/v1.ConfigMapEnvSource name:s#1.1 optional:*b#2
core/v1.ConfigMapKeySelector name:s#1.1 key:s#2! optional:*b#3
core/v1.ConfigMapNodeConfigSource namespace:s#1! name:s#2! uid:s~types.UID#3 resourceVersion:s#4 kubeletConfigKey:s#5!
core/v1.ConfigMapProjection name:s#1.1 items:[@core/v1.KeyToPath#2 optional:*b#4
core/v1.ConfigMapVolumeSource name:s#1.1 items:[@core/v1.KeyToPath#2 defaultMode:*i#3 optional:*b#4
core/v1.Container name:s#1! image:s#2 command:[s#3 args:[s#4 workingDir:s#5 ports:[@core/v1.ContainerPort#6 envFrom:[@core/v1.EnvFromSource#19 env:[@core/v1.EnvVar#7 resources:@core/v1.ResourceRequirements#8 resizePolicy:[@core/v1.ContainerResizePolicy#23 restartPolicy:*s~v1.ContainerRestartPolicy#24 restartPolicyRules:[@core/v1.ContainerRestartRule#25 volumeMounts:[@core/v1.VolumeMount#9 volumeDevices:[@core/v1.VolumeDevice#21 livenessProbe:*@core/v1.Probe#10 readinessProbe:*@core/v1.Probe#11 startupProbe:*@core/v1.Probe#22 lifecycle:*@core/v1.Lifecycle#12 terminationMessagePath:s#13 terminationMessagePolicy:s~v1.TerminationMessagePolicy#20 imagePullPolicy:s~v1.PullPolicy#14 securityContext:*@core/v1.SecurityContext#15 stdin:b#16 stdinOnce:b#17 tty:b#18
core/v1.ContainerExtendedResourceRequest containerName:s#1! resourceName:s#2! requestName:s#3!
core/v1.ContainerImage names:[s#1! sizeBytes:I#2
core/v1.ContainerPort name:s#1 hostPort:i#2 containerPort:i#3! protocol:s~v1.Protocol#4 hostIP:s#5
core/v1.ContainerResizePolicy resourceName:s~v1.ResourceName#1! restartPolicy:s~v1.ResourceResizeRestartPolicy#2!
core/v1.ContainerRestartRule action:s~v1.ContainerRestartRuleAction#1 exitCodes:*@core/v1.ContainerRestartRuleOnExitCodes#2
core/v1.ContainerRestartRuleOnExitCodes operator:s~v1.ContainerRestartRuleOnExitCodesOperator#1 values:[i#2
core/v1.ContainerState waiting:*@core/v1.ContainerStateWaiting#1 running:*@core/v1.ContainerStateRunning#2 terminated:*@core/v1.ContainerStateTerminated#3
core/v1.ContainerStateRunning startedAt:T#1
core/v1.ContainerStateTerminated exitCode:i#1! signal:i#2 reason:s#3 message:s#4 startedAt:T#5 finishedAt:T#6 containerID:s#7
core/v1.ContainerStateWaiting reason:s#1 message:s#2
core/v1.ContainerStatus name:s#1! state:@core/v1.ContainerState#2 lastState:@core/v1.ContainerState#3 ready:b#4! restartCount:i#5! image:s#6! imageID:s#7! containerID:s#8 started:*b#9 allocatedResources:{Q#10 resources:*@core/v1.ResourceRequirements#11 volumeMounts:[@core/v1.VolumeMountStatus#12 user:*@core/v1.ContainerUser#13 allocatedResourcesStatus:[@core/v1.ResourceStatus#14 stopSignal:*s~v1.Signal#15
core/v1.ContainerUser linux:*@core/v1.LinuxContainerUser#1
core/v1.DaemonEndpoint Port:i#1!
core/v1.DownwardAPIProjection items:[@core/v1.DownwardAPIVolumeFile#1
core/v1.DownwardAPIVolumeFile path:s#1! fieldRef:*@core/v1.ObjectFieldSelector#2 resourceFieldRef:*@core/v1.ResourceFieldSelector#3 mode:*i#4
core/v1.DownwardAPIVolumeSource items:[@core/v1.DownwardAPIVolumeFile#1 defaultMode:*i#2
core/v1.EmptyDirVolumeSource medium:s~v1.StorageMedium#1 sizeLimit:*Q#2
core/v1.EndpointAddress ip:s#1! hostname:s#3 nodeName:*s#4 targetRef:*@core/v1.ObjectReference#2
core/v1.EndpointPort name:s#1 port:i#2! protocol:s~v1.Protocol#3 appProtocol:*s#4
core/v1.EndpointSubset addresses:[@core/v1.EndpointAddress#1 notReadyAddresses:[@core/v1.EndpointAddress#2 ports:[@core/v1.EndpointPort#3
core/v1.Endpoints kind:s apiVersion:s metadata:@meta/v1.ObjectMeta#1 subsets:[@core/v1.EndpointSubset#2
core/v1.EnvFromSource prefix:s#1 configMapRef:*@core/v1.ConfigMapEnvSource#2 secretRef:*@core/v1.SecretEnvSource#3
core/v1.EnvVar name:s#1! value:s#2 valueFrom:*@core/v1.EnvVarSource#3
core/v1.EnvVarSource fieldRef:*@core/v1.ObjectFieldSelector#1 resourceFieldRef:*@core/v1.ResourceFieldSelector#2 configMapKeyRef:*@core/v1.ConfigMapKeySelector#3 secretKeyRef:*@core/v1.SecretKeySelector#4 fileKeyRef:*@core/v1.FileKeySelector#5
core/v1.EphemeralContainer name:s#1.1! image:s#1.2 command:[s#1.3 args:[s#1.4 workingDir:s#1.5 ports:[@core/v1.ContainerPort#1.6 envFrom:[@core/v1.EnvFromSource#1.19 env:[@core/v1.EnvVar#1.7 resources:@core/v1.ResourceRequirements#1.8 resizePolicy:[@core/v1.ContainerResizePolicy#1.23 restartPolicy:*s~v1.ContainerRestartPolicy#1.24 restartPolicyRules:[@core/v1.ContainerRestartRule#1.25 volumeMounts:[@core/v1.VolumeMount#1.9 volumeDevices:[@core/v1.VolumeDevice#1.21 livenessProbe:*@core/v1.Probe#1.10 readinessProbe:*@core/v1.Probe#1.11 startupProbe:*@core/v1.Probe#1.22 lifecycle:*@core/v1.Lifecycle#1.12 terminationMessagePath:s#1.13 terminationMessagePolicy:s~v1.TerminationMessagePolicy#1.20 imagePullPolicy:s~v1.PullPolicy#1.14 securityContext:*@core/v1.SecurityContext#1.15 stdin:b#1.16 stdinOnce:b#1.17 tty:b#1.18 targetContainerName:s#2
core/v1.EphemeralVolumeSource volumeClaimTemplate:*@core/v1.PersistentVolumeClaimTemplate#1
core/v1.Event kind:s apiVersion:s metadata:@meta/v1.ObjectMeta#1! involvedObject:@core/v1.ObjectReference#2! reason:s#3 message:s#4 source:@core/v1.EventSource#5 firstTimestamp:T#6 lastTimestamp:T#7 count:i#8 type:s#9 eventTime:M#10 series:*@core/v1.EventSeries#11 action:s#12 related:*@core/v1.ObjectReference#13 reportingComponent:s#14! reportingInstance:s#15!
core/v1.EventSeries count:i#1 lastObservedTime:M#2
core/v1.EventSource component:s#1 host:s#2
core/v1.ExecAction command:[s#1
core/v1.FCVolumeSource targetWWNs:[s#1 lun:*i#2 fsType:s#3 readOnly:b#4 wwids:[s#5
core/v1.FileKeySelector volumeName:s#1! path:s#2! key:s#3! optional:*b#4
core/v1.FlexPersistentVolumeSource driver:s#1! fsType:s#2 secretRef:*@core/v1.SecretReference#3 readOnly:b#4 options:{s#5
core/v1.FlexVolumeSource driver:s#1! fsType:s#2 secretRef:*@core/v1.LocalObjectReference#3 readOnly:b#4 options:{s#5
core/v1.FlockerVolumeSource datasetName:s#1 datasetUUID:s#2
core/v1.GCEPersistentDiskVolumeSource pdName:s#1! fsType:s#2 partition:i#3 readOnly:b#4
core/v1.GRPCAction port:i#1! service:*s#2!
core/v1.GitRepoVolumeSource repository:s#1! revision:s#2 directory:s#3
core/v1.GlusterfsPersistentVolumeSource endpoints:s#1! path:s#2! readOnly:b#3 endpointsNamespace:*s#4
core/v1.GlusterfsVolumeSource endpoints:s#1! path:s#2! readOnly:b#3
core/v1.HTTPGetAction path:s#1 port:O#2! host:s#3 scheme:s~v1.URIScheme#4 httpHeaders:[@core/v1.HTTPHeader#5
core/v1.HTTPHeader name:s#1! value:s#2!
core/v1.HostAlias ip:s#1! hostnames:[s#2
core/v1.HostIP ip:s#1!
core/v1.HostPathVolumeSource path:s#1! type:*s~v1.HostPathType#2
core/v1.ISCSIPersistentVolumeSource targetPortal:s#1! iqn:s#2! lun:i#3! iscsiInterface:s#4 fsType:s#5 readOnly:b#6 portals:[s#7 chapAuthDiscovery:b#8 chapAuthSession:b#11 secretRef:*@core/v1.SecretReference#10 initiatorName:*s#12
core/v1.ISCSIVolumeSource targetPortal:s#1! iqn:s#2! lun:i#3! iscsiInterface:s#4 fsType:s#5 readOnly:b#6 portals:[s#7 chapAuthDiscovery:b#8 chapAuthSession:b#11 secretRef:*@core/v1.LocalObjectReference#10 initiatorName:*s#12
core/v1.ImageVolumeSource reference:s#1 pullPolicy:s~v1.PullPolicy#2
core/v1.ImageVolumeStatus imageRef:s#1
core/v1.KeyToPath key:s#1! path:s#2! mode:*i#3
core/v1.Lifecycle postStart:*@core/v1.LifecycleHandler#1 preStop:*@core/v1.LifecycleHandler#2 stopSignal:*s~v1.Signal#3
core/v1.LifecycleHandler exec:*@core/v1.ExecAction#1 httpGet:*@core/v1.HTTPGetAction#2 tcpSocket:*@core/v1.TCPSocketAction#3 sleep:*@core/v1.SleepAction#4
core/v1.LimitRange kind:s apiVersion:s metadata:@meta/v1.ObjectMeta#1 spec:@core/v1.LimitRangeSpec#2
core/v1.LimitRangeItem type:s~v1.LimitType#1! max:{Q#2 min:{Q#3 default:{Q#4 defaultRequest:{Q#5 maxLimitRequestRatio:{Q#6
core/v1.LimitRangeSpec limits:[@core/v1.LimitRangeItem#1!
core/v1.LinuxContainerUser uid:I#1! gid:I#2! supplementalGroups:[I#3
core/v1.LoadBalancerIngress ip:s#1 hostname:s#2 ipMode:*s~v1.LoadBalancerIPMode#3 ports:[@core/v1.PortStatus#4
core/v1.LoadBalancerStatus ingress:[@core/v1.LoadBalancerIngress#1
core/v1.LocalObjectReference name:s#1
core/v1.LocalVolumeSource path:s#1! fsType:*s#2
core/v1.ModifyVolumeStatus targetVolumeAttributesClassName:s#1 status:s~v1.PersistentVolumeClaimModifyVolumeStatus#2!
core/v1.NFSVolumeSource server:s#1! path:s#2! readOnly:b#3
core/v1.Namespace kind:s apiVersion:s metadata:@meta/v1.ObjectMeta#1 spec:@core/v1.NamespaceSpec#2 status:@core/v1.NamespaceStatus#3
core/v1.NamespaceCondition type:s~v1.NamespaceConditionType#1! status:s~v1.ConditionStatus#2! lastTransitionTime:T#4 reason:s#5 message:s#6
core/v1.NamespaceSpec finalizers:[s~v1.FinalizerName#1
core/v1.NamespaceStatus phase:s~v1.NamespacePhase#1 conditions:[@core/v1.NamespaceCondition#2
core/v1.Node kind:s apiVersion:s metadata:@meta/v1.ObjectMeta#1 spec:@core/v1.NodeSpec#2 status:@core/v1.NodeStatus#3
core/v1.NodeAddress type:s~v1.NodeAddressType#1! address:s#2!
core/v1.NodeAffinity requiredDuringSchedulingIgnoredDuringExecution:*@core/v1.NodeSelector#1 preferredDuringSchedulingIgnoredDuringExecution:[@core/v1.PreferredSchedulingTerm#2
core/v1.NodeAllocatableResourceClaimStatus resourceClaimName:s#1! containers:[s#2 resources:{Q#3!
core/v1.NodeCondition type:s~v1.NodeConditionType#1! status:s~v1.ConditionStatus#2! lastHeartbeatTime:T#3 lastTransitionTime:T#4 reason:s#5 message:s#6
core/v1.NodeConfigSource configMap:*@core/v1.ConfigMapNodeConfigSource#2
core/v1.NodeConfigStatus assigned:*@core/v1.NodeConfigSource#1 active:*@core/v1.NodeConfigSource#2 lastKnownGood:*@core/v1.NodeConfigSource#3 error:s#4
core/v1.NodeDaemonEndpoints kubeletEndpoint:@core/v1.DaemonEndpoint#1
core/v1.NodeFeatures supplementalGroupsPolicy:*b#1
core/v1.NodeRuntimeHandler name:s#1! features:*@core/v1.NodeRuntimeHandlerFeatures#2
core/v1.NodeRuntimeHandlerFeatures recursiveReadOnlyMounts:*b#1 userNamespaces:*b#2
core/v1.NodeSelector nodeSelectorTerms:[@core/v1.NodeSelectorTerm#1!
core/v1.NodeSelectorRequirement key:s#1! operator:s~v1.NodeSelectorOperator#2! values:[s#3
core/v1.NodeSelectorTerm matchExpressions:[@core/v1.NodeSelectorRequirement#1 matchFields:[@core/v1.NodeSelectorRequirement#2
core/v1.NodeSpec podCIDR:s#1 podCIDRs:[s#7 providerID:s#3 unschedulable:b#4 taints:[@core/v1.Taint#5 configSource:*@core/v1.NodeConfigSource#6 externalID:s#2
core/v1.NodeStatus capacity:{Q#1 allocatable:{Q#2 phase:s~v1.NodePhase#3 conditions:[@core/v1.NodeCondition#4 addresses:[@core/v1.NodeAddress#5 daemonEndpoints:@core/v1.NodeDaemonEndpoints#6 nodeInfo:@core/v1.NodeSystemInfo#7 images:[@core/v1.ContainerImage#8 volumesInUse:[s~v1.UniqueVolumeName#9 volumesAttached:[@core/v1.AttachedVolume#10 config:*@core/v1.NodeConfigStatus#11 runtimeHandlers:[@core/v1.NodeRuntimeHandler#12 features:*@core/v1.NodeFeatures#13 declaredFeatures:[s#14
core/v1.NodeSwapStatus capacity:*I#1
core/v1.NodeSystemInfo machineID:s#1! systemUUID:s#2! bootID:s#3! kernelVersion:s#4! osImage:s#5! containerRuntimeVersion:s#6! kubeletVersion:s#7! kubeProxyVersion:s#8! operatingSystem:s#9! architecture:s#10! swap:*@core/v1.NodeSwapStatus#11
core/v1.ObjectFieldSelector apiVersion:s#1 fieldPath:s#2!
core/v1.ObjectReference kind:s#1 namespace:s#2 name:s#3 uid:s~types.UID#4 apiVersion:s#5 resourceVersion:s#6 fieldPath:s#7
core/v1.PersistentVolume kind:s apiVersion:s metadata:@meta/v1.ObjectMeta#1 spec:@core/v1.PersistentVolumeSpec#2 status:@core/v1.PersistentVolumeStatus#3
core/v1.PersistentVolumeClaim kind:s apiVersion:s metadata:@meta/v1.ObjectMeta#1 spec:@core/v1.PersistentVolumeClaimSpec#2 status:@core/v1.PersistentVolumeClaimStatus#3
core/v1.PersistentVolumeClaimCondition type:s~v1.PersistentVolumeClaimConditionType#1! status:s~v1.ConditionStatus#2! lastProbeTime:T#3 lastTransitionTime:T#4 reason:s#5 message:s#6
core/v1.PersistentVolumeClaimSpec accessModes:[s~v1.PersistentVolumeAccessMode#1 selector:*@meta/v1.LabelSelector#4 resources:@core/v1.VolumeResourceRequirements#2 volumeName:s#3 storageClassName:*s#5 volumeMode:*s~v1.PersistentVolumeMode#6 dataSource:*@core/v1.TypedLocalObjectReference#7 dataSourceRef:*@core/v1.TypedObjectReference#8 volumeAttributesClassName:*s#9
core/v1.PersistentVolumeClaimStatus phase:s~v1.PersistentVolumeClaimPhase#1 accessModes:[s~v1.PersistentVolumeAccessMode#2 capacity:{Q#3 conditions:[@core/v1.PersistentVolumeClaimCondition#4 allocatedResources:{Q#5 allocatedResourceStatuses:{s~v1.ClaimResourceStatus#7 currentVolumeAttributesClassName:*s#8 modifyVolumeStatus:*@core/v1.ModifyVolumeStatus#9
core/v1.PersistentVolumeClaimTemplate metadata:@meta/v1.ObjectMeta#1 spec:@core/v1.PersistentVolumeClaimSpec#2!
core/v1.PersistentVolumeClaimVolumeSource claimName:s#1! readOnly:b#2
core/v1.PersistentVolumeSpec capacity:{Q#1 gcePersistentDisk:*@core/v1.GCEPersistentDiskVolumeSource#2.1 awsElasticBlockStore:*@core/v1.AWSElasticBlockStoreVolumeSource#2.2 hostPath:*@core/v1.HostPathVolumeSource#2.3 glusterfs:*@core/v1.GlusterfsPersistentVolumeSource#2.4 nfs:*@core/v1.NFSVolumeSource#2.5 rbd:*@core/v1.RBDPersistentVolumeSource#2.6 iscsi:*@core/v1.ISCSIPersistentVolumeSource#2.7 cinder:*@core/v1.CinderPersistentVolumeSource#2.8 cephfs:*@core/v1.CephFSPersistentVolumeSource#2.9 fc:*@core/v1.FCVolumeSource#2.10 flocker:*@core/v1.FlockerVolumeSource#2.11 flexVolume:*@core/v1.FlexPersistentVolumeSource#2.12 azureFile:*@core/v1.AzureFilePersistentVolumeSource#2.13 vsphereVolume:*@core/v1.VsphereVirtualDiskVolumeSource#2.14 quobyte:*@core/v1.QuobyteVolumeSource#2.15 azureDisk:*@core/v1.AzureDiskVolumeSource#2.16 photonPersistentDisk:*@core/v1.PhotonPersistentDiskVolumeSource#2.17 portworxVolume:*@core/v1.PortworxVolumeSource#2.18 scaleIO:*@core/v1.ScaleIOPersistentVolumeSource#2.19 local:*@core/v1.LocalVolumeSource#2.20 storageos:*@core/v1.StorageOSPersistentVolumeSource#2.21 csi:*@core/v1.CSIPersistentVolumeSource#2.22 accessModes:[s~v1.PersistentVolumeAccessMode#3 claimRef:*@core/v1.ObjectReference#4 persistentVolumeReclaimPolicy:s~v1.PersistentVolumeReclaimPolicy#5 storageClassName:s#6 mountOptions:[s#7 volumeMode:*s~v1.PersistentVolumeMode#8 nodeAffinity:*@core/v1.VolumeNodeAffinity#9 volumeAttributesClassName:*s#10
core/v1.PersistentVolumeStatus phase:s~v1.PersistentVolumePhase#1 message:s#2 reason:s#3 lastPhaseTransitionTime:*T#4
core/v1.PhotonPersistentDiskVolumeSource pdID:s#1! fsType:s#2
core/v1.Pod kind:s apiVersion:s metadata:@meta/v1.ObjectMeta#1 spec:@core/v1.PodSpec#2 status:@core/v1.PodStatus#3
core/v1.PodAffinity requiredDuringSchedulingIgnoredDuringExecution:[@core/v1.PodAffinityTerm#1 preferredDuringSchedulingIgnoredDuringExecution:[@core/v1.WeightedPodAffinityTerm#2
core/v1.PodAffinityTerm labelSelector:*@meta/v1.LabelSelector#1 namespaces:[s#2 topologyKey:s#3! namespaceSelector:*@meta/v1.LabelSelector#4 matchLabelKeys:[s#5 mismatchLabelKeys:[s#6
core/v1.PodAntiAffinity requiredDuringSchedulingIgnoredDuringExecution:[@core/v1.PodAffinityTerm#1 preferredDuringSchedulingIgnoredDuringExecution:[@core/v1.WeightedPodAffinityTerm#2
core/v1.PodCertificateProjection signerName:s#1 keyType:s#2 maxExpirationSeconds:*i#3 credentialBundlePath:s#4 keyPath:s#5 certificateChainPath:s#6 userAnnotations:{s#7
core/v1.PodCondition type:s~v1.PodConditionType#1! observedGeneration:I#7 status:s~v1.ConditionStatus#2! lastProbeTime:T#3 lastTransitionTime:T#4 reason:s#5 message:s#6
core/v1.PodDNSConfig nameservers:[s#1 searches:[s#2 options:[@core/v1.PodDNSConfigOption#3
core/v1.PodDNSConfigOption name:s#1 value:*s#2
core/v1.PodExtendedResourceClaimStatus requestMappings:[@core/v1.ContainerExtendedResourceRequest#1! resourceClaimName:s#2!
core/v1.PodIP ip:s#1!
core/v1.PodOS name:s~v1.OSName#1!
core/v1.PodReadinessGate conditionType:s~v1.PodConditionType#1!
core/v1.PodResourceClaim name:s#1! resourceClaimName:*s#3 resourceClaimTemplateName:*s#4
core/v1.PodResourceClaimStatus name:s#1! resourceClaimName:*s#2
core/v1.PodSchedulingGate name:s#1!
core/v1.PodSchedulingGroup podGroupName:*s#1
core/v1.PodSecurityContext seLinuxOptions:*@core/v1.SELinuxOptions#1 windowsOptions:*@core/v1.WindowsSecurityContextOptions#8 runAsUser:*I#2 runAsGroup:*I#6 runAsNonRoot:*b#3 supplementalGroups:[I#4 supplementalGroupsPolicy:*s~v1.SupplementalGroupsPolicy#12 fsGroup:*I#5 sysctls:[@core/v1.Sysctl#7 fsGroupChangePolicy:*s~v1.PodFSGroupChangePolicy#9 seccompProfile:*@core/v1.SeccompProfile#10 appArmorProfile:*@core/v1.AppArmorProfile#11 seLinuxChangePolicy:*s~v1.PodSELinuxChangePolicy#13
core/v1.PodSpec volumes:[@core/v1.Volume#1 initContainers:[@core/v1.Container#20 containers:[@core/v1.Container#2! ephemeralContainers:[@core/v1.EphemeralContainer#34 restartPolicy:s~v1.RestartPolicy#3 terminationGracePeriodSeconds:*I#4 activeDeadlineSeconds:*I#5 dnsPolicy:s~v1.DNSPolicy#6 nodeSelector:{s#7 serviceAccountName:s#8 serviceAccount:s#9 automountServiceAccountToken:*b#21 nodeName:s#10 hostNetwork:b#11 hostPID:b#12 hostIPC:b#13 shareProcessNamespace:*b#27 securityContext:*@core/v1.PodSecurityContext#14 imagePullSecrets:[@core/v1.LocalObjectReference#15 hostname:s#16 subdomain:s#17 affinity:*@core/v1.Affinity#18 schedulerName:s#19 tolerations:[@core/v1.Toleration#22 hostAliases:[@core/v1.HostAlias#23 priorityClassName:s#24 priority:*i#25 dnsConfig:*@core/v1.PodDNSConfig#26 readinessGates:[@core/v1.PodReadinessGate#28 runtimeClassName:*s#29 enableServiceLinks:*b#30 preemptionPolicy:*s~v1.PreemptionPolicy#31 overhead:{Q#32 topologySpreadConstraints:[@core/v1.TopologySpreadConstraint#33 setHostnameAsFQDN:*b#35 os:*@core/v1.PodOS#36 hostUsers:*b#37 schedulingGates:[@core/v1.PodSchedulingGate#38 resourceClaims:[@core/v1.PodResourceClaim#39 resources:*@core/v1.ResourceRequirements#40 hostnameOverride:*s#41 schedulingGroup:*@core/v1.PodSchedulingGroup#43
core/v1.PodStatus observedGeneration:I#17 phase:s~v1.PodPhase#1 conditions:[@core/v1.PodCondition#2 message:s#3 reason:s#4 nominatedNodeName:s#11 hostIP:s#5 hostIPs:[@core/v1.HostIP#16 podIP:s#6 podIPs:[@core/v1.PodIP#12 startTime:*T#7 initContainerStatuses:[@core/v1.ContainerStatus#10 containerStatuses:[@core/v1.ContainerStatus#8 qosClass:s~v1.PodQOSClass#9 ephemeralContainerStatuses:[@core/v1.ContainerStatus#13 resize:s~v1.PodResizeStatus#14 resourceClaimStatuses:[@core/v1.PodResourceClaimStatus#15 extendedResourceClaimStatus:*@core/v1.PodExtendedResourceClaimStatus#18 allocatedResources:{Q#19 resources:*@core/v1.ResourceRequirements#20 nodeAllocatableResourceClaimStatuses:[@core/v1.NodeAllocatableResourceClaimStatus#21
core/v1.PodStatusResult kind:s apiVersion:s metadata:@meta/v1.ObjectMeta#1 status:@core/v1.PodStatus#2
core/v1.PodTemplate kind:s apiVersion:s metadata:@meta/v1.ObjectMeta#1 template:@core/v1.PodTemplateSpec#2
core/v1.PodTemplateSpec metadata:@meta/v1.ObjectMeta#1 spec:@core/v1.PodSpec#2
core/v1.PortStatus port:i#1! protocol:s~v1.Protocol#2! error:*s#3
core/v1.PortworxVolumeSource volumeID:s#1! fsType:s#2 readOnly:b#3
core/v1.PreferredSchedulingTerm weight:i#1! preference:@core/v1.NodeSelectorTerm#2!
core/v1.Probe exec:*@core/v1.ExecAction#1.1 httpGet:*@core/v1.HTTPGetAction#1.2 tcpSocket:*@core/v1.TCPSocketAction#1.3 grpc:*@core/v1.GRPCAction#1.4 initialDelaySeconds:i#2 timeoutSeconds:i#3 periodSeconds:i#4 successThreshold:i#5 failureThreshold:i#6 terminationGracePeriodSeconds:*I#7
core/v1.ProjectedVolumeSource sources:[@core/v1.VolumeProjection#1! defaultMode:*i#2
core/v1.QuobyteVolumeSource registry:s#1! volume:s#2! readOnly:b#3 user:s#4 group:s#5 tenant:s#6
core/v1.RBDPersistentVolumeSource monitors:[s#1! image:s#2! fsType:s#3 pool:s#4 user:s#5 keyring:s#6 secretRef:*@core/v1.SecretReference#7 readOnly:b#8
core/v1.RBDVolumeSource monitors:[s#1! image:s#2! fsType:s#3 pool:s#4 user:s#5 keyring:s#6 secretRef:*@core/v1.LocalObjectReference#7 readOnly:b#8
core/v1.RangeAllocation kind:s apiVersion:s metadata:@meta/v1.ObjectMeta#1 range:s#2! data:y#3!
core/v1.ReplicationController kind:s apiVersion:s metadata:@meta/v1.ObjectMeta#1 spec:@core/v1.ReplicationControllerSpec#2 status:@core/v1.ReplicationControllerStatus#3
core/v1.ReplicationControllerCondition type:s~v1.ReplicationControllerConditionType#1! status:s~v1.ConditionStatus#2! lastTransitionTime:T#3 reason:s#4 message:s#5
core/v1.ReplicationControllerSpec replicas:*i#1 minReadySeconds:i#4 selector:{s#2 template:*@core/v1.PodTemplateSpec#3
core/v1.ReplicationControllerStatus replicas:i#1! fullyLabeledReplicas:i#2 readyReplicas:i#4 availableReplicas:i#5 observedGeneration:I#3 conditions:[@core/v1.ReplicationControllerCondition#6
core/v1.ResourceClaim name:s#1! request:s#2
core/v1.ResourceFieldSelector containerName:s#1 resource:s#2! divisor:Q#3
core/v1.ResourceHealth resourceID:s~v1.ResourceID#1! health:s~v1.ResourceHealthStatus#2 message:*s#6
core/v1.ResourceQuota kind:s apiVersion:s metadata:@meta/v1.ObjectMeta#1 spec:@core/v1.ResourceQuotaSpec#2 status:@core/v1.ResourceQuotaStatus#3
core/v1.ResourceQuotaSpec hard:{Q#1 scopes:[s~v1.ResourceQuotaScope#2 scopeSelector:*@core/v1.ScopeSelector#3
core/v1.ResourceQuotaStatus hard:{Q#1 used:{Q#2
core/v1.ResourceRequirements limits:{Q#1 requests:{Q#2 claims:[@core/v1.ResourceClaim#3
core/v1.ResourceStatus name:s~v1.ResourceName#1! resources:[@core/v1.ResourceHealth#2
core/v1.SELinuxOptions user:s#1 role:s#2 type:s#3 level:s#4
core/v1.ScaleIOPersistentVolumeSource gateway:s#1! system:s#2! secretRef:*@core/v1.SecretReference#3! sslEnabled:b#4 protectionDomain:s#5 storagePool:s#6 storageMode:s#7 volumeName:s#8 fsType:s#9 readOnly:b#10
core/v1.ScaleIOVolumeSource gateway:s#1! system:s#2! secretRef:*@core/v1.LocalObjectReference#3! sslEnabled:b#4 protectionDomain:s#5 storagePool:s#6 storageMode:s#7 volumeName:s#8 fsType:s#9 readOnly:b#10
core/v1.ScopeSelector matchExpressions:[@core/v1.ScopedResourceSelectorRequirement#1
core/v1.ScopedResourceSelectorRequirement scopeName:s~v1.ResourceQuotaScope#1! operator:s~v1.ScopeSelectorOperator#2! values:[s#3
core/v1.SeccompProfile type:s~v1.SeccompProfileType#1! localhostProfile:*s#2
core/v1.Secret kind:s apiVersion:s metadata:@meta/v1.ObjectMeta#1 immutable:*b#5 data:{y#2 stringData:{s#4 type:s~v1.SecretType#3
core/v1.SecretEnvSource name:s#1.1 optional:*b#2
core/v1.SecretKeySelector name:s#1.1 key:s#2! optional:*b#3
core/v1.SecretProjection name:s#1.1 items:[@core/v1.KeyToPath#2 optional:*b#4
core/v1.SecretReference name:s#1 namespace:s#2
core/v1.SecretVolumeSource secretName:s#1 items:[@core/v1.KeyToPath#2 defaultMode:*i#3 optional:*b#4
core/v1.SecurityContext capabilities:*@core/v1.Capabilities#1 privileged:*b#2 seLinuxOptions:*@core/v1.SELinuxOptions#3 windowsOptions:*@core/v1.WindowsSecurityContextOptions#10 runAsUser:*I#4 runAsGroup:*I#8 runAsNonRoot:*b#5 readOnlyRootFilesystem:*b#6 allowPrivilegeEscalation:*b#7 procMount:*s~v1.ProcMountType#9 seccompProfile:*@core/v1.SeccompProfile#11 appArmorProfile:*@core/v1.AppArmorProfile#12
core/v1.SerializedReference kind:s apiVersion:s reference:@core/v1.ObjectReference#1
core/v1.Service kind:s apiVersion:s metadata:@meta/v1.ObjectMeta#1 spec:@core/v1.ServiceSpec#2 status:@core/v1.ServiceStatus#3
core/v1.ServiceAccount kind:s apiVersion:s metadata:@meta/v1.ObjectMeta#1 secrets:[@core/v1.ObjectReference#2 imagePullSecrets:[@core/v1.LocalObjectReference#3 automountServiceAccountToken:*b#4
core/v1.ServiceAccountTokenProjection audience:s#1 expirationSeconds:*I#2 path:s#3!
core/v1.ServicePort name:s#1 protocol:s~v1.Protocol#2 appProtocol:*s#6 port:i#3! targetPort:O#4 nodePort:i#5
core/v1.ServiceSpec ports:[@core/v1.ServicePort#1 selector:{s#2 clusterIP:s#3 clusterIPs:[s#18 type:s~v1.ServiceType#4 externalIPs:[s#5 sessionAffinity:s~v1.ServiceAffinity#7 loadBalancerIP:s#8 loadBalancerSourceRanges:[s#9 externalName:s#10 externalTrafficPolicy:s~v1.ServiceExternalTrafficPolicy#11 healthCheckNodePort:i#12 publishNotReadyAddresses:b#13 sessionAffinityConfig:*@core/v1.SessionAffinityConfig#14 ipFamilies:[s~v1.IPFamily#19 ipFamilyPolicy:*s~v1.IPFamilyPolicy#17 allocateLoadBalancerNodePorts:*b#20 loadBalancerClass:*s#21 internalTrafficPolicy:*s~v1.ServiceInternalTrafficPolicy#22 trafficDistribution:*s#23
core/v1.ServiceStatus loadBalancer:@core/v1.LoadBalancerStatus#1 conditions:[@meta/v1.Condition#2
core/v1.SessionAffinityConfig clientIP:*@core/v1.ClientIPConfig#1
core/v1.SleepAction seconds:I#1!
core/v1.StorageOSPersistentVolumeSource volumeName:s#1 volumeNamespace:s#2 fsType:s#3 readOnly:b#4 secretRef:*@core/v1.ObjectReference#5
core/v1.StorageOSVolumeSource volumeName:s#1 volumeNamespace:s#2 fsType:s#3 readOnly:b#4 secretRef:*@core/v1.LocalObjectReference#5
core/v1.Sysctl name:s#1! value:s#2!
core/v1.TCPSocketAction port:O#1! host:s#2
core/v1.Taint key:s#1! value:s#2 effect:s~v1.TaintEffect#3! timeAdded:*T#4
core/v1.Toleration key:s#1 operator:s~v1.TolerationOperator#2 value:s#3 effect:s~v1.TaintEffect#4 tolerationSeconds:*I#5
core/v1.TopologySelectorLabelRequirement key:s#1! values:[s#2!
core/v1.TopologySelectorTerm matchLabelExpressions:[@core/v1.TopologySelectorLabelRequirement#1
core/v1.TopologySpreadConstraint maxSkew:i#1! topologyKey:s#2! whenUnsatisfiable:s~v1.UnsatisfiableConstraintAction#3! labelSelector:*@meta/v1.LabelSelector#4 minDomains:*i#5 nodeAffinityPolicy:*s~v1.NodeInclusionPolicy#6 nodeTaintsPolicy:*s~v1.NodeInclusionPolicy#7 matchLabelKeys:[s#8
core/v1.TypedLocalObjectReference apiGroup:*s#1! kind:s#2! name:s#3!
core/v1.TypedObjectReference apiGroup:*s#1! kind:s#2! name:s#3! namespace:*s#4
core/v1.Volume name:s#1! hostPath:*@core/v1.HostPathVolumeSource#2.1 emptyDir:*@core/v1.EmptyDirVolumeSource#2.2 gcePersistentDisk:*@core/v1.GCEPersistentDiskVolumeSource#2.3 awsElasticBlockStore:*@core/v1.AWSElasticBlockStoreVolumeSource#2.4 gitRepo:*@core/v1.GitRepoVolumeSource#2.5 secret:*@core/v1.SecretVolumeSource#2.6 nfs:*@core/v1.NFSVolumeSource#2.7 iscsi:*@core/v1.ISCSIVolumeSource#2.8 glusterfs:*@core/v1.GlusterfsVolumeSource#2.9 persistentVolumeClaim:*@core/v1.PersistentVolumeClaimVolumeSource#2.10 rbd:*@core/v1.RBDVolumeSource#2.11 flexVolume:*@core/v1.FlexVolumeSource#2.12 cinder:*@core/v1.CinderVolumeSource#2.13 cephfs:*@core/v1.CephFSVolumeSource#2.14 flocker:*@core/v1.FlockerVolumeSource#2.15 downwardAPI:*@core/v1.DownwardAPIVolumeSource#2.16 fc:*@core/v1.FCVolumeSource#2.17 azureFile:*@core/v1.AzureFileVolumeSource#2.18 configMap:*@core/v1.ConfigMapVolumeSource#2.19 vsphereVolume:*@core/v1.VsphereVirtualDiskVolumeSource#2.20 quobyte:*@core/v1.QuobyteVolumeSource#2.21 azureDisk:*@core/v1.AzureDiskVolumeSource#2.22 photonPersistentDisk:*@core/v1.PhotonPersistentDiskVolumeSource#2.23 projected:*@core/v1.ProjectedVolumeSource#2.26 portworxVolume:*@core/v1.PortworxVolumeSource#2.24 scaleIO:*@core/v1.ScaleIOVolumeSource#2.25 storageos:*@core/v1.StorageOSVolumeSource#2.27 csi:*@core/v1.CSIVolumeSource#2.28 ephemeral:*@core/v1.EphemeralVolumeSource#2.29 image:*@core/v1.ImageVolumeSource#2.30
core/v1.VolumeDevice name:s#1! devicePath:s#2!
core/v1.VolumeMount name:s#1! readOnly:b#2 recursiveReadOnly:*s~v1.RecursiveReadOnlyMode#7 mountPath:s#3! subPath:s#4 mountPropagation:*s~v1.MountPropagationMode#5 subPathExpr:s#6
core/v1.VolumeMountStatus name:s#1! mountPath:s#2! readOnly:b#3 recursiveReadOnly:*s~v1.RecursiveReadOnlyMode#4 volumeStatus:*@core/v1.VolumeStatus#5
core/v1.VolumeNodeAffinity required:*@core/v1.NodeSelector#1
core/v1.VolumeProjection secret:*@core/v1.SecretProjection#1 downwardAPI:*@core/v1.DownwardAPIProjection#2 configMap:*@core/v1.ConfigMapProjection#3 serviceAccountToken:*@core/v1.ServiceAccountTokenProjection#4 clusterTrustBundle:*@core/v1.ClusterTrustBundleProjection#5 podCertificate:*@core/v1.PodCertificateProjection#6
core/v1.VolumeResourceRequirements limits:{Q#1 requests:{Q#2
core/v1.VolumeStatus image:*@core/v1.ImageVolumeStatus#1
core/v1.VsphereVirtualDiskVolumeSource volumePath:s#1! fsType:s#2 storagePolicyName:s#3 storagePolicyID:s#4
core/v1.WeightedPodAffinityTerm weight:i#1! podAffinityTerm:@core/v1.PodAffinityTerm#2!
core/v1.WindowsSecurityContextOptions gmsaCredentialSpecName:*s#1 gmsaCredentialSpec:*s#2 runAsUserName:*s#3 hostProcess:*b#4
discovery/v1.Endpoint addresses:[s#1! conditions:@discovery/v1.EndpointConditions#2 hostname:*s#3 targetRef:*@core/v1.ObjectReference#4 deprecatedTopology:{s#5 nodeName:*s#6 zone:*s#7 hints:*@discovery/v1.EndpointHints#8
discovery/v1.EndpointConditions ready:*b#1 serving:*b#2 terminating:*b#3
discovery/v1.EndpointHints forZones:[@discovery/v1.ForZone#1 forNodes:[@discovery/v1.ForNode#2
discovery/v1.EndpointPort name:*s#1 protocol:*s~v1.Protocol#2 port:*i#3 appProtocol:*s#4
discovery/v1.EndpointSlice kind:s apiVersion:s metadata:@meta/v1.ObjectMeta#1 addressType:s~v1.AddressType#4! endpoints:[@discovery/v1.Endpoint#2! ports:[@discovery/v1.EndpointPort#3!
discovery/v1.ForNode name:s#1!
discovery/v1.ForZone name:s#1!
events/v1.Event kind:s apiVersion:s metadata:@meta/v1.ObjectMeta#1! eventTime:M#2! series:*@events/v1.EventSeries#3 reportingController:s#4 reportingInstance:s#5 action:s#6 reason:s#7 regarding:@core/v1.ObjectReference#8 related:*@core/v1.ObjectReference#9 note:s#10 type:s#11 deprecatedSource:@core/v1.EventSource#12 deprecatedFirstTimestamp:T#13 deprecatedLastTimestamp:T#14 deprecatedCount:i#15
events/v1.EventSeries count:i#1! lastObservedTime:M#2!
flowcontrol/v1.ExemptPriorityLevelConfiguration nominalConcurrencyShares:*i#1 lendablePercent:*i#2
flowcontrol/v1.FlowDistinguisherMethod type:s~v1.FlowDistinguisherMethodType#1!
flowcontrol/v1.FlowSchema kind:s apiVersion:s metadata:@meta/v1.ObjectMeta#1 spec:@flowcontrol/v1.FlowSchemaSpec#2 status:@flowcontrol/v1.FlowSchemaStatus#3
flowcontrol/v1.FlowSchemaCondition type:s~v1.FlowSchemaConditionType#1 status:s~v1.ConditionStatus#2 lastTransitionTime:T#3 reason:s#4 message:s#5
flowcontrol/v1.FlowSchemaSpec priorityLevelConfiguration:@flowcontrol/v1.PriorityLevelConfigurationReference#1! matchingPrecedence:i#2! distinguisherMethod:*@flowcontrol/v1.FlowDistinguisherMethod#3 rules:[@flowcontrol/v1.PolicyRulesWithSubjects#4
flowcontrol/v1.FlowSchemaStatus conditions:[@flowcontrol/v1.FlowSchemaCondition#1
flowcontrol/v1.GroupSubject name:s#1!
flowcontrol/v1.LimitResponse type:s~v1.LimitResponseType#1! queuing:*@flowcontrol/v1.QueuingConfiguration#2
flowcontrol/v1.LimitedPriorityLevelConfiguration nominalConcurrencyShares:*i#1! limitResponse:@flowcontrol/v1.LimitResponse#2 lendablePercent:*i#3 borrowingLimitPercent:*i#4
flowcontrol/v1.NonResourcePolicyRule verbs:[s#1! nonResourceURLs:[s#6!
flowcontrol/v1.PolicyRulesWithSubjects subjects:[@flowcontrol/v1.Subject#1! resourceRules:[@flowcontrol/v1.ResourcePolicyRule#2 nonResourceRules:[@flowcontrol/v1.NonResourcePolicyRule#3
flowcontrol/v1.PriorityLevelConfiguration kind:s apiVersion:s metadata:@meta/v1.ObjectMeta#1 spec:@flowcontrol/v1.PriorityLevelConfigurationSpec#2 status:@flowcontrol/v1.PriorityLevelConfigurationStatus#3
flowcontrol/v1.PriorityLevelConfigurationCondition type:s~v1.PriorityLevelConfigurationConditionType#1 status:s~v1.ConditionStatus#2 lastTransitionTime:T#3 reason:s#4 message:s#5
flowcontrol/v1.PriorityLevelConfigurationReference name:s#1!
flowcontrol/v1.PriorityLevelConfigurationSpec type:s~v1.PriorityLevelEnablement#1! limited:*@flowcontrol/v1.LimitedPriorityLevelConfiguration#2 exempt:*@flowcontrol/v1.ExemptPriorityLevelConfiguration#3
flowcontrol/v1.PriorityLevelConfigurationStatus conditions:[@flowcontrol/v1.PriorityLevelConfigurationCondition#1
flowcontrol/v1.QueuingConfiguration queues:i#1! handSize:i#2! queueLengthLimit:i#3!
flowcontrol/v1.ResourcePolicyRule verbs:[s#1! apiGroups:[s#2! resources:[s#3! clusterScope:b#4 namespaces:[s#5!
flowcontrol/v1.ServiceAccountSubject namespace:s#1! name:s#2!
flowcontrol/v1.Subject kind:s~v1.SubjectKind#1! user:*@flowcontrol/v1.UserSubject#2 group:*@flowcontrol/v1.GroupSubject#3 serviceAccount:*@flowcontrol/v1.ServiceAccountSubject#4
flowcontrol/v1.UserSubject name:s#1!
meta/v1.APIGroup kind:s apiVersion:s name:s#1! versions:[@meta/v1.GroupVersionForDiscovery#2! preferredVersion:@meta/v1.GroupVersionForDiscovery#3 serverAddressByClientCIDRs:[@meta/v1.ServerAddressByClientCIDR#4
meta/v1.APIVersions kind:s apiVersion:s versions:[s#1! serverAddressByClientCIDRs:[@meta/v1.ServerAddressByClientCIDR#2!
meta/v1.Condition type:s#1! status:s~v1.ConditionStatus#2! observedGeneration:I#3 lastTransitionTime:T#4! reason:s#5! message:s#6!
meta/v1.DeleteOptions kind:s apiVersion:s gracePeriodSeconds:*I#1 preconditions:*@meta/v1.Preconditions#2 orphanDependents:*b#3 propagationPolicy:*s~v1.DeletionPropagation#4 dryRun:[s#5 ignoreStoreReadErrorWithClusterBreakingPotential:*b#6
meta/v1.FieldSelectorRequirement key:s#1! operator:s~v1.FieldSelectorOperator#2! values:[s#3
meta/v1.GroupVersionForDiscovery groupVersion:s#1! version:s#2!
meta/v1.LabelSelector matchLabels:{s#1 matchExpressions:[@meta/v1.LabelSelectorRequirement#2
meta/v1.LabelSelectorRequirement key:s#1! operator:s~v1.LabelSelectorOperator#2! values:[s#3
meta/v1.ListMeta selfLink:s#1 resourceVersion:s#2 continue:s#3 remainingItemCount:*I#4 shardInfo:*@meta/v1.ShardInfo#5
meta/v1.ManagedFieldsEntry manager:s#1 operation:s~v1.ManagedFieldsOperationType#2 apiVersion:s#3 time:*T#4 fieldsType:s#6 fieldsV1:*F#7 subresource:s#8
meta/v1.ObjectMeta name:s#1 generateName:s#2 namespace:s#3 selfLink:s#4 uid:s~types.UID#5 resourceVersion:s#6 generation:I#7 creationTimestamp:T#8? deletionTimestamp:*T#9 deletionGracePeriodSeconds:*I#10 labels:{s#11 annotations:{s#12 ownerReferences:[@meta/v1.OwnerReference#13 finalizers:[s#14 managedFields:[@meta/v1.ManagedFieldsEntry#17
meta/v1.OwnerReference apiVersion:s#5! kind:s#1! name:s#3! uid:s~types.UID#4! controller:*b#6 blockOwnerDeletion:*b#7
meta/v1.Preconditions uid:*s~types.UID#1 resourceVersion:*s#2
meta/v1.ServerAddressByClientCIDR clientCIDR:s#1! serverAddress:s#2!
meta/v1.ShardInfo selector:s#1!
meta/v1.Status kind:s apiVersion:s metadata:@meta/v1.ListMeta#1 status:s#2 message:s#3 reason:s~v1.StatusReason#4 details:*@meta/v1.StatusDetails#5 code:i#6
meta/v1.StatusCause reason:s~v1.CauseType#1 message:s#2 field:s#3
meta/v1.StatusDetails name:s#1 group:s#2 kind:s#3 uid:s~types.UID#6 causes:[@meta/v1.StatusCause#4 retryAfterSeconds:i#5
networking/v1.HTTPIngressPath path:s#1 pathType:*s~v1.PathType#3! backend:@networking/v1.IngressBackend#2!
networking/v1.HTTPIngressRuleValue paths:[@networking/v1.HTTPIngressPath#1!
networking/v1.IPAddress kind:s apiVersion:s metadata:@meta/v1.ObjectMeta#1 spec:@networking/v1.IPAddressSpec#2
networking/v1.IPAddressSpec parentRef:*@networking/v1.ParentReference#1
networking/v1.IPBlock cidr:s#1! except:[s#2
networking/v1.Ingress kind:s apiVersion:s metadata:@meta/v1.ObjectMeta#1 spec:@networking/v1.IngressSpec#2 status:@networking/v1.IngressStatus#3
networking/v1.IngressBackend service:*@networking/v1.IngressServiceBackend#4 resource:*@core/v1.TypedLocalObjectReference#3
networking/v1.IngressClass kind:s apiVersion:s metadata:@meta/v1.ObjectMeta#1 spec:@networking/v1.IngressClassSpec#2
networking/v1.IngressClassParametersReference apiGroup:*s#1 kind:s#2! name:s#3! scope:*s#4! namespace:*s#5
networking/v1.IngressClassSpec controller:s#1 parameters:*@networking/v1.IngressClassParametersReference#2
networking/v1.IngressLoadBalancerIngress ip:s#1 hostname:s#2 ports:[@networking/v1.IngressPortStatus#4
networking/v1.IngressLoadBalancerStatus ingress:[@networking/v1.IngressLoadBalancerIngress#1
networking/v1.IngressPortStatus port:i#1! protocol:s~v1.Protocol#2! error:*s#3
networking/v1.IngressRule host:s#1 http:*@networking/v1.HTTPIngressRuleValue#2.1
networking/v1.IngressServiceBackend name:s#1! port:@networking/v1.ServiceBackendPort#2
networking/v1.IngressSpec ingressClassName:*s#4 defaultBackend:*@networking/v1.IngressBackend#1 tls:[@networking/v1.IngressTLS#2 rules:[@networking/v1.IngressRule#3
networking/v1.IngressStatus loadBalancer:@networking/v1.IngressLoadBalancerStatus#1
networking/v1.IngressTLS hosts:[s#1 secretName:s#2
networking/v1.NetworkPolicy kind:s apiVersion:s metadata:@meta/v1.ObjectMeta#1 spec:@networking/v1.NetworkPolicySpec#2
networking/v1.NetworkPolicyEgressRule ports:[@networking/v1.NetworkPolicyPort#1 to:[@networking/v1.NetworkPolicyPeer#2
networking/v1.NetworkPolicyIngressRule ports:[@networking/v1.NetworkPolicyPort#1 from:[@networking/v1.NetworkPolicyPeer#2
networking/v1.NetworkPolicyPeer podSelector:*@meta/v1.LabelSelector#1 namespaceSelector:*@meta/v1.LabelSelector#2 ipBlock:*@networking/v1.IPBlock#3
networking/v1.NetworkPolicyPort protocol:*s~v1.Protocol#1 port:*O#2 endPort:*i#3
networking/v1.NetworkPolicySpec podSelector:@meta/v1.LabelSelector#1! ingress:[@networking/v1.NetworkPolicyIngressRule#2 egress:[@networking/v1.NetworkPolicyEgressRule#3 policyTypes:[s~v1.PolicyType#4
networking/v1.ParentReference group:s#1 resource:s#2 namespace:s#3 name:s#4
networking/v1.ServiceBackendPort name:s#1 number:i#2
networking/v1.ServiceCIDR kind:s apiVersion:s metadata:@meta/v1.ObjectMeta#1 spec:@networking/v1.ServiceCIDRSpec#2 status:@networking/v1.ServiceCIDRStatus#3
networking/v1.ServiceCIDRSpec cidrs:[s#1
networking/v1.ServiceCIDRStatus conditions:[@meta/v1.Condition#1
node/v1.Overhead podFixed:{Q#1
node/v1.RuntimeClass kind:s apiVersion:s metadata:@meta/v1.ObjectMeta#1 handler:s#2! overhead:*@node/v1.Overhead#3 scheduling:*@node/v1.Scheduling#4
node/v1.Scheduling nodeSelector:{s#1 tolerations:[@core/v1.Toleration#2
policy/v1.Eviction kind:s apiVersion:s metadata:@meta/v1.ObjectMeta#1 deleteOptions:*@meta/v1.DeleteOptions#2
policy/v1.PodDisruptionBudget kind:s apiVersion:s metadata:@meta/v1.ObjectMeta#1 spec:@policy/v1.PodDisruptionBudgetSpec#2 status:@policy/v1.PodDisruptionBudgetStatus#3
policy/v1.PodDisruptionBudgetSpec minAvailable:*O#1 selector:*@meta/v1.LabelSelector#2 maxUnavailable:*O#3 unhealthyPodEvictionPolicy:*s~v1.UnhealthyPodEvictionPolicyType#4
policy/v1.PodDisruptionBudgetStatus observedGeneration:I#1 disruptedPods:{T#2 disruptionsAllowed:i#3! currentHealthy:i#4! desiredHealthy:i#5! expectedPods:i#6! conditions:[@meta/v1.Condition#7
rbac/v1.AggregationRule clusterRoleSelectors:[@meta/v1.LabelSelector#1
rbac/v1.ClusterRole kind:s apiVersion:s metadata:@meta/v1.ObjectMeta#1 rules:[@rbac/v1.PolicyRule#2! aggregationRule:*@rbac/v1.AggregationRule#3
rbac/v1.ClusterRoleBinding kind:s apiVersion:s metadata:@meta/v1.ObjectMeta#1 subjects:[@rbac/v1.Subject#2 roleRef:@rbac/v1.RoleRef#3!
rbac/v1.PolicyRule verbs:[s#1! apiGroups:[s#2 resources:[s#3 resourceNames:[s#4 nonResourceURLs:[s#5
rbac/v1.Role kind:s apiVersion:s metadata:@meta/v1.ObjectMeta#1 rules:[@rbac/v1.PolicyRule#2!
rbac/v1.RoleBinding kind:s apiVersion:s metadata:@meta/v1.ObjectMeta#1 subjects:[@rbac/v1.Subject#2 roleRef:@rbac/v1.RoleRef#3!
rbac/v1.RoleRef apiGroup:s#1! kind:s#2! name:s#3!
rbac/v1.Subject kind:s#1! apiGroup:s#2 name:s#3! namespace:s#4
resource/v1.AllocatedDeviceStatus driver:s#1! pool:s#2! device:s#3! shareID:*s#7 conditions:[@meta/v1.Condition#4! data:*R#5 networkData:*@resource/v1.NetworkDeviceData#6
resource/v1.AllocationResult devices:@resource/v1.DeviceAllocationResult#1 nodeSelector:*@core/v1.NodeSelector#3 allocationTimestamp:*T#5
resource/v1.CELDeviceSelector expression:s#1!
resource/v1.CapacityRequestPolicy default:*Q#1! validValues:[Q#3 validRange:*@resource/v1.CapacityRequestPolicyRange#4
resource/v1.CapacityRequestPolicyRange min:*Q#1 max:*Q#2 step:*Q#3
resource/v1.CapacityRequirements requests:{Q#1
resource/v1.Counter value:Q#1!
resource/v1.CounterSet name:s#1! counters:{@resource/v1.Counter#2
resource/v1.Device name:s#1! attributes:{@resource/v1.DeviceAttribute#2 capacity:{@resource/v1.DeviceCapacity#3 consumesCounters:[@resource/v1.DeviceCounterConsumption#4 nodeName:*s#5 nodeSelector:*@core/v1.NodeSelector#6 allNodes:*b#7 taints:[@resource/v1.DeviceTaint#8 bindsToNode:*b#9 bindingConditions:[s#10 bindingFailureConditions:[s#11 allowMultipleAllocations:*b#12 nodeAllocatableResourceMappings:{@resource/v1.NodeAllocatableResourceMapping#13
resource/v1.DeviceAllocationConfiguration source:s~v1.AllocationConfigSource#1! requests:[s#2 opaque:*@resource/v1.OpaqueDeviceConfiguration#3.1
resource/v1.DeviceAllocationResult results:[@resource/v1.DeviceRequestAllocationResult#1 config:[@resource/v1.DeviceAllocationConfiguration#2
resource/v1.DeviceAttribute int:*I#2 bool:*b#3 string:*s#4 version:*s#5 ints:[I#6 bools:[b#7 strings:[s#8 versions:[s#9
resource/v1.DeviceCapacity value:Q#1! requestPolicy:*@resource/v1.CapacityRequestPolicy#2
resource/v1.DeviceClaim requests:[@resource/v1.DeviceRequest#1! constraints:[@resource/v1.DeviceConstraint#2 config:[@resource/v1.DeviceClaimConfiguration#3
resource/v1.DeviceClaimConfiguration requests:[s#1 opaque:*@resource/v1.OpaqueDeviceConfiguration#2.1
resource/v1.DeviceClass kind:s apiVersion:s metadata:@meta/v1.ObjectMeta#1 spec:@resource/v1.DeviceClassSpec#2!
resource/v1.DeviceClassConfiguration opaque:*@resource/v1.OpaqueDeviceConfiguration#1.1
resource/v1.DeviceClassSpec selectors:[@resource/v1.DeviceSelector#1 config:[@resource/v1.DeviceClassConfiguration#2 extendedResourceName:*s#4
resource/v1.DeviceConstraint requests:[s#1 matchAttribute:*s~v1.FullyQualifiedName#2 distinctAttribute:*s~v1.FullyQualifiedName#3
resource/v1.DeviceCounterConsumption counterSet:s#1! counters:{@resource/v1.Counter#2
resource/v1.DeviceRequest name:s#1! exactly:*@resource/v1.ExactDeviceRequest#2 firstAvailable:[@resource/v1.DeviceSubRequest#3
resource/v1.DeviceRequestAllocationResult request:s#1! driver:s#2! pool:s#3! device:s#4! adminAccess:*b#5 tolerations:[@resource/v1.DeviceToleration#6 bindingConditions:[s#7 bindingFailureConditions:[s#8 shareID:*s~types.UID#9 consumedCapacity:{Q#10
resource/v1.DeviceSelector cel:*@resource/v1.CELDeviceSelector#1
resource/v1.DeviceSubRequest name:s#1! deviceClassName:s#2! selectors:[@resource/v1.DeviceSelector#3 allocationMode:s~v1.DeviceAllocationMode#4 count:I#5 tolerations:[@resource/v1.DeviceToleration#6 capacity:*@resource/v1.CapacityRequirements#7
resource/v1.DeviceTaint key:s#1! value:s#2 effect:s~v1.DeviceTaintEffect#3! timeAdded:*T#4
resource/v1.DeviceToleration key:s#1 operator:s~v1.DeviceTolerationOperator#2 value:s#3 effect:s~v1.DeviceTaintEffect#4 tolerationSeconds:*I#5
resource/v1.ExactDeviceRequest deviceClassName:s#1! selectors:[@resource/v1.DeviceSelector#2 allocationMode:s~v1.DeviceAllocationMode#3 count:I#4 adminAccess:*b#5 tolerations:[@resource/v1.DeviceToleration#6 capacity:*@resource/v1.CapacityRequirements#7
resource/v1.NetworkDeviceData interfaceName:s#1 ips:[s#2 hardwareAddress:s#3
resource/v1.NodeAllocatableResourceMapping capacityKey:*s~v1.QualifiedName#1 allocationMultiplier:*Q#2
resource/v1.OpaqueDeviceConfiguration driver:s#1! parameters:R#2!
resource/v1.ResourceClaim kind:s apiVersion:s metadata:@meta/v1.ObjectMeta#1 spec:@resource/v1.ResourceClaimSpec#2! status:@resource/v1.ResourceClaimStatus#3
resource/v1.ResourceClaimConsumerReference apiGroup:s#1 resource:s#3! name:s#4! uid:s~types.UID#5!
resource/v1.ResourceClaimSpec devices:@resource/v1.DeviceClaim#1!
resource/v1.ResourceClaimStatus allocation:*@resource/v1.AllocationResult#1 reservedFor:[@resource/v1.ResourceClaimConsumerReference#2 devices:[@resource/v1.AllocatedDeviceStatus#4
resource/v1.ResourceClaimTemplate kind:s apiVersion:s metadata:@meta/v1.ObjectMeta#1 spec:@resource/v1.ResourceClaimTemplateSpec#2!
resource/v1.ResourceClaimTemplateSpec metadata:@meta/v1.ObjectMeta#1 spec:@resource/v1.ResourceClaimSpec#2!
resource/v1.ResourcePool name:s#1! generation:I#2! resourceSliceCount:I#3!
resource/v1.ResourceSlice kind:s apiVersion:s metadata:@meta/v1.ObjectMeta#1 spec:@resource/v1.ResourceSliceSpec#2!
resource/v1.ResourceSliceSpec driver:s#1! pool:@resource/v1.ResourcePool#2! nodeName:*s#3 nodeSelector:*@core/v1.NodeSelector#4 allNodes:*b#5 devices:[@resource/v1.Device#6 perDeviceNodeSelection:*b#7 sharedCounters:[@resource/v1.CounterSet#8
scheduling/v1.PriorityClass kind:s apiVersion:s metadata:@meta/v1.ObjectMeta#1 value:i#2! globalDefault:b#3 description:s#4 preemptionPolicy:*s~v1.PreemptionPolicy#5
storage/v1.CSIDriver kind:s apiVersion:s metadata:@meta/v1.ObjectMeta#1 spec:@storage/v1.CSIDriverSpec#2!
storage/v1.CSIDriverSpec attachRequired:*b#1 podInfoOnMount:*b#2 volumeLifecycleModes:[s~v1.VolumeLifecycleMode#3 storageCapacity:*b#4 fsGroupPolicy:*s~v1.FSGroupPolicy#5 tokenRequests:[@storage/v1.TokenRequest#6 requiresRepublish:*b#7 seLinuxMount:*b#8 nodeAllocatableUpdatePeriodSeconds:*I#9 serviceAccountTokenInSecrets:*b#10 preventPodSchedulingIfMissing:*b#11
storage/v1.CSINode kind:s apiVersion:s metadata:@meta/v1.ObjectMeta#1 spec:@storage/v1.CSINodeSpec#2!
storage/v1.CSINodeDriver name:s#1! nodeID:s#2! topologyKeys:[s#3! allocatable:*@storage/v1.VolumeNodeResources#4
storage/v1.CSINodeSpec drivers:[@storage/v1.CSINodeDriver#1!
storage/v1.CSIStorageCapacity kind:s apiVersion:s metadata:@meta/v1.ObjectMeta#1 nodeTopology:*@meta/v1.LabelSelector#2 storageClassName:s#3! capacity:*Q#4 maximumVolumeSize:*Q#5
storage/v1.StorageClass kind:s apiVersion:s metadata:@meta/v1.ObjectMeta#1 provisioner:s#2! parameters:{s#3 reclaimPolicy:*s~v1.PersistentVolumeReclaimPolicy#4 mountOptions:[s#5 allowVolumeExpansion:*b#6 volumeBindingMode:*s~v1.VolumeBindingMode#7 allowedTopologies:[@core/v1.TopologySelectorTerm#8
storage/v1.TokenRequest audience:s#1! expirationSeconds:*I#2
storage/v1.VolumeAttachment kind:s apiVersion:s metadata:@meta/v1.ObjectMeta#1 spec:@storage/v1.VolumeAttachmentSpec#2! status:@storage/v1.VolumeAttachmentStatus#3
storage/v1.VolumeAttachmentSource persistentVolumeName:*s#1 inlineVolumeSpec:*@core/v1.PersistentVolumeSpec#2
storage/v1.VolumeAttachmentSpec attacher:s#1! source:@storage/v1.VolumeAttachmentSource#2! nodeName:s#3!
storage/v1.VolumeAttachmentStatus attached:b#1! attachmentMetadata:{s#2 attachError:*@storage/v1.VolumeError#3 detachError:*@storage/v1.VolumeError#4
storage/v1.VolumeAttributesClass kind:s apiVersion:s metadata:@meta/v1.ObjectMeta#1 driverName:s#2! parameters:{s#3
storage/v1.VolumeError time:T#1 message:s#2 errorCode:*i#3
storage/v1.VolumeNodeResources count:*i#1
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
