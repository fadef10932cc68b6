import { stringify } from "yaml"
import { isMap, type Draft, type Json, type JsonMap } from "./draft.ts"
import { kinds, oddNames } from "./odd-values.ts"
import type { Random } from "./random.ts"

/** A field for a kustomization; lists are appended to what is there. */
export type Feature = (draft: Draft, random: Random) => JsonMap

const words = ["a", "x-1", "p-", "web", "10", "true", "prod", "1.0", "team", "app", "kube", ""]

const nameOf = (object: JsonMap): string =>
  isMap(object["metadata"]) && typeof object["metadata"]["name"] === "string" ? object["metadata"]["name"] : ""

function anObject({ objects }: Draft, random: Random): JsonMap {
  if (objects.length > 0) return random.pick(objects)
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "cm" }, data: { a: "1" } }
}

/** Every way down an object to a scalar or an empty collection. */
export function pathsOf(value: Json, prefix: readonly string[] = []): string[][] {
  if (Array.isArray(value) && value.length > 0) return value.flatMap((item, i) => pathsOf(item, [...prefix, String(i)]))
  if (isMap(value) && Object.keys(value).length > 0)
    return Object.entries(value).flatMap(([key, item]) => pathsOf(item, [...prefix, key]))
  return [[...prefix]]
}

const labels = (random: Random): JsonMap =>
  Object.fromEntries(
    Array.from({ length: 1 + random.below(2) }, () => [
      random.pick(["app", "team", "a.b/c", "10", "tier"]),
      random.pick(words),
    ]),
  )

const newScalar = (random: Random): Json =>
  random.pick<Json>(["changed", "10", 10, true, null, "", 1.5, "yes", {}, [], "a: b", "line\nbreak\n", 2 ** 53, "0x1"])

/** The object cut down to a random part, with some of its values changed or directives put in. */
function partOf(value: Json, random: Random, depth = 0): Json {
  if (Array.isArray(value)) {
    const kept = value.filter(() => random.chance(0.7)).map((item) => partOf(item, random, depth + 1))
    const some = random.chance(0.2) ? random.shuffle(kept) : kept
    if (random.chance(0.08)) return [{ $patch: random.pick(["replace", "delete", "merge"]) }, ...some]
    return random.chance(0.15) ? [...some, ...(some.length > 0 ? [random.pick(some)] : [newScalar(random)])] : some
  }
  if (!isMap(value)) return random.chance(0.3) ? newScalar(random) : value
  const entries = Object.entries(value)
    .filter(([key]) => random.chance(0.6) || /^(?:name|containerPort|port|mountPath|protocol)$/u.test(key))
    .map(([key, item]): [string, Json] => [key, random.chance(0.06) ? null : partOf(item, random, depth + 1)])
  const result: JsonMap = Object.fromEntries(random.chance(0.2) ? random.shuffle(entries) : entries)
  if (random.chance(0.05)) result["added"] = newScalar(random)
  if (depth > 0 && random.chance(0.04)) result["$patch"] = random.pick(["replace", "delete", "merge"])
  return result
}

function strategicPatch(object: JsonMap, random: Random): JsonMap {
  const { apiVersion, kind, metadata, ...rest } = object
  const patch = partOf(rest, random)
  const { name, namespace, ...others } = isMap(metadata) ? metadata : {}
  const more = partOf(others, random)
  return {
    ...(apiVersion === undefined ? {} : { apiVersion }),
    ...(kind === undefined ? {} : { kind }),
    metadata: { name: name ?? "x", ...(namespace === undefined ? {} : { namespace }), ...(isMap(more) ? more : {}) },
    ...(isMap(patch) ? patch : {}),
    ...(random.chance(0.04) ? { $patch: random.pick(["delete", "replace", "merge"]) } : {}),
  }
}

const pointer = (path: readonly string[]): string =>
  path.map((part) => `/${part.replaceAll("~", "~0").replaceAll("/", "~1")}`).join("")

function operations(object: JsonMap, random: Random): JsonMap[] {
  return Array.from({ length: 1 + random.below(3) }, () => {
    const path = random.pick(pathsOf(object))
    const at = random.chance(0.3) ? path.slice(0, 1 + random.below(path.length)) : path
    const tail = random.chance(0.15) ? [...at, random.pick(["-", "0", "new", "-1", "99"])] : at
    const op = random.pick(["add", "replace", "remove", "test", "copy", "move", "add", "replace"])
    return {
      op,
      path: pointer(tail),
      ...(op === "copy" || op === "move" ? { from: pointer(random.pick(pathsOf(object))) } : {}),
      ...(op === "remove" ? {} : { value: newScalar(random) }),
    }
  })
}

function target(object: JsonMap, random: Random): JsonMap {
  const choices: JsonMap[] = [
    { kind: object["kind"] ?? "X", name: nameOf(object) },
    { kind: object["kind"] ?? "X" },
    { name: nameOf(object) },
    { name: ".*" },
    { kind: "Deploy.*|Service" },
    { labelSelector: random.pick(["app", "app in (a,web)", "!app", "app=web", "app!=web,team notin (x)"]) },
    { annotationSelector: "a" },
    { version: "v1", kind: object["kind"] ?? "X" },
    { group: "apps" },
    {},
  ]
  return random.pick(choices)
}

function anyPatch(draft: Draft, random: Random): JsonMap {
  const object = anObject(draft, random)
  const json = random.chance(0.4)
  const value = json ? operations(object, random) : strategicPatch(object, random)
  const patch = random.chance(0.2) ? JSON.stringify(value) : stringify(value, { lineWidth: random.pick([0, 80]) })
  const options: JsonMap = random.chance(0.15)
    ? { options: { allowNameChange: true, allowKindChange: random.chance(0.5) } }
    : {}
  if (json || random.chance(0.4)) return { patch, target: target(object, random), ...options }
  return { patch, ...options }
}

const dotted = (path: readonly string[], object: JsonMap, random: Random): string => {
  let value: Json | undefined = object
  return path
    .map((part) => {
      const list: Json | undefined = value
      value = Array.isArray(value) ? value[Number(part)] : isMap(value) ? value[part] : undefined
      if (Array.isArray(list)) {
        if (random.chance(0.2)) return "*"
        if (isMap(value) && typeof value["name"] === "string" && random.chance(0.7)) return `[name=${value["name"]}]`
      }
      return part.includes(".") ? (random.chance(0.5) ? `[${part}]` : part.replaceAll(".", "\\.")) : part
    })
    .join(".")
}

function replacement(draft: Draft, random: Random): JsonMap {
  const from = anObject(draft, random)
  const to = anObject(draft, random)
  const options = (source: boolean): JsonMap =>
    random.chance(0.6)
      ? {}
      : {
          options: {
            ...(random.chance(0.5) ? { delimiter: random.pick([":", "-", ".", "/"]), index: random.below(4) - 1 } : {}),
            ...(!source && random.chance(0.5) ? { create: true } : {}),
          },
        }
  const cut = (path: string[]): string[] => (random.chance(0.2) ? path.slice(0, 1 + random.below(path.length)) : path)
  const source: JsonMap = {
    kind: from["kind"] ?? "X",
    name: nameOf(from),
    ...(random.chance(0.8) ? { fieldPath: dotted(cut(random.pick(pathsOf(from))), from, random) } : {}),
    ...options(true),
  }
  const paths = Array.from({ length: 1 + random.below(2) }, () =>
    dotted([...cut(random.pick(pathsOf(to))), ...(random.chance(0.15) ? ["new"] : [])], to, random),
  )
  const select: JsonMap = random.chance(0.7)
    ? { kind: to["kind"] ?? "X", name: nameOf(to) }
    : random.pick<JsonMap>([{ kind: to["kind"] ?? "X" }, { name: ".*" }, { name: nameOf(to).slice(0, 3) + ".*" }, {}])
  const one: JsonMap = {
    select,
    ...(random.chance(0.9) ? { fieldPaths: paths } : {}),
    ...(random.chance(0.15) ? { reject: [{ kind: "Secret" }] } : {}),
    ...options(false),
  }
  return random.chance(0.1)
    ? { sourceValue: random.pick(["7", "x", "true", "a\nb", "", "1.10"]), targets: [one] }
    : { source, targets: [one] }
}

const literals = [
  "A=1",
  "B=two words",
  "a.b=true",
  'Q="quoted"',
  "E=",
  "M=a=b",
  "N=null",
  'J={"a": 1}',
  "L=line\\n",
  "U=日本",
  "T=2001-12-14",
  "S= lead",
  "X='x",
  `W=${"long word ".repeat(12)}`,
]

function generator(draft: Draft, random: Random): JsonMap {
  const existing = draft.objects.filter((object) => /^(?:ConfigMap|Secret)$/u.test(String(object["kind"])))
  const merging = existing.length > 0 && random.chance(0.4)
  const files = [...draft.files.keys()].filter(
    (path) => path.startsWith(draft.dir === "." ? "" : `${draft.dir}/`) && !/['\\ =]/u.test(path),
  )
  const name = merging ? nameOf(random.pick(existing)) : random.pick(oddNames)
  const relative = (path: string): string => (draft.dir === "." ? path : path.slice(draft.dir.length + 1))
  return {
    name,
    ...(random.chance(0.9) ? { literals: random.shuffle(literals).slice(0, 1 + random.below(4)) } : {}),
    ...(files.length > 0 && random.chance(0.3) ? { files: [relative(random.pick(files))] } : {}),
    ...(merging || random.chance(0.1) ? { behavior: random.pick(["merge", "replace", "create"]) } : {}),
    ...(random.chance(0.2) ? { namespace: random.pick(oddNames) } : {}),
    ...(random.chance(0.3) ? { options: generatorOptions(random) } : {}),
  }
}

const generatorOptions = (random: Random): JsonMap => ({
  ...(random.chance(0.5) ? { disableNameSuffixHash: random.chance(0.7) } : {}),
  ...(random.chance(0.4) ? { labels: labels(random) } : {}),
  ...(random.chance(0.4) ? { annotations: labels(random) } : {}),
  ...(random.chance(0.3) ? { immutable: random.chance(0.7) } : {}),
})

/** The images that the draft's objects mention. */
function imagesOf(draft: Draft): string[] {
  const found = [...JSON.stringify(draft.objects).matchAll(/"image":"([^"]+)"/gu)].map((match) => match[1]!)
  return found.length > 0 ? found : ["nginx"]
}

function image(draft: Draft, random: Random): JsonMap {
  const whole = random.pick(imagesOf(draft))
  const name = random.chance(0.9)
    ? whole.replace(/@.*$/u, "").replace(/:[^/:]*$/u, "")
    : random.pick([whole, "ngin.", "*", "nginx"])
  return {
    name,
    ...(random.chance(0.4) ? { newName: random.pick(["r.io:5000/x/y", "busybox", ""]) } : {}),
    ...(random.chance(0.6) ? { newTag: random.pick(["v2", "1.0", "007", ""]) } : {}),
    ...(random.chance(0.2) ? { digest: "sha256:0123" } : {}),
    ...(random.chance(0.15) ? { tagSuffix: "-dbg" } : {}),
  }
}

/** Fields of a kustomization by name, each made to fit the draft. */
export const features: { readonly [name: string]: Feature } = {
  namePrefix: (_, random) => ({ namePrefix: random.pick(["p-", "x", "a.b-", ""]) }),
  nameSuffix: (_, random) => ({ nameSuffix: random.pick(["-s", "-1", ""]) }),
  namespace: (_, random) => ({ namespace: random.pick(["prod", "default", "x-1"]) }),
  commonLabels: (_, random) => ({ commonLabels: labels(random) }),
  commonAnnotations: (_, random) => ({ commonAnnotations: labels(random) }),
  labels: (_, random) => ({
    labels: [
      {
        pairs: labels(random),
        ...(random.chance(0.5) ? { includeSelectors: random.chance(0.5) } : {}),
        ...(random.chance(0.3) ? { includeTemplates: true } : {}),
        ...(random.chance(0.1)
          ? { fields: [{ path: "spec/x/labels", create: true, kind: random.pick(kinds)[1] }] }
          : {}),
      },
    ],
  }),
  images: (draft, random) => ({ images: [image(draft, random)] }),
  replicas: (draft, random) => ({
    replicas: [{ name: nameOf(anObject(draft, random)), count: random.pick([0, 1, 5, -1]) }],
  }),
  patches: (draft, random) => ({ patches: Array.from({ length: 1 + random.below(2) }, () => anyPatch(draft, random)) }),
  patchesStrategicMerge: (draft, random) => ({
    patchesStrategicMerge: [stringify(strategicPatch(anObject(draft, random), random))],
  }),
  patchesJson6902: (draft, random) => {
    const object = anObject(draft, random)
    return {
      patchesJson6902: [
        {
          target: { version: "v1", kind: object["kind"] ?? "X", name: nameOf(object) },
          patch: stringify(operations(object, random)),
        },
      ],
    }
  },
  replacements: (draft, random) => ({ replacements: [replacement(draft, random)] }),
  configMapGenerator: (draft, random) => ({ configMapGenerator: [generator(draft, random)] }),
  secretGenerator: (draft, random) => ({
    secretGenerator: [{ ...generator(draft, random), ...(random.chance(0.3) ? { type: "kubernetes.io/tls" } : {}) }],
  }),
  generatorOptions: (_, random) => ({ generatorOptions: generatorOptions(random) }),
  buildMetadata: (_, random) => ({
    buildMetadata: random
      .shuffle(["originAnnotations", "transformerAnnotations", "managedByLabel"])
      .slice(0, 1 + random.below(3)),
  }),
  sortOptions: (_, random) => ({
    sortOptions: random.pick<JsonMap>([
      { order: "fifo" },
      { order: "legacy" },
      { order: "legacy", legacySortOptions: { orderFirst: ["Service"], orderLast: ["ConfigMap"] } },
    ]),
  }),
  vars: (draft, random) => {
    const object = anObject(draft, random)
    return {
      vars: [
        {
          name: random.pick(["VAR", "X_1"]),
          objref: { apiVersion: object["apiVersion"] ?? "v1", kind: object["kind"] ?? "X", name: nameOf(object) },
          ...(random.chance(0.6)
            ? { fieldref: { fieldpath: dotted(random.pick(pathsOf(object)), object, random) } }
            : {}),
        },
      ],
    }
  },
}
