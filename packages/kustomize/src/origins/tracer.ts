import type { YamlPath } from "@gitops-toolkit/kube/manifest"
import type { Tracer } from "../accumulate/context.ts"
import type { FieldOrigin } from "../origin.ts"
import type { FileText } from "../load/loader.ts"
import { fieldOf } from "../node/node.ts"
import type { MapNode, Node } from "../node/node.ts"
import { freezeNode } from "../node/own.ts"
import type { ResourceMap } from "../resource/resource-map.ts"
import type { Resource } from "../resource/resource.ts"
import { fieldsOf } from "./fields.ts"
import { documentsOf, inlineDocuments, keyOfObject, locateObjects } from "./located.ts"
import { placeInField, placeOfPlugin, placesOf, placesOfGenerated, placesOfPart } from "./places.ts"
import type { PlacesOf } from "./places.ts"
import { follow, grow, placeAt } from "./trace.ts"
import type { PlaceOf, Trace } from "./trace.ts"

/** Follows every field of every resource of one build. */
export function createTracer(): Tracer {
  const texts = new Map<string, FileText>()
  return {
    read(resources, file, host) {
      if (host === undefined) texts.set(file.path, file)
      // The file is read again when somebody asks.
      const objects = once(() =>
        locateObjects(host === undefined ? documentsOf(file) : inlineDocuments(file.text, host)),
      )
      for (const resource of resources) {
        const key = keyOfObject(resource.node as Node)
        const positionOf = (way: YamlPath): FieldOrigin => objects().get(key)?.positionOf(way) ?? { path: file.path }
        resource.trace = { place: { document: { positionOf }, way: [] } }
      }
    },
    generate(object, { target, field, keys }) {
      const place = placeInField(target, field, [])
      object.trace = grow(object.node as Node, { path: [] }, placesOfGenerated(place, keys))
    },
    generateBy(config, objects) {
      const place = placeOfPlugin(config)
      const placeOf: PlaceOf = (path) => ({ ...place, way: [...place.way, ...path] })
      for (const object of objects) object.trace = grow(object.node as Node, { path: [] }, placeOf)
    },
    merge(generated, existing, action) {
      const before = freezeResource(generated)
      action()
      const [known, trace] = [existing.trace, generated.trace]
      if (known === undefined || trace === undefined || before === undefined || generated.node === undefined) return
      const step = { before, after: generated.node, path: [] }
      generated.trace = follow(trace, step, (path) => placeAt(known, mergedFrom(existing.node, path)))
    },
    async watch(map, stage, action) {
      let before = takeSnapshots(map)
      const result = await action((part) => {
        note(map, before, placesOfPart(stage, part))
        before = takeSnapshots(map)
      })
      note(map, before, placesOf(stage, map, texts))
      return result
    },
    fieldsOf: (object, resource) => (resource.trace === undefined ? undefined : fieldsOf(object, resource.trace)),
  }
}

/** What a resource was before a stage, by the resource and, for one that a function returns anew, by its trace. */
type Snapshots = ReadonlyMap<Resource | Trace, MapNode>

/** The resource's node as it is now: whoever changes the resource has to copy what he changes. */
function freezeResource(resource: Resource): MapNode | undefined {
  freezeNode(resource)
  return resource.node
}

function takeSnapshots(map: ResourceMap): Snapshots {
  const snapshots = new Map<Resource | Trace, MapNode>()
  for (const resource of map.resources) {
    const { trace } = resource
    const node = freezeResource(resource)
    if (node === undefined || trace === undefined) continue
    snapshots.set(resource, node).set(trace, node)
  }
  return snapshots
}

function note(map: ResourceMap, snapshots: Snapshots, places: PlacesOf): void {
  for (const resource of map.resources) {
    const { node, trace } = resource
    if (node === undefined) continue
    const before = snapshots.get(resource) ?? (trace && snapshots.get(trace))
    resource.trace =
      trace === undefined || before === undefined
        ? grow(node, { path: [] }, places(resource))
        : follow(trace, { before, after: node, path: [] }, places(resource))
  }
}

/** What a generator merges with as data may have been written as `stringData`. */
function mergedFrom(existing: MapNode | undefined, path: YamlPath): YamlPath {
  const [top, key] = path
  const isText = top === "data" && fieldOf(fieldOf(existing, "stringData"), String(key)) !== undefined
  return isText ? ["stringData", ...path.slice(1)] : path
}

function once<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | undefined
  return () => (made ??= { value: make() }).value
}
