import { parseDuration } from "@gitops-toolkit/kube"
import { type Answer, badRequest, notFound, notFoundText, resourceNotServed } from "../answer.ts"
import { serveDiscovery, serveOpenApi } from "./discovery/serve.ts"
import { versionInfo } from "./discovery/version.ts"
import { type Call, parameter, segmentsOf, type Target, targetOf } from "../wire/request.ts"
import type { Resource } from "../resource.ts"
import type { ServerState } from "../state.ts"
import type { YamlReader } from "../wire/body.ts"
import { type ResourceCall, serveResource, verbOf } from "./resource.ts"
import { serveSubresource } from "./subresource.ts"

/** Where a request goes. */
export interface Route {
  readonly segments: readonly string[]
  readonly target?: Target
  readonly resource?: Resource
  /** `get`, `list`, …; the lower-case method for paths outside of resources. */
  readonly verb: string
}

/** Finds out what a request is about. Paths with empty segments are about nothing. */
export function routeOf(state: ServerState, call: Call): Route {
  const segments = segmentsOf(call.path)
  const verb = call.method.toLowerCase()
  if (!segments) return { segments: [], verb }
  const isApi = (segments[0] === "api" && segments.length > 2) || (segments[0] === "apis" && segments.length > 3)
  if (!isApi) return { segments, verb }
  const watched = deprecatedWatch(segments)
  const target = targetOf(watched ?? segments)
  if (!target) return { segments, verb }
  const resource = state.registry.find(target.group, target.version, target.plural)
  const named = watched ? { ...target, subresource: "" } : target
  return { segments, target: named, ...(resource ? { resource } : {}), verb: watched ? "watch" : verbOf(call, target) }
}

/** `/api/v1/watch/…` without the word; undefined for other paths. */
function deprecatedWatch(segments: readonly string[]): string[] | undefined {
  const at = segments[0] === "api" ? 2 : 3
  return segments[at] === "watch" ? segments.toSpliced(at, 1) : undefined
}

/** Serves a request that is allowed. */
export function serveRoute(
  state: ServerState,
  call: Call,
  { route, readYaml }: { readonly route: Route; readonly readYaml: YamlReader },
): Answer {
  const { segments, target } = route
  if (route.verb !== "watch") checkTimeout(call)
  if (!target) {
    if (!isApiPath(segments)) return servePath(state, call, segments)
    const nameless = resourceAround(state, segments)
    throw nameless?.custom ? notFound(nameless, "") : resourceNotServed()
  }
  const { resource } = route
  if (!resource) {
    const group = state.registry.group(target.group)
    if (!group || !group.versions.has(target.version)) return group?.builtIn ? throwNotServed() : notFoundText
    return group.builtIn ? throwNotServed() : notFoundText
  }
  if (resource.custom && !resource.namespaced && target.namespace !== "") return notFoundText
  const request: ResourceCall = { call, target, resource, verb: route.verb, readYaml }
  return target.subresource === "" ? serveResource(state, request) : serveSubresource(state, request)
}

/** Whether a path that names nothing lies where resources of built-in groups are: an empty segment is in it. */
function isApiPath(segments: readonly string[]): boolean {
  return segments.includes("") && ((segments[0] === "api" && segments.length > 2) || segments.length > 3)
}

/** The resource that a path with an empty segment is about. */
function resourceAround(state: ServerState, segments: readonly string[]): Resource | undefined {
  const target = targetOf(segments.filter((segment) => segment !== ""))
  return target && state.registry.find(target.group, target.version, target.plural)
}

/** 400 for a `timeout` that is no duration of Go. */
function checkTimeout(call: Call): void {
  const text = parameter(call, "timeout")
  if (!text) return
  try {
    parseDuration(text)
  } catch {
    const [, number, unit] =
      /^[-+]?(?:(?:\d+\.?\d*|\.\d+)[a-zµ]+)*(\d+\.?\d*|\.\d+)?([a-zµ]*)/.exec(text.slice(0, 100)) ?? []
    const quoted = JSON.stringify(text)
    const why =
      number === undefined
        ? `invalid duration ${quoted}`
        : unit === ""
          ? `missing unit in duration ${quoted}`
          : `unknown unit ${JSON.stringify(unit)} in duration ${quoted}`
    throw badRequest(`invalid timeout specified in the request URL - time: ${why}`)
  }
}

function throwNotServed(): never {
  throw resourceNotServed()
}

const healthPaths: ReadonlySet<string> = new Set(["healthz", "readyz", "livez"])

function servePath(state: ServerState, call: Call, segments: readonly string[]): Answer {
  const [root] = segments
  if (root === undefined) return { status: 200, object: { paths: pathsOf(state) } }
  if (root === "api" || root === "apis") return serveDiscovery(state, call, segments) ?? notFoundText
  if (root === "openapi") return serveOpenApi(state, call, segments) ?? notFoundText
  if (root === "version" && segments.length === 1) return { status: 200, object: versionInfo }
  if (healthPaths.has(root)) return health(call, segments)
  return notFoundText
}

const checks = ["ping", "log", "etcd"]

function health(call: Call, segments: readonly string[]): Answer {
  const contentType = "text/plain; charset=utf-8"
  const [name, check] = segments
  if (check !== undefined && !checks.includes(check)) return notFoundText
  if (!call.query.has("verbose")) return { status: 200, text: "ok", contentType }
  const lines = checks.map((each) => `[+]${each} ok\n`).join("")
  return { status: 200, text: `${lines}${name} check passed\n`, contentType }
}

function pathsOf(state: ServerState): string[] {
  const paths = [
    "/api",
    "/api/v1",
    "/apis",
    "/apis/",
    "/healthz",
    "/livez",
    "/openapi/v3",
    "/openapi/v3/",
    "/readyz",
    "/version",
  ]
  for (const { name, versions } of state.registry.groups()) {
    if (name === "") continue
    paths.push(`/apis/${name}`, ...[...versions.keys()].map((version) => `/apis/${name}/${version}`))
  }
  return paths.toSorted()
}
