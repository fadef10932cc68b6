import { equalJson, type JsonPatchOperation } from "@gitops-toolkit/kube"
import { isMap, own, type JsonMap } from "../value/json.ts"

/** Adds to `patch` what turns `before` into `after` at `path`. */
export function diffAt(patch: JsonPatchOperation[], path: string, [before, after]: readonly [unknown, unknown]): void {
  if (equalJson(before, after)) return
  if (isMap(before) && isMap(after)) diffMaps(patch, path, [before, after])
  else if (Array.isArray(before) && Array.isArray(after)) diffLists(patch, path, [before, after])
  else patch.push({ op: "replace", path, value: after })
}

function step(name: string): string {
  return `/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`
}

function diffMaps(patch: JsonPatchOperation[], path: string, [before, after]: readonly [JsonMap, JsonMap]): void {
  for (const name of Object.keys(before)) {
    if (own(after, name) === undefined) patch.push({ op: "remove", path: path + step(name) })
  }
  for (const name of Object.keys(after)) {
    const value = after[name]
    const present = own(before, name)
    if (value === undefined) continue
    if (present === undefined) patch.push({ op: "add", path: path + step(name), value })
    else diffAt(patch, path + step(name), [present, value])
  }
}

/** What both lists begin and end with stays; the items between are changed in place, then added or removed. */
function diffLists(
  patch: JsonPatchOperation[],
  path: string,
  [before, after]: readonly [readonly unknown[], readonly unknown[]],
): void {
  const shorter = Math.min(before.length, after.length)
  let start = 0
  while (start < shorter && equalJson(before[start], after[start])) start++
  let end = 0
  while (end < shorter - start && equalJson(before.at(-1 - end), after.at(-1 - end))) end++
  const common = shorter - end
  for (let i = start; i < common; i++) diffAt(patch, `${path}/${i}`, [before[i], after[i]])
  for (let i = before.length - end - 1; i >= common; i--) patch.push({ op: "remove", path: `${path}/${i}` })
  for (let i = common; i < after.length - end; i++) patch.push({ op: "add", path: `${path}/${i}`, value: after[i] })
}
