import { equalJson, type KubeObject } from "@gitops-toolkit/kube"
import type { Resource } from "../resource.ts"
import type { ServerState } from "../state.ts"
import { withAddresses } from "./addresses.ts"
import { mapOf, mapsOf } from "../validation/walk.ts"
import { without, withoutDropped } from "./dropped.ts"
import { withLimits } from "./admission/limit-range.ts"
import { admitPod, readmitPod } from "./pod.ts"
import { withRuntimeClass } from "./admission/runtime-class.ts"

type Preparer = (object: KubeObject, state: ServerState) => KubeObject

function withFinalizer(object: KubeObject, name: string): KubeObject {
  const { finalizers = [] } = object.metadata
  if (finalizers.includes(name)) return object
  return { ...object, metadata: { ...object.metadata, finalizers: [...finalizers, name] } }
}

/** The keys of a map in the order in which Go prints them. */
const sorted = <Value>(map: { readonly [key: string]: Value }): { readonly [key: string]: Value } =>
  Object.fromEntries(Object.entries(map).toSorted(([a], [b]) => (a < b ? -1 : 1)))

interface JobSpec {
  readonly manualSelector?: boolean
  readonly selector?: object
  readonly template: { readonly metadata?: { readonly labels?: { readonly [name: string]: string } } }
}

/**
 * A Job's selector and labels are made from its uid, unless it brings its own. A Job without labels has those of its
 * template by default: the very same map, which then gets the server's too.
 */
function withJobSelector(job: KubeObject): KubeObject {
  const spec = job.spec as JobSpec
  if (spec.manualSelector === true) return job
  const uid = job.metadata.uid!
  const name = job.metadata.name!
  const own = {
    "batch.kubernetes.io/controller-uid": uid,
    "batch.kubernetes.io/job-name": name,
    "controller-uid": uid,
    "job-name": name,
  }
  const given = spec.template.metadata?.labels
  const metadata = { ...spec.template.metadata, labels: sorted({ ...own, ...given }) }
  const { matchLabels, ...rest } = (spec.selector ?? {}) as {
    readonly matchLabels?: { readonly [name: string]: string }
  }
  const selector = { matchLabels: sorted({ "batch.kubernetes.io/controller-uid": uid, ...matchLabels }), ...rest }
  const isShared = !job.metadata.labels || job.metadata.labels === given
  const labels = isShared ? metadata.labels : job.metadata.labels!
  return {
    ...job,
    metadata: { ...job.metadata, labels },
    spec: { ...spec, selector, manualSelector: false, template: { ...spec.template, metadata } },
  }
}

interface ClaimSources {
  readonly dataSource?: object
  readonly dataSourceRef?: { readonly namespace?: string }
}

/** What a claim without other source may be filled from by its old field; the server forgets the rest. */
function withoutOddSource(claim: KubeObject): KubeObject {
  const { dataSource, dataSourceRef } = mapOf(claim.spec)
  const { kind, apiGroup } = mapOf(dataSource)
  const isKnown =
    (kind === "PersistentVolumeClaim" && (apiGroup ?? "") === "") ||
    (kind === "VolumeSnapshot" && apiGroup === "snapshot.storage.k8s.io")
  return !dataSource || dataSourceRef || isKnown ? claim : without(claim, ["spec", "dataSource"])
}

/** `dataSource` and `dataSourceRef` are two names of one thing: the one that is given is the other too. */
function withBothSources(claim: KubeObject): KubeObject {
  const spec = (claim.spec ?? {}) as ClaimSources
  const { dataSource, dataSourceRef } = spec
  if (dataSource && !dataSourceRef) return { ...claim, spec: { ...spec, dataSourceRef: dataSource } }
  if (!dataSourceRef || dataSource || dataSourceRef.namespace) return claim
  return { ...claim, spec: { ...spec, dataSource: dataSourceRef } }
}

/** What an EndpointSlice said of places before it had fields for them. */
function withoutTopology(slice: KubeObject, live?: KubeObject): KubeObject {
  const { endpoints } = slice as { readonly endpoints?: unknown }
  const old = (live as { readonly endpoints?: unknown } | undefined)?.endpoints
  if (!mapsOf(endpoints).some(({ deprecatedTopology }) => deprecatedTopology) || (live && equalJson(endpoints, old)))
    return slice
  return { ...slice, endpoints: mapsOf(endpoints).map((each) => without(each, ["deprecatedTopology"])) }
}

const preparers: { readonly [table: string]: Preparer } = {
  "endpointslices.discovery.k8s.io": (object) => withoutTopology(object),
  "jobs.batch": withJobSelector,
  namespaces: (object) => {
    const { finalizers = [] } = (object.spec ?? {}) as { readonly finalizers?: readonly string[] }
    const all = finalizers.includes("kubernetes") ? finalizers : [...finalizers, "kubernetes"]
    return { ...object, spec: { ...(object.spec as object | undefined), finalizers: all } }
  },
  persistentvolumeclaims: (object) =>
    withFinalizer(withBothSources(withoutOddSource(object)), "kubernetes.io/pvc-protection"),
  persistentvolumes: (object, state) => ({
    ...withFinalizer(object, "kubernetes.io/pv-protection"),
    status: { phase: "Pending", lastPhaseTransitionTime: state.timestamp() },
  }),
  pods: (object, state) => admitPod(withRuntimeClass(withLimits(object, state), state), state),
  services: (object, state) => withAddresses(object, undefined, state),
}

/** A new object with what the server itself adds to its kind beyond defaults. */
export function allocate(state: ServerState, object: KubeObject, resource: Resource): KubeObject {
  const prepare = resource.custom || !Object.hasOwn(preparers, resource.table) ? undefined : preparers[resource.table]
  const given = resource.custom ? object : withoutDropped(object, resource.table)
  return prepare ? prepare(given, state) : given
}

type Carrier = (next: KubeObject, live: KubeObject, state: ServerState) => KubeObject

const carriers: { readonly [table: string]: Carrier } = {
  "daemonsets.apps": (next, live) => {
    const name = "deprecated.daemonset.template.generation"
    const counted = live.metadata.annotations?.[name]
    const templateOf = ({ spec }: KubeObject): unknown =>
      (spec as { readonly template?: unknown } | undefined)?.template
    const same = counted === undefined || equalJson(templateOf(next) ?? null, templateOf(live) ?? null)
    const generation = same ? counted : String(Number(counted) + 1)
    if (generation === undefined || next.metadata.annotations?.[name] === generation) return next
    return {
      ...next,
      metadata: { ...next.metadata, annotations: { ...next.metadata.annotations, [name]: generation } },
    }
  },
  "endpointslices.discovery.k8s.io": (next, live) => withoutTopology(next, live),
  namespaces: (next, live) => {
    const { finalizers } = (live.spec ?? {}) as { readonly finalizers?: unknown }
    return { ...next, spec: { ...(next.spec as object | undefined), finalizers } }
  },
  persistentvolumeclaims: (next) => withBothSources(next),
  pods: (next, live) => readmitPod(next, live),
  services: (next, live, state) => withAddresses(next, live, state),
}

/** A changed object with what its kind carries over from before. */
export function carryOver(
  state: ServerState,
  next: KubeObject,
  { live, resource }: { readonly live: KubeObject; readonly resource: Resource },
): KubeObject {
  const carry = resource.custom || !Object.hasOwn(carriers, resource.table) ? undefined : carriers[resource.table]
  const given = resource.custom ? next : withoutDropped(next, resource.table)
  return carry ? carry(given, live, state) : given
}
