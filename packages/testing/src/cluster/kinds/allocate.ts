import { equalJson, type KubeObject } from "@gitops-toolkit/kube"
import type { Resource } from "../resource.ts"
import type { ServerState } from "../state.ts"
import { withAddresses } from "./addresses.ts"
import { withLimits } from "./limit-range.ts"
import { admitPod, readmitPod } from "./pod.ts"

type Preparer = (object: KubeObject, state: ServerState) => KubeObject

function withFinalizer(object: KubeObject, name: string): KubeObject {
  const { finalizers = [] } = object.metadata
  if (finalizers.includes(name)) return object
  return { ...object, metadata: { ...object.metadata, finalizers: [...finalizers, name] } }
}

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
  const metadata = { ...spec.template.metadata, labels: { ...own, ...given } }
  const { matchLabels, ...rest } = (spec.selector ?? {}) as { readonly matchLabels?: object }
  const selector = { matchLabels: { "batch.kubernetes.io/controller-uid": uid, ...matchLabels }, ...rest }
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

/** `dataSource` and `dataSourceRef` are two names of one thing: the one that is given is the other too. */
function withBothSources(claim: KubeObject): KubeObject {
  const spec = (claim.spec ?? {}) as ClaimSources
  const { dataSource, dataSourceRef } = spec
  if (dataSource && !dataSourceRef) return { ...claim, spec: { ...spec, dataSourceRef: dataSource } }
  if (!dataSourceRef || dataSource || dataSourceRef.namespace) return claim
  return { ...claim, spec: { ...spec, dataSource: dataSourceRef } }
}

const preparers: { readonly [table: string]: Preparer } = {
  "jobs.batch": withJobSelector,
  namespaces: (object) => {
    const { finalizers = [] } = (object.spec ?? {}) as { readonly finalizers?: readonly string[] }
    const all = finalizers.includes("kubernetes") ? finalizers : [...finalizers, "kubernetes"]
    return { ...object, spec: { ...(object.spec as object | undefined), finalizers: all } }
  },
  persistentvolumeclaims: (object) => withFinalizer(withBothSources(object), "kubernetes.io/pvc-protection"),
  persistentvolumes: (object, state) => ({
    ...withFinalizer(object, "kubernetes.io/pv-protection"),
    status: { phase: "Pending", lastPhaseTransitionTime: state.timestamp() },
  }),
  pods: (object, state) => admitPod(withLimits(object, state), state),
  services: (object, state) => withAddresses(object, undefined, state),
}

/** A new object with what the server itself adds to its kind beyond defaults. */
export function allocate(state: ServerState, object: KubeObject, resource: Resource): KubeObject {
  const prepare = resource.custom || !Object.hasOwn(preparers, resource.table) ? undefined : preparers[resource.table]
  return prepare ? prepare(object, state) : object
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
  return carry ? carry(next, live, state) : next
}
