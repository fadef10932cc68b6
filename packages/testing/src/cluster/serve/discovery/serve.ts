import type { Answer } from "../../answer.ts"
import { notFoundText, resourceNotServed } from "../../answer.ts"
import { type Call, header } from "../../wire/request.ts"
import type { Group, Registry } from "../../resource.ts"
import type { ServerState } from "../../state.ts"
import { parseMediaTypes } from "../../wire/media.ts"
import { aggregated, coreVersions, groupDocument, groupList, resourceList } from "./lists.ts"
import { printSwagger } from "./gnostic.ts"
import { openApiDocument, openApiIndex } from "./openapi.ts"
import { swaggerDefinitions } from "./swagger.ts"

const json = (object: unknown): Answer => ({ status: 200, object })

/** The version of aggregated discovery that the request prefers over the plain lists; undefined: the plain ones. */
function aggregatedVersion(call: Call): string | undefined {
  for (const { type, parameters } of parseMediaTypes(header(call, "accept") ?? "")) {
    if (type !== "application/json" && type !== "*/*") continue
    if (parameters.get("as") === undefined) return undefined
    const version = parameters.get("v")
    const known = version === "v2" || version === "v2beta1"
    if (parameters.get("g") === "apidiscovery.k8s.io" && parameters.get("as") === "APIGroupDiscoveryList" && known)
      return version
  }
  return undefined
}

function aggregatedAnswer(groups: readonly Group[], version: string): Answer {
  const contentType = `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`
  return { status: 200, object: aggregated(groups, version), contentType }
}

/** `/api`, `/apis` and what lies below them without naming a resource; undefined: not discovery. */
export function serveDiscovery(state: ServerState, call: Call, segments: readonly string[]): Answer | undefined {
  const { registry } = state
  const [root, first, second] = segments
  const version = segments.length === 1 ? aggregatedVersion(call) : undefined
  if (root === "api") {
    const core = registry.group("")!
    if (segments.length === 1) return version ? aggregatedAnswer([core], version) : json(coreVersions())
    if (first !== "v1") throw resourceNotServed()
    return segments.length === 2 ? json(resourceList(core, "v1")) : undefined
  }
  if (segments.length === 1) {
    const groups = registry.groups().filter(({ name }) => name !== "")
    return version ? aggregatedAnswer(groups, version) : json(groupList(registry))
  }
  const group = registry.group(first!)
  if (!group || first === "") return notFoundText
  if (segments.length === 2) return json(groupDocument(group))
  if (!group.versions.has(second!)) {
    if (group.builtIn) throw resourceNotServed()
    return notFoundText
  }
  return segments.length === 3 ? json(resourceList(group, second!)) : undefined
}

const swaggerInfo = { title: "Kubernetes", version: "v1.36.3" }
/** What was printed of the kinds that a registry had; `kubectl apply` asks for it each time. */
const printed = new WeakMap<Registry, { readonly generation: number; readonly bytes: Uint8Array }>()

function printedSwagger(registry: Registry): Uint8Array {
  const generation = registry.generation()
  const before = printed.get(registry)
  if (before?.generation === generation) return before.bytes
  const bytes = printSwagger(swaggerInfo, swaggerDefinitions(registry))
  printed.set(registry, { generation, bytes })
  return bytes
}

/** `/openapi/v2`: definitions without paths, as JSON or as protobuf, which is all that kubectl reads. */
function openApiV2({ registry }: ServerState, call: Call): Answer {
  const [wanted] = parseMediaTypes(header(call, "accept") ?? "")
  if (!wanted?.type.includes("protobuf"))
    return json({ swagger: "2.0", info: swaggerInfo, paths: {}, definitions: swaggerDefinitions(registry) })
  const contentType = wanted.type.replace("@", ".")
  return { status: 200, stream: ReadableStream.from([printedSwagger(registry)]), contentType }
}

/** `/openapi/v3` and what is below; undefined for paths that are no documents. */
export function serveOpenApi(state: ServerState, call: Call, segments: readonly string[]): Answer | undefined {
  const [, dialect, root, ...rest] = segments
  if (dialect === "v2" && root === undefined) return openApiV2(state, call)
  if (dialect !== "v3") return undefined
  if (root === undefined) return { ...json(openApiIndex(state.registry)), contentType: "text/plain; charset=utf-8" }
  const [name, version] = root === "api" ? ["", rest[0]] : [rest[0] ?? "", rest[1]]
  const group = state.registry.group(name)
  if (!group || version === undefined || !group.versions.has(version)) return undefined
  return json(openApiDocument(group, version))
}
