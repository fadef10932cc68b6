import { equalJson, refOf, type Confirmation, type KubeObject, type ObjectRef } from "@gitops-toolkit/kube"
import { compareVersions, type StoreChange } from "../store.ts"
import { valuesIn } from "./fields.ts"

/** The text that names an object in one API version: the same object has other fields in another. */
export function versionedKey({ apiVersion, kind, namespace = "", name }: ObjectRef): string {
  return `${apiVersion}/${kind}/${namespace}/${name}`
}

interface Known {
  readonly state: Confirmation
  /** The newest version whose values in the confirmed fields are known to be the confirmed ones. */
  conforming: string
}

/** The records of confirmed states, and what is known to have kept to them since. */
export interface Confirmations {
  get(ref: ObjectRef): Confirmation | undefined
  set(ref: ObjectRef, state: Confirmation | undefined): void
  /** Takes note of a change: one that leaves the confirmed fields as they were does not deviate. */
  follow(change: StoreChange): void
  /** Takes note that `resourceVersion` of the object was looked at and found right. */
  accept(ref: ObjectRef, resourceVersion: string): void
  /** True when this state of the object is newer than the confirmed one and may differ in its fields. */
  deviates(ref: ObjectRef, object: KubeObject): boolean
}

/** An empty record; kept in memory only, since the first plan after a restart confirms anew. */
export function createConfirmations(): Confirmations {
  const records = new Map<string, Known>()
  return {
    get: (ref) => records.get(versionedKey(ref))?.state,
    set(ref, state) {
      const key = versionedKey(ref)
      if (state === undefined) return void records.delete(key)
      const old = records.get(key)
      const newer = old !== undefined && compareVersions(old.conforming, state.resourceVersion) > 0
      const same = newer && old.state.uid === state.uid && old.state.valuesDigest === state.valuesDigest
      records.set(key, { state, conforming: same ? old.conforming : state.resourceVersion })
    },
    follow({ object, previous }) {
      if (object === undefined || previous === undefined) return
      const known = records.get(versionedKey(refOf(object)))
      if (known === undefined || known.conforming !== previous.metadata.resourceVersion) return
      if (object.metadata.uid !== known.state.uid) return
      const { fields } = known.state
      if (equalJson(valuesIn(previous, fields), valuesIn(object, fields))) {
        known.conforming = object.metadata.resourceVersion ?? known.conforming
      }
    },
    accept(ref, resourceVersion) {
      const known = records.get(versionedKey(ref))
      if (known && compareVersions(resourceVersion, known.conforming) > 0) known.conforming = resourceVersion
    },
    deviates(ref, object) {
      const known = records.get(versionedKey(ref))
      if (known === undefined) return false
      const at = object.metadata.resourceVersion
      if (at === known.conforming || compareVersions(at, known.conforming) < 0) return false
      return true
    },
  }
}
