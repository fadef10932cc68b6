import type { Confirmation, ObjectRef } from "@gitops-toolkit/kube"

/** The text that names an object in one API version: the same object has other fields in another. */
export function versionedKey({ apiVersion, kind, namespace = "", name }: ObjectRef): string {
  return `${apiVersion}/${kind}/${namespace}/${name}`
}

/** The records of confirmed states, in memory only: the first plan after a restart confirms anew. */
export interface Confirmations {
  get(ref: ObjectRef): Confirmation | undefined
  set(ref: ObjectRef, state: Confirmation | undefined): void
}

/** No records yet. */
export function createConfirmations(): Confirmations {
  const records = new Map<string, Confirmation>()
  return {
    get: (ref) => records.get(versionedKey(ref)),
    set: (ref, state) => {
      if (state === undefined) records.delete(versionedKey(ref))
      else records.set(versionedKey(ref), state)
    },
  }
}
