import { equalJson, type KubeObject } from "@gitops-toolkit/kube"
import { controllerReference, isLeaving, isReady, type Labels, type Pod } from "../shapes.ts"
import type { Action, Step, View } from "../step.ts"
import { isSelecting, podsOf, type ServiceSpec, type TargetPort, targetsOf, tellingOf } from "./service-pods.ts"

interface Subset {
  readonly addresses?: readonly object[]
  readonly notReadyAddresses?: readonly object[]
  readonly ports?: readonly Partial<TargetPort>[]
}

interface Endpoints extends KubeObject {
  readonly subsets?: readonly Subset[]
}

interface Slice extends KubeObject {
  readonly endpoints?: readonly object[] | null
  readonly ports?: readonly TargetPort[] | null
}

const changedKey = "endpoints.kubernetes.io/last-change-trigger-time"
const managedKey = "endpoints.kubernetes.io/managed-by"
const sliceManagerKey = "endpointslice.kubernetes.io/managed-by"
const nameKey = "kubernetes.io/service-name"
const headlessKey = "service.kubernetes.io/headless"
const skipKey = "endpointslice.kubernetes.io/skip-mirror"
const sliceTable = "endpointslices.discovery.k8s.io"
const sliceManager = "endpointslice-controller.k8s.io"
const mirrorManager = "endpointslicemirroring-controller.k8s.io"

const isHeadless = ({ clusterIP }: ServiceSpec): boolean => clusterIP === "None" || !clusterIP

/** Groups what has the same ports. */
function byPorts<Item>(
  items: readonly Item[],
  portsOf: (item: Item) => readonly TargetPort[],
): { readonly ports: readonly TargetPort[]; readonly items: Item[] }[] {
  const groups = new Map<string, { readonly ports: readonly TargetPort[]; readonly items: Item[] }>()
  for (const item of items) {
    const ports = portsOf(item)
    const key = JSON.stringify(ports)
    const group = groups.get(key) ?? { ports, items: [] }
    groups.set(key, group)
    group.items.push(item)
  }
  return [...groups.values()]
}

/** Endpoints leave out the empty name that slices have. */
function unnamed({ name, ...rest }: TargetPort): Partial<TargetPort> {
  return name === "" ? rest : { name, ...rest }
}

/** Writes the Endpoints of a Service. */
export function publish(object: KubeObject, spec: ServiceSpec, view: View): readonly Action[] {
  if (!isSelecting(spec)) return []
  const { namespace, name, labels: inherited } = object.metadata
  const toleratesUnready = spec.publishNotReadyAddresses === true
  const pods = podsOf(object, toleratesUnready, view)
  const subsets = byPorts(pods, (pod) => targetsOf(spec, pod)).flatMap(({ ports, items }): Subset[] => {
    const addressOf = (pod: Pod): object => ({ ip: pod.status!.podIP, ...tellingOf(object, pod) })
    const ready = items.filter((pod) => toleratesUnready || isReady({ ...pod, metadata: {} }))
    const others = items.filter((pod) => !ready.includes(pod))
    if (ports.length === 0 && (spec.ports ?? []).length > 0) return []
    return [
      {
        ...(ready.length > 0 ? { addresses: ready.map(addressOf) } : {}),
        ...(others.length > 0 ? { notReadyAddresses: others.map(addressOf) } : {}),
        ...(ports.length > 0 ? { ports: ports.map(unnamed) } : {}),
      },
    ]
  })
  const live = view.get("endpoints", namespace, name!) as Endpoints | undefined
  const own: Labels = { [managedKey]: "endpoint-controller", ...(isHeadless(spec) ? { [headlessKey]: "" } : {}) }
  const labels = { ...inherited, ...own }
  if (live && equalJson(live.subsets ?? [], subsets) && equalJson(live.metadata.labels, labels)) return []
  const addressesOf = (list: readonly Subset[]): object[] =>
    list.flatMap(({ addresses = [], notReadyAddresses = [] }) => [
      ...addresses,
      ...notReadyAddresses.map((each) => ({ ...each, ready: false })),
    ])
  const before = live && addressesOf(live.subsets ?? [])
  const annotations = withChange(live?.metadata.annotations, addressesOf(subsets), { before, now: view.now })
  const { subsets: _, ...rest } = live ?? ({ apiVersion: "v1", kind: "Endpoints", metadata: {} } as Endpoints)
  const metadata = { ...rest.metadata, name: name!, namespace: namespace!, labels, annotations }
  const next = { ...rest, metadata, ...(subsets.length > 0 ? { subsets } : {}) } as KubeObject
  return [{ type: live ? "update" : "create", object: next }]
}

/** The annotation that tells of the last change by a Pod; one that goes does not count. */
function withChange(
  annotations: Labels = {},
  items: readonly object[],
  { before, now }: { readonly before: readonly object[] | undefined; readonly now: string },
): Labels {
  const { [changedKey]: _, ...rest } = annotations
  const isAmong = (list: readonly object[], item: object): boolean => list.some((each) => equalJson(each, item))
  if (!before || items.some((item) => !isAmong(before, item))) return { ...rest, [changedKey]: now }
  return before.every((item) => isAmong(items, item)) ? annotations : rest
}

/** What a slice is to hold. */
interface Content {
  readonly endpoints: readonly object[] | null
  readonly ports: readonly TargetPort[] | null
}

interface Owner {
  readonly object: KubeObject
  readonly manager: string
  readonly labels: Labels
  /** Those of the mirrored object; without, the slice tells of its changes itself. */
  readonly annotations?: Labels
}

/** Writes the EndpointSlices of a Service: one for each set of ports, an empty one when there are no Pods. */
export function publishSlices(object: KubeObject, spec: ServiceSpec, view: View): readonly Action[] {
  if (!isSelecting(spec)) return []
  const endpointOf = (pod: Pod): object => {
    const serving = isReady({ ...pod, metadata: {} })
    const terminating = isLeaving(pod)
    const ready = spec.publishNotReadyAddresses === true || (serving && !terminating)
    const conditions = { ready, serving, terminating }
    return { addresses: [pod.status!.podIP], conditions, ...tellingOf(object, pod) }
  }
  const groups = byPorts(podsOf(object, true, view), (pod) => targetsOf(spec, pod))
  const contents = groups.map(({ ports, items }): Content => ({ endpoints: items.map(endpointOf), ports }))
  const labels = { ...object.metadata.labels, ...(isHeadless(spec) ? { [headlessKey]: "" } : {}) }
  const owner = { object, manager: sliceManager, labels }
  return settleSlices(owner, contents.length > 0 ? contents : [{ endpoints: null, ports: null }], view)
}

/** Makes, changes and deletes slices until they hold `contents`. */
function settleSlices(
  { object, manager, ...notes }: Owner,
  contents: readonly Content[],
  view: View,
): readonly Action[] {
  const { name, namespace, uid } = object.metadata
  const owned = view.controlledBy(uid!, sliceTable) as readonly Slice[]
  const known = owned.filter(({ metadata }) => metadata.labels?.[sliceManagerKey] === manager)
  const labels = { ...notes.labels, [nameKey]: name!, [sliceManagerKey]: manager }
  const annotationsOf = (content: Content, live: Slice | undefined): Labels =>
    notes.annotations ??
    withChange(live?.metadata.annotations, content.endpoints ?? [], {
      before: live && (live.endpoints ?? []),
      now: view.now,
    })
  const actions = contents.flatMap((content, i): Action[] => {
    const live = known[i]
    if (live) {
      const isSame =
        equalJson(live.endpoints ?? [], content.endpoints ?? []) &&
        equalJson(live.ports ?? [], content.ports ?? []) &&
        equalJson(live.metadata.labels, labels)
      if (isSame) return []
      const annotations = annotationsOf(content, live)
      return [{ type: "update", object: { ...live, metadata: { ...live.metadata, labels, annotations }, ...content } }]
    }
    const metadata = {
      generateName: `${name}-`,
      namespace: namespace!,
      labels,
      annotations: annotationsOf(content, undefined),
      ownerReferences: [controllerReference(object)],
    }
    const slice = {
      apiVersion: "discovery.k8s.io/v1",
      kind: "EndpointSlice",
      metadata,
      addressType: "IPv4",
      ...content,
    }
    return [{ type: "create", object: slice as KubeObject }]
  })
  return [...actions, ...known.slice(contents.length).map((slice) => ({ type: "delete", object: slice }) as const)]
}

/** Mirrors Endpoints that somebody wrote for a Service without a selector; those that were written for one go with it. */
export const stepEndpoints: Step = (object, view) => {
  const { namespace, name, labels = {}, annotations = {} } = object.metadata
  const service = view.get("services", namespace, name!)
  const isOurs = labels[managedKey] === "endpoint-controller"
  if (!service) return isOurs ? [{ type: "delete", object }] : []
  if (isOurs || labels[skipKey] === "true" || (service.spec as ServiceSpec).selector !== undefined) return []
  const { subsets = [] } = object as Endpoints
  const portsOf = ({ ports = [] }: Subset): readonly TargetPort[] =>
    ports.map(({ name: port = "", protocol = "TCP", ...rest }) => ({ name: port, port: 0, ...rest, protocol }))
  const contents = byPorts(subsets, portsOf).map(({ ports, items }): Content => ({
    endpoints: items.flatMap(({ addresses = [], notReadyAddresses = [] }) => [
      ...addresses.map((address) => mirrored(address, true)),
      ...notReadyAddresses.map((address) => mirrored(address, false)),
    ]),
    ports,
  }))
  const { [changedKey]: _, "kubectl.kubernetes.io/last-applied-configuration": __, ...copied } = annotations
  return settleSlices({ object, manager: mirrorManager, labels, annotations: copied }, contents, view)
}

function mirrored(address: object, ready: boolean): object {
  const { ip, ...rest } = address as { readonly ip: string }
  return { addresses: [ip], conditions: { ready }, ...rest }
}
