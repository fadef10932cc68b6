/** What the server does with one built-in resource beyond storing it. */
export interface Behaviour {
  /** `metadata.generation` is kept: 1 at creation, up when something outside metadata and status changes. */
  readonly generation: boolean
  /** What counts for the generation beside the content; `nothing` when not even that does. */
  readonly counts: "content" | "annotations" | "labels" | "nothing"
  /** For the generation an empty map or list differs from none: the server compares what it read with what it kept. */
  readonly emptyCounts: boolean
  /** A PUT without resourceVersion replaces whatever is there. */
  readonly unconditionalUpdate: boolean
  /** A PUT of what does not exist creates it. */
  readonly createOnUpdate: boolean
  /** DELETE answers the object instead of a Status. */
  readonly answersObject: boolean
  /** What happens to dependents when the request does not say. */
  readonly propagation: "Background" | "Orphan"
  /** The name rule of `metadata.name`. */
  readonly names: "subdomain" | "label" | "service" | "path"
}

const plain: Behaviour = {
  generation: false,
  counts: "content",
  emptyCounts: false,
  unconditionalUpdate: true,
  createOnUpdate: false,
  answersObject: false,
  propagation: "Background",
  names: "subdomain",
}

const admission = "admissionregistration.k8s.io"

const generational: ReadonlySet<string> = new Set([
  "pods",
  "podtemplates",
  "replicationcontrollers",
  "daemonsets.apps",
  "deployments.apps",
  "replicasets.apps",
  "statefulsets.apps",
  "cronjobs.batch",
  "jobs.batch",
  "customresourcedefinitions.apiextensions.k8s.io",
  "deviceclasses.resource.k8s.io",
  "endpointslices.discovery.k8s.io",
  "flowschemas.flowcontrol.apiserver.k8s.io",
  "ingressclasses.networking.k8s.io",
  "ingresses.networking.k8s.io",
  `mutatingadmissionpolicies.${admission}`,
  `mutatingadmissionpolicybindings.${admission}`,
  `mutatingwebhookconfigurations.${admission}`,
  "networkpolicies.networking.k8s.io",
  "poddisruptionbudgets.policy",
  "priorityclasses.scheduling.k8s.io",
  "prioritylevelconfigurations.flowcontrol.apiserver.k8s.io",
  "resourceslices.resource.k8s.io",
  `validatingadmissionpolicies.${admission}`,
  `validatingadmissionpolicybindings.${admission}`,
  `validatingwebhookconfigurations.${admission}`,
])

/** Their updates are compared with Go's reflect.DeepEqual. */
const reflective: ReadonlySet<string> = new Set([
  `mutatingwebhookconfigurations.${admission}`,
  `validatingwebhookconfigurations.${admission}`,
  "networkpolicies.networking.k8s.io",
])

/** PUT needs a resourceVersion. */
const conditional: ReadonlySet<string> = new Set([
  "apiservices.apiregistration.k8s.io",
  "csidrivers.storage.k8s.io",
  "csinodes.storage.k8s.io",
  "csistoragecapacities.storage.k8s.io",
  "customresourcedefinitions.apiextensions.k8s.io",
  "leases.coordination.k8s.io",
  `mutatingadmissionpolicies.${admission}`,
  `mutatingadmissionpolicybindings.${admission}`,
  `mutatingwebhookconfigurations.${admission}`,
  "poddisruptionbudgets.policy",
  "runtimeclasses.node.k8s.io",
  `validatingadmissionpolicies.${admission}`,
  `validatingadmissionpolicybindings.${admission}`,
  `validatingwebhookconfigurations.${admission}`,
  "volumeattachments.storage.k8s.io",
])

/** PUT of what does not exist creates it. */
const creatable: ReadonlySet<string> = new Set([
  "clusterrolebindings.rbac.authorization.k8s.io",
  "clusterroles.rbac.authorization.k8s.io",
  "endpoints",
  "events",
  "leases.coordination.k8s.io",
  "limitranges",
  "rolebindings.rbac.authorization.k8s.io",
  "roles.rbac.authorization.k8s.io",
  "runtimeclasses.node.k8s.io",
  "services",
])

/** DELETE answers the object. */
const returning: ReadonlySet<string> = new Set([
  "csidrivers.storage.k8s.io",
  "csinodes.storage.k8s.io",
  "deviceclasses.resource.k8s.io",
  "namespaces",
  "persistentvolumeclaims",
  "persistentvolumes",
  "pods",
  "podtemplates",
  "resourceclaims.resource.k8s.io",
  "resourceclaimtemplates.resource.k8s.io",
  "resourcequotas",
  "resourceslices.resource.k8s.io",
  "serviceaccounts",
  "services",
  "storageclasses.storage.k8s.io",
  "volumeattachments.storage.k8s.io",
  "volumeattributesclasses.storage.k8s.io",
])

const names: { readonly [table: string]: Behaviour["names"] } = {
  namespaces: "label",
  services: "service",
  "statefulsets.apps": "label",
  "clusterrolebindings.rbac.authorization.k8s.io": "path",
  "clusterroles.rbac.authorization.k8s.io": "path",
  "rolebindings.rbac.authorization.k8s.io": "path",
  "roles.rbac.authorization.k8s.io": "path",
}

const counts: { readonly [table: string]: Behaviour["counts"] } = {
  "deployments.apps": "annotations",
  "endpointslices.discovery.k8s.io": "labels",
  "priorityclasses.scheduling.k8s.io": "nothing",
}

const known = new Map<string, Behaviour>()

/** The behaviour of a built-in resource, by its table. */
export function behaviourOf(table: string): Behaviour {
  let behaviour = known.get(table)
  if (!behaviour) {
    behaviour = {
      ...plain,
      generation: generational.has(table),
      counts: counts[table] ?? "content",
      emptyCounts: reflective.has(table),
      unconditionalUpdate: !conditional.has(table),
      createOnUpdate: creatable.has(table),
      answersObject: returning.has(table),
      propagation: table === "jobs.batch" || table === "replicationcontrollers" ? "Orphan" : "Background",
      names: names[table] ?? "subdomain",
    }
    known.set(table, behaviour)
  }
  return behaviour
}

/** The behaviour of custom resources. */
export const customBehaviour: Behaviour = { ...plain, generation: true, unconditionalUpdate: false }
