import { equalJson, type KubeObject } from "@gitops-toolkit/kube"

/** The part of an object that its reconcile depends on. */
export interface Trigger {
  /** The finalizer whose coming and going is our own doing. */
  readonly finalizer: string
}

/**
 * True when the change from `previous` to `object` is one that a reconcile must see: the spec (by its generation, or
 * by everything but the status where the kind has none), labels, annotations, foreign finalizers, owners, the begin of
 * a deletion, another object of that name. Writes to the status, such as our own, are none.
 */
export function isTrigger(previous: KubeObject | undefined, object: KubeObject, { finalizer }: Trigger): boolean {
  if (previous === undefined) return true
  const facts = ({ metadata }: KubeObject): readonly unknown[] => [
    metadata.uid,
    metadata.generation,
    metadata.deletionTimestamp,
    metadata.labels ?? {},
    metadata.annotations ?? {},
    metadata.ownerReferences ?? [],
    (metadata.finalizers ?? []).filter((name) => name !== finalizer),
  ]
  if (!equalJson(facts(previous), facts(object))) return true
  return object.metadata.generation === undefined && !equalJson(contentOf(previous), contentOf(object))
}

function contentOf({ metadata: _metadata, status: _status, ...content }: KubeObject): object {
  return content
}

/** True when a reconcile that began with `previous` works on something outdated: it is stopped and begun again. */
export function isSuperseded(previous: KubeObject, object: KubeObject, annotation: string): boolean {
  const facts = ({ metadata }: KubeObject): readonly unknown[] => [
    metadata.uid,
    metadata.generation,
    metadata.deletionTimestamp,
    metadata.annotations?.[annotation],
  ]
  return !equalJson(facts(previous), facts(object))
}

/**
 * A number from 0 to below 1 that depends on the text alone: spreads keys over a time or over replicas, the same way
 * in every process (FNV-1a).
 */
export function shareOf(text: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  // FNV's low bits are the better ones for short texts that differ at the end: mix them upwards.
  hash ^= hash >>> 16
  hash = Math.imul(hash, 0x85ebca6b)
  hash ^= hash >>> 13
  return (hash >>> 0) / 2 ** 32
}
