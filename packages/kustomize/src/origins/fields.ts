import type { KubeObject } from "@gitops-toolkit/kube"
import type { YamlPath } from "@gitops-toolkit/kube/manifest"
import type { FieldOrigin, FieldOrigins } from "../origin.ts"
import { partOf } from "./trace.ts"
import type { Place, Trace } from "./trace.ts"

/** The origin that a place stands for. */
export function originOfPlace({ transformer, document, way }: Place): FieldOrigin {
  const spot = document.positionOf(way)
  return transformer === undefined ? spot : { ...spot, transformer }
}

const escapeStep = (step: string | number): string => String(step).replaceAll("~", "~0").replaceAll("/", "~1")

/** A path as a JSON pointer. */
export const pointerOf = (path: YamlPath): string => path.map((step) => `/${escapeStep(step)}`).join("")

/** The origins of every leaf of an object, and of what was removed from it. */
export function fieldsOf(object: KubeObject, trace: Trace): FieldOrigins {
  const origins: { fields: { [pointer: string]: FieldOrigin }; removed: { [pointer: string]: FieldOrigin } } = {
    fields: {},
    removed: {},
  }
  const visit = (value: unknown, part: Trace, pointer: string): void => {
    for (const [name, place] of part.removed ?? [])
      origins.removed[`${pointer}/${escapeStep(name)}`] = originOfPlace(place)
    const entries = typeof value === "object" && value !== null ? [...entriesOf(value)] : []
    if (entries.length === 0) origins.fields[pointer] = originOfPlace(part.place)
    for (const [key, item] of entries) visit(item, partOf(part, key), `${pointer}/${escapeStep(key)}`)
  }
  visit(object, trace, "")
  return origins
}

const entriesOf = (value: object): Iterable<[string | number, unknown]> =>
  Array.isArray(value) ? value.entries() : Object.entries(value)
