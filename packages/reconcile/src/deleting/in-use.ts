import {
  groupOf,
  isClusterError,
  kindKeyOf,
  type Cluster,
  type KindInfo,
  type KindRef,
  type KubeObject,
} from "@gitops-toolkit/kube"
import { inParallel } from "../applying/concurrent.ts"
import { isOurs, type Ownership } from "../ownership.ts"

/** What the search for other people's objects needs. */
export interface InUseOptions {
  readonly ownership: Ownership
  readonly signal?: AbortSignal | undefined
}

/**
 * True when deleting `container`, a Namespace or a CustomResourceDefinition, would delete objects that are not this
 * owner's. Dependents of other objects, and what Kubernetes itself puts into every Namespace, do not count. What
 * cannot be listed may hold anything: true. False for any other object.
 */
export async function isInUse(cluster: Cluster, container: KubeObject, options: InUseOptions): Promise<boolean> {
  const key = kindKeyOf(container)
  if (key === "apiextensions.k8s.io/CustomResourceDefinition") return isDefinitionInUse(cluster, container, options)
  return key === "/Namespace" ? isNamespaceInUse(cluster, container.metadata.name ?? "", options) : false
}

async function isDefinitionInUse(cluster: Cluster, definition: KubeObject, options: InUseOptions): Promise<boolean> {
  const kind = definedKind(definition)
  return kind === undefined
    ? false
    : holdsForeign(cluster, { kind, ...options, isForeign: (one) => !isOurs(one, options.ownership) })
}

function definedKind(definition: KubeObject): KindRef | undefined {
  const {
    group,
    names,
    versions = [],
  } = (definition.spec ?? {}) as {
    readonly group?: string
    readonly names?: { readonly kind?: string }
    readonly versions?: readonly { readonly name?: string; readonly served?: boolean }[]
  }
  const version = versions.find(({ served }) => served)?.name
  if (group === undefined || names?.kind === undefined || version === undefined) return undefined
  return { apiVersion: `${group}/${version}`, kind: names.kind }
}

async function isNamespaceInUse(cluster: Cluster, namespace: string, options: InUseOptions): Promise<boolean> {
  const catalog = await cluster.kinds({ signal: options.signal })
  if (!catalog.complete) return true
  const isForeign = (one: KubeObject): boolean =>
    !isOurs(one, options.ownership) && !isDependent(one) && !isSystems(one)
  const search = { namespace, isForeign, ...options }
  const looks = inParallel(listedKinds(catalog.kinds), 8, (kind) => holdsForeign(cluster, { kind, ...search }))
  for await (const found of looks) if (found) return true
  return false
}

/** Every namespaced kind that can be listed, in one version each, but for those that only follow other objects. */
function listedKinds(kinds: readonly KindInfo[]): readonly KindRef[] {
  const listed = kinds.filter(
    ({ namespaced, verbs }) => namespaced && verbs.includes("list") && verbs.includes("delete"),
  )
  const unique = new Map<string, KindInfo>()
  for (const kind of listed) if (!unique.has(kindKeyOf(kind))) unique.set(kindKeyOf(kind), kind)
  return [...unique.values()].filter((kind) => !followers.has(kindKeyOf(kind)))
}

const followers: ReadonlySet<string> = new Set([
  "/Event",
  "events.k8s.io/Event",
  "/Endpoints",
  "discovery.k8s.io/EndpointSlice",
  "coordination.k8s.io/Lease",
  "metrics.k8s.io/PodMetrics",
])

const systems: ReadonlySet<string> = new Set([
  "ConfigMap/kube-root-ca.crt",
  "ConfigMap/openshift-service-ca.crt",
  "ConfigMap/istio-ca-root-cert",
  "ServiceAccount/default",
  "ServiceAccount/builder",
  "ServiceAccount/deployer",
])

function isSystems({ apiVersion, kind, metadata }: KubeObject): boolean {
  if (groupOf(apiVersion) !== "") return false
  // Tokens of service accounts, which old clusters make by themselves.
  const isToken = kind === "Secret" && metadata.annotations?.["kubernetes.io/service-account.name"] !== undefined
  return isToken || systems.has(`${kind}/${metadata.name}`)
}

function isDependent({ metadata }: KubeObject): boolean {
  return (metadata.ownerReferences?.length ?? 0) > 0
}

interface Search {
  readonly kind: KindRef
  readonly namespace?: string
  readonly isForeign: (object: KubeObject) => boolean
  readonly signal?: AbortSignal | undefined
}

async function holdsForeign(cluster: Cluster, { kind, isForeign, ...options }: Search): Promise<boolean> {
  try {
    for await (const { objects } of cluster.list(kind, options)) if (objects.some(isForeign)) return true
    return false
  } catch (error) {
    if (isClusterError(error, "KindNotFound", "NotFound", "MethodNotAllowed")) return false
    if (isClusterError(error, "Forbidden")) return true
    throw error
  }
}
