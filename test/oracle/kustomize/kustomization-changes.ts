import { posix } from "node:path"
import { copyDraft, isMap, kustomizationsOf, readMap, writeMap, writeText } from "./draft.ts"
import type { Change, Draft, Json, JsonMap } from "./draft.ts"
import { features } from "./features.ts"
import type { Random } from "./random.ts"

function aKustomization(draft: Draft, random: Random): { path: string; content: JsonMap } | undefined {
  const paths = kustomizationsOf(draft)
  if (paths.length === 0) return undefined
  const path = random.chance(0.5) ? paths[0]! : random.pick(paths)
  const content = readMap(draft, path)
  return content === undefined ? undefined : { path, content }
}

/** The fields of two kustomizations in one: lists follow each other, of maps and scalars the second counts. */
function join(first: JsonMap, second: JsonMap): JsonMap {
  const result = { ...first }
  for (const [key, value] of Object.entries(second)) {
    const old = result[key]
    result[key] =
      Array.isArray(old) && Array.isArray(value)
        ? [...old, ...value]
        : isMap(old) && isMap(value)
          ? { ...old, ...value }
          : value
  }
  return result
}

function pickFeatures(draft: Draft, random: Random): { names: string[]; content: JsonMap } {
  const names = random.shuffle(Object.keys(features)).slice(0, 1 + random.below(3))
  const content = names.reduce<JsonMap>((sum, name) => join(sum, features[name]!(draft, random)), {})
  return { names, content }
}

const addFeatures: Change = (draft, random) => {
  const chosen = aKustomization(draft, random)
  if (chosen === undefined) return undefined
  const { names, content } = pickFeatures(draft, random)
  writeMap(draft, chosen.path, join(chosen.content, content))
  return `add ${names.join("+")} to ${chosen.path}`
}

/** A folder of our own that has the built folder as its base, and is built in its place. */
const overlay: Change = (draft, random) => {
  const { names, content } = pickFeatures(draft, random)
  let folder = posix.normalize(`${draft.dir}/../overlay`)
  if (folder.startsWith("..")) folder = "overlay"
  if ([...draft.files.keys()].some((path) => path.startsWith(`${folder}/`))) return undefined
  if (draft.dir === "." || folder.startsWith(`${draft.dir}/`)) {
    const moved = [...draft.files].map(([path, bytes]): [string, Buffer] => [`base/${path}`, bytes])
    draft.files.clear()
    for (const [path, bytes] of moved) draft.files.set(path, bytes)
    draft.dir = posix.normalize(`base/${draft.dir}`)
  }
  const base = posix.relative(folder, draft.dir)
  writeMap(draft, `${folder}/kustomization.yaml`, {
    [random.chance(0.95) ? "resources" : "components"]: [base],
    ...content,
  })
  draft.dir = folder
  return `overlay with ${names.join("+")}`
}

const dropField: Change = (draft, random) => {
  const chosen = aKustomization(draft, random)
  const keys = Object.keys(chosen?.content ?? {}).filter((key) => key !== "resources")
  if (chosen === undefined || keys.length === 0) return undefined
  const key = random.pick(keys)
  writeMap(draft, chosen.path, Object.fromEntries(Object.entries(chosen.content).filter(([name]) => name !== key)))
  return `drop ${key} of ${chosen.path}`
}

const changeList: Change = (draft, random) => {
  const chosen = aKustomization(draft, random)
  const lists = Object.entries(chosen?.content ?? {}).filter(
    (entry): entry is [string, Json[]] => Array.isArray(entry[1]) && entry[1].length > 0,
  )
  if (chosen === undefined || lists.length === 0) return undefined
  const [key, list] = random.pick(lists)
  const at = random.below(list.length)
  const [word, changed] = random.pick<[string, Json[]]>([
    ["shuffle", random.shuffle(list)],
    ["drop from", list.filter((_, i) => i !== at)],
    ["repeat in", [...list, list[at]!]],
    ["empty", []],
  ])
  writeMap(draft, chosen.path, { ...chosen.content, [key]: changed })
  return `${word} ${key} of ${chosen.path}`
}

/** Changes one value somewhere deep in a kustomization. */
const changeValue: Change = (draft, random) => {
  const chosen = aKustomization(draft, random)
  if (chosen === undefined) return undefined
  const slots: { at: JsonMap | Json[]; key: string }[] = []
  const walk = (value: Json): void => {
    if (!isMap(value) && !Array.isArray(value)) return
    for (const [key, item] of Object.entries(value)) {
      slots.push({ at: value, key })
      walk(item)
    }
  }
  const content = structuredClone(chosen.content)
  walk(content)
  if (slots.length === 0) return undefined
  const { at, key } = random.pick(slots)
  const value = random.pick<Json>([
    null,
    "",
    "x",
    1,
    true,
    {},
    [],
    "10",
    "a.b",
    ".*",
    ["a"],
    { a: "b" },
    1.5,
    "./x.yaml",
  ])
  if (Array.isArray(at)) at[Number(key)] = value
  else at[key] = value
  writeMap(draft, chosen.path, content)
  return `set ${key} of ${chosen.path} to ${JSON.stringify(value)}`
}

/** The kustomization as JSON, or in another style of YAML, or under another of its names. */
const restyle: Change = (draft, random) => {
  const chosen = aKustomization(draft, random)
  if (chosen === undefined) return undefined
  const text = draft.files.get(chosen.path)!.toString()
  const style = random.pick(["json", "crlf", "start", "comment", "name"])
  if (style === "json") writeText(draft, chosen.path, JSON.stringify(chosen.content, undefined, random.pick([0, 2])))
  else if (style === "crlf") writeText(draft, chosen.path, text.replaceAll("\n", "\r\n"))
  else if (style === "start") writeText(draft, chosen.path, `---\n${text}`)
  else if (style === "comment") writeText(draft, chosen.path, `# top\n${text}\n# end`)
  else {
    draft.files.delete(chosen.path)
    writeText(
      draft,
      posix.join(posix.dirname(chosen.path), random.pick(["kustomization.yml", "Kustomization", "kustomization.yaml"])),
      text,
    )
  }
  return `${style} ${chosen.path}`
}

/** Puts another case beside this one and makes it one more base, or takes over its fields that need no files. */
export const combine =
  (other: Draft): Change =>
  (draft, random) => {
    const chosen = aKustomization(draft, random)
    if (chosen === undefined) return undefined
    if (random.chance(0.5)) {
      const there = aKustomization(copyDraft(other), random)
      const fields = Object.entries(there?.content ?? {}).filter(([key]) => key in features)
      if (fields.length === 0) return undefined
      writeMap(draft, chosen.path, join(chosen.content, Object.fromEntries(fields)))
      return `take ${fields.map(([key]) => key).join("+")}`
    }
    if (chosen.path !== posix.join(draft.dir, posix.basename(chosen.path))) return undefined
    for (const [path, bytes] of other.files) draft.files.set(`other/${path}`, bytes)
    const base = posix.relative(draft.dir, posix.normalize(`other/${other.dir}`))
    const field = random.chance(0.9) ? "resources" : "components"
    writeMap(draft, chosen.path, join(chosen.content, { [field]: [base] }))
    return `add the other case to ${field}`
  }

/** Changes to kustomization files, the frequent ones several times. */
export const kustomizationChanges: readonly Change[] = [
  addFeatures,
  addFeatures,
  addFeatures,
  overlay,
  overlay,
  overlay,
  dropField,
  changeList,
  changeList,
  changeValue,
  restyle,
]
