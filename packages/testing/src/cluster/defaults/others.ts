import { all, each, ensured, fill, fills, has, within, type Filler, type Part } from "./fill.ts"

/** The defaults of a Secret. */
export const secret: Filler = fills({ type: "Opaque" })

/** The defaults of a Namespace. */
export const namespace: Filler = ensured("status", fills({ phase: "Active" }))

/** The defaults of a PersistentVolumeClaim. */
export const claim: Filler = all(
  within("spec", fills({ volumeMode: "Filesystem" })),
  ensured("status", fills({ phase: "Pending" })),
)

/** The defaults of a PersistentVolume. */
export const volume: Filler = all(
  within(
    "spec",
    all(
      fills({ persistentVolumeReclaimPolicy: "Retain", volumeMode: "Filesystem" }),
      within("hostPath", fills({ type: "" })),
    ),
  ),
  ensured("status", fills({ phase: "Pending" })),
)

/** The defaults of a StorageClass. */
export const storageClass: Filler = fills({ reclaimPolicy: "Delete", volumeBindingMode: "Immediate" })

const rbac = "rbac.authorization.k8s.io"
const subject: Filler = (part) => {
  const group = part["kind"] === "User" || part["kind"] === "Group" ? rbac : undefined
  return has(part, "apiGroup") && part["apiGroup"] !== "" ? part : fill(part, { apiGroup: group })
}

/** The defaults of a RoleBinding and a ClusterRoleBinding. */
export const roleBinding: Filler = all(
  within("roleRef", (part) => (part["apiGroup"] ? part : { ...part, apiGroup: rbac })),
  each("subjects", subject),
)

const cpuTarget = { name: "cpu", target: { type: "Utilization", averageUtilization: 80 } }
const scalingRules = (policies: readonly Part[], window?: number): Filler =>
  fills({ selectPolicy: "Max", policies, ...(window !== undefined && { stabilizationWindowSeconds: window }) })
const percent = { type: "Percent", value: 100, periodSeconds: 15 }

/** The defaults of a HorizontalPodAutoscaler (v2). */
export const horizontalPodAutoscaler: Filler = within(
  "spec",
  all(
    fills({ minReplicas: 1 }),
    (spec) =>
      Array.isArray(spec["metrics"]) && spec["metrics"].length > 0
        ? spec
        : { ...spec, metrics: [{ type: "Resource", resource: cpuTarget }] },
    within(
      "behavior",
      all(
        ensured("scaleUp", scalingRules([{ type: "Pods", value: 4, periodSeconds: 15 }, percent], 0)),
        ensured("scaleDown", scalingRules([percent])),
      ),
    ),
  ),
)

/** The defaults of a PriorityClass. */
export const priorityClass: Filler = fills({ preemptionPolicy: "PreemptLowerPriority" })

const webhook = (reinvocation: boolean): Filler =>
  all(
    fills({
      failurePolicy: "Fail",
      matchPolicy: "Equivalent",
      namespaceSelector: {},
      objectSelector: {},
      timeoutSeconds: 10,
    }),
    reinvocation ? fills({ reinvocationPolicy: "Never" }) : (part) => part,
    each("rules", fills({ scope: "*" })),
    within("clientConfig", within("service", fills({ port: 443 }))),
  )

/** The defaults of a ValidatingWebhookConfiguration. */
export const validatingWebhooks: Filler = each("webhooks", webhook(false))

/** The defaults of a MutatingWebhookConfiguration. */
export const mutatingWebhooks: Filler = each("webhooks", webhook(true))

/** The defaults of a CSIDriver. */
export const csiDriver: Filler = within(
  "spec",
  fills({
    attachRequired: true,
    podInfoOnMount: false,
    storageCapacity: false,
    fsGroupPolicy: "ReadWriteOnceWithFSType",
    volumeLifecycleModes: ["Persistent"],
    requiresRepublish: false,
    seLinuxMount: false,
  }),
)
