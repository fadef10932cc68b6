import type { KubeObject } from "@gitops-toolkit/kube"
import { TestingError } from "../../error.ts"
import { establish } from "../custom/establish.ts"
import { liveAt } from "./commit.ts"
import { createObject } from "./create.ts"
import { decodeValue } from "./decode.ts"
import { bootstrapRoles } from "../serve/access/roles.generated.ts"
import type { ServerState } from "../state.ts"

/** Who a cluster's first objects are from. */
const given = "seed"
const serverItself = "kube-apiserver"

const apiService: KubeObject = {
  apiVersion: "v1",
  kind: "Service",
  metadata: { name: "kubernetes", namespace: "default", labels: { component: "apiserver", provider: "kubernetes" } },
  spec: {
    clusterIP: "10.0.0.1",
    ipFamilyPolicy: "SingleStack",
    ports: [{ name: "https", port: 443, targetPort: 6443 }],
  },
}

const critical = "Used for system critical pods that must"
const priorityClasses: readonly KubeObject[] = [
  {
    metadata: { name: "system-cluster-critical" },
    value: 2_000_000_000,
    description: `${critical} run in the cluster, but can be moved to another node if necessary.`,
  },
  {
    metadata: { name: "system-node-critical" },
    value: 2_000_001_000,
    description: `${critical} not be moved from their current node.`,
  },
].map((each) => ({ apiVersion: "scheduling.k8s.io/v1", kind: "PriorityClass", ...each }))

/** The namespaces that every cluster has, the Service of the API, and the highest priorities. */
export function seedSystem(state: ServerState): void {
  for (const name of ["default", "kube-node-lease", "kube-public", "kube-system"]) {
    put(state, { apiVersion: "v1", kind: "Namespace", metadata: { name } }, serverItself)
  }
  put(state, apiService, serverItself)
  for (const object of priorityClasses) put(state, object, serverItself)
}

/** The roles that every cluster with RBAC has. */
export function seedRoles(state: ServerState): void {
  for (const object of JSON.parse(bootstrapRoles) as KubeObject[]) put(state, object, serverItself)
}

/** Stores objects through the whole pipeline of a creation; definitions are established at once. */
export function seed(state: ServerState, objects: readonly KubeObject[]): void {
  const isDefinition = (object: KubeObject): boolean => object.kind === "CustomResourceDefinition"
  for (const object of objects.filter(isDefinition)) establish(state, put(state, object))
  for (const object of objects.filter((each) => each.kind === "Namespace")) put(state, object)
  for (const object of objects) if (!isDefinition(object) && object.kind !== "Namespace") put(state, object)
}

function put(state: ServerState, object: KubeObject, manager: string = given): KubeObject {
  const resource = state.registry.ofKind(object.apiVersion, object.kind)
  if (!resource) {
    throw new TestingError(
      "KindNotServed",
      `${object.apiVersion} ${object.kind} is not served: name its definition in kinds`,
    )
  }
  const namespace = resource.namespaced ? (object.metadata.namespace ?? "default") : ""
  const space = { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } }
  const isAbsent = resource.namespaced && !state.store.get("namespaces", namespace)
  if (isAbsent) put(state, space)
  const { object: decoded, error } = decodeValue(structuredClone(object) as Record<string, unknown>, resource)
  if (error !== undefined) throw new TestingError("InvalidOptions", `${object.kind} ${object.metadata.name}: ${error}`)
  const place = { resource, namespace, name: object.metadata.name ?? "" }
  const known = liveAt(state, place)
  if (known) return known
  const { resourceVersion: _, ...metadata } = decoded.metadata
  const created = createObject(state, { ...decoded, metadata }, { place, manager, dryRun: false })
  return decoded.status === undefined || created.status !== undefined
    ? created
    : withStatus(state, { place, created, status: decoded.status })
}

interface Seeded {
  readonly place: Parameters<typeof liveAt>[1]
  readonly created: KubeObject
  readonly status: unknown
}

function withStatus(state: ServerState, { place, created, status }: Seeded): KubeObject {
  const { resource, namespace, name } = place
  return state.store.put(resource.table, resource.namespaced ? `${namespace}/${name}` : name, { ...created, status })
}
