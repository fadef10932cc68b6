import { compareBytes } from "@gitops-toolkit/kube"
import { unite } from "../field-set/algebra.ts"
import type { ManagedSet } from "../structured-merge.ts"
import type { Managed } from "./decode.ts"
import { secondsOf } from "./encode.ts"
import { managerId } from "./identity.ts"

const maxUpdaters = 10
const bucketName = "ancient-changes"

/** At most ten updaters are kept apart: the oldest of them are joined into one entry per version. */
export function capUpdaters(managed: Managed): Managed {
  const updaters = [...managed.managers].filter(([, set]) => !set.applied).map(([id]) => id)
  if (updaters.length <= maxUpdaters) return managed
  updaters.sort((a, b) => secondsOf(managed.times.get(a)) - secondsOf(managed.times.get(b)) || compareBytes(a, b))
  const managers = new Map(managed.managers)
  const times = new Map(managed.times)
  const firstOfVersion = new Map<string, string>()
  let count = updaters.length
  for (const id of updaters) {
    if (count <= maxUpdaters) break
    const set = managers.get(id)!
    const first = firstOfVersion.get(set.apiVersion)
    if (first === undefined) {
      firstOfVersion.set(set.apiVersion, id)
      continue
    }
    join(managers, times, { id, first, set })
    count--
  }
  return { managers, times }
}

/** The bucket begins as the oldest updater of its version and takes the time of the youngest that joins. */
function join(
  managers: Map<string, ManagedSet>,
  times: Map<string, string | undefined>,
  { id, first, set }: { readonly id: string; readonly first: string; readonly set: ManagedSet },
): void {
  const bucket = managerId({ manager: bucketName, operation: "Update", apiVersion: set.apiVersion })
  if (!managers.has(bucket)) {
    const begin = managers.get(first)!
    managers.delete(first)
    managers.set(bucket, begin)
  }
  const joined = { ...set, fields: unite(set.fields, managers.get(bucket)!.fields) }
  managers.delete(id)
  managers.set(bucket, joined)
  times.set(bucket, times.get(id))
}
