// The groups of requests: each makes a request of a seed, and only requests that leave no trace.
import { type Body, type Json, builtIn } from "./bodies.ts"
import { definition, definitions, things } from "./custom.ts"
import { changed, type Path, pick, type Random, vary } from "./vary.ts"

/** A request that is sent to both servers. */
export interface Request {
  readonly label: string
  readonly method: string
  readonly path: string
  readonly query: readonly (readonly [string, string])[]
  readonly headers: { readonly [name: string]: string }
  readonly body?: unknown
}

/** Makes a request; `corpus` are the bodies of the recorded cases. */
export type Group = (random: Random, corpus: readonly Body[]) => Request

const json = { accept: "application/json", "content-type": "application/json" }
const dry = ["dryRun", "All"] as const

/** Objects that exist on both servers when requests are sent. */
export const existing: readonly Body[] = [
  { path: "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", body: definition },
  ...builtIn,
  ...things,
]

const nameOf = ({ body }: Body): string => String((body["metadata"] as Json)["name"])
const itemPath = (body: Body): string => `${body.path}/${nameOf(body)}`
const kindOf = ({ body }: Body): string => String(body["kind"])

function strictness(random: Random): (readonly [string, string])[] {
  return random() < 0.7 ? [] : [["fieldValidation", pick(random, ["Strict", "Warn", "Ignore", "Other"])]]
}

/** Mostly one change, sometimes two: several faults have an order. */
function varied(random: Random, body: Json): { readonly label: string; readonly body: Json } {
  const first = vary(random, body)
  const once = changed(body, first.path, first.value) as Json
  if (random() < 0.85) return { label: first.label, body: once }
  const second = vary(random, once)
  return { label: `${first.label}, ${second.label}`, body: changed(once, second.path, second.value) as Json }
}

const renamed = (body: Json): Json => ({ ...body, metadata: { ...(body["metadata"] as Json), name: "other" } })

function creation(random: Random, from: Body): Request {
  // Names of definitions are made of what is in them.
  const { label, body } = varied(random, from.path.endsWith("definitions") ? from.body : renamed(from.body))
  return {
    label: `${kindOf(from)} ${label}`,
    method: "POST",
    path: from.path,
    query: [dry, ...strictness(random)],
    headers: json,
    body,
  }
}

const create: Group = (random, corpus) =>
  creation(random, pick(random, random() < 0.75 || corpus.length === 0 ? builtIn : corpus))
const crd: Group = (random, corpus) => {
  const own = corpus.filter(({ body }) => body["kind"] === "CustomResourceDefinition")
  return creation(random, pick(random, random() < 0.6 || own.length === 0 ? definitions : own))
}
const thing: Group = (random) => creation(random, pick(random, things))

const update: Group = (random) => {
  const from = pick(random, existing)
  const { label, body } = varied(random, from.body)
  const version = random() < 0.9 ? { resourceVersion: "$rv" } : {}
  const sent = { ...body, metadata: { ...(body["metadata"] as Json | undefined), ...version } }
  return {
    label: `${kindOf(from)} ${label}`,
    method: "PUT",
    path: itemPath(from),
    query: [dry, ...strictness(random)],
    headers: json,
    body: sent,
  }
}

/** A merge patch that makes one change. */
function mergePatch(path: Path, value: unknown, body: Json): unknown {
  const end = path.findIndex((key) => typeof key === "number")
  const reach = end < 0 ? path : path.slice(0, end)
  const whole = changed(body, path, value) as Json
  const next = end < 0 ? value : reach.reduce<unknown>((inner, key) => (inner as Json)[key as string], whole)
  return reach.reduceRight<unknown>((inner, key) => ({ [key]: inner }), next ?? null)
}

const pointer = (path: Path): string =>
  path.map((key) => `/${String(key).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("")

const patch: Group = (random) => {
  const from = pick(random, existing)
  const { path, value, label } = vary(random, from.body)
  const form = pick(random, ["merge-patch", "strategic-merge-patch", "json-patch"])
  const op = value === undefined ? "remove" : pick(random, ["replace", "add", "test"])
  const body =
    form === "json-patch"
      ? [{ op, path: pointer(path), ...(op === "remove" ? {} : { value }) }]
      : mergePatch(path, value, from.body)
  return {
    label: `${kindOf(from)} ${form} ${label}`,
    method: "PATCH",
    path: itemPath(from),
    query: [dry, ...strictness(random)],
    headers: { ...json, "content-type": `application/${form}+json` },
    body,
  }
}

const apply: Group = (random) => {
  const from = pick(random, existing)
  const { label, body } = varied(random, from.body)
  const query: (readonly [string, string])[] = [dry, ["fieldManager", "other"]]
  if (random() < 0.5) query.push(["force", "true"])
  const isNew = random() < 0.3
  return {
    label: `${kindOf(from)} apply ${label}`,
    method: "PATCH",
    path: isNew ? `${from.path}/other` : itemPath(from),
    query,
    headers: { ...json, "content-type": "application/apply-patch+yaml" },
    body: isNew ? renamed(body) : body,
  }
}

const table = "application/json;as=Table;g=meta.k8s.io;v=v1"
const accepts = [
  "application/json",
  table,
  `${table},application/json`,
  "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1",
  "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1",
  "application/json;as=Other;g=meta.k8s.io;v=v1",
  "application/xml",
  "*/*",
  "application/yaml",
]
const selectors = [
  "app=web",
  "app!=web",
  "app in (web,b)",
  "app notin (web)",
  "!app",
  "app",
  "a in",
  "=",
  "app=web,other",
  "x>1",
  "bad key=1",
  "app==web",
  "app in ()",
]
const fields = [
  "metadata.name=base",
  "metadata.name!=base",
  "metadata.namespace=fuzz",
  "spec.nodeName=",
  "status.phase=Pending",
  "type=Opaque",
  "spec.mode=on",
  "other=1",
  "metadata.name",
  "metadata.name=base,metadata.namespace=x",
  "spec.type=ClusterIP",
  "spec.restartPolicy!=Never",
  "spec.schedulerName=x",
]
const versions = ["0", "1", "", "x", "99999999"]

const list: Group = (random) => {
  const from = pick(random, existing)
  const single = random() < 0.25
  const query: (readonly [string, string])[] = []
  if (random() < 0.4) query.push(["labelSelector", pick(random, selectors)])
  if (random() < 0.4) query.push(["fieldSelector", pick(random, fields)])
  if (random() < 0.2) query.push(["limit", pick(random, ["1", "0", "-1", "x", "500"])])
  if (random() < 0.15) query.push(["resourceVersion", pick(random, versions)])
  if (random() < 0.1) query.push(["resourceVersionMatch", pick(random, ["Exact", "NotOlderThan", "Other"])])
  if (random() < 0.05) query.push(["continue", "abc"])
  if (random() < 0.15) query.push(["includeObject", pick(random, ["None", "Object", "Metadata", "Other"])])
  const watch = !single && random() < 0.03
  if (watch)
    query.push(["watch", "true"], ["timeoutSeconds", "1"], ["allowWatchBookmarks", pick(random, ["true", "false"])])
  const across = random() < 0.2 && from.path.includes("/namespaces/fuzz")
  const path = across ? from.path.replace("/namespaces/fuzz", "") : from.path
  return {
    label: `${kindOf(from)} ${single ? "get" : "list"}`,
    method: "GET",
    path: single ? `${from.path}/${pick(random, [nameOf(from), "missing"])}` : path,
    query,
    headers: { accept: pick(random, accepts) },
  }
}

const deletions: Json[] = [
  {},
  { propagationPolicy: "Foreground" },
  { propagationPolicy: "Orphan" },
  { propagationPolicy: "Other" },
  { orphanDependents: true },
  { orphanDependents: true, propagationPolicy: "Orphan" },
  { gracePeriodSeconds: 0 },
  { gracePeriodSeconds: -1 },
  { gracePeriodSeconds: "x" },
  { preconditions: { uid: "other" } },
  { preconditions: { resourceVersion: "1" } },
  { dryRun: ["All"] },
  { dryRun: ["Other"] },
  { apiVersion: "v1", kind: "DeleteOptions" },
  { apiVersion: "v1", kind: "Pod" },
  { apiVersion: "apps/v1", kind: "DeleteOptions", propagationPolicy: "Background" },
  { unknown: 1 },
]

/** A creation whose answer is asked for in another form. */
const print: Group = (random, corpus) => {
  const request = pick(random, [create, create, create, thing, update])(random, corpus)
  return { ...request, headers: { ...request.headers, accept: pick(random, accepts) } }
}

const methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE"]
const types = [
  ...["application/json", "application/merge-patch+json", "application/strategic-merge-patch+json"],
  ...["application/json-patch+json", "application/apply-patch+yaml", "application/yaml", "text/plain", ""],
]
const settings: readonly (readonly [string, string])[] = [
  ["dryRun", "Other"],
  ["dryRun", ""],
  ["fieldManager", "x".repeat(129)],
  ["fieldManager", "a\tb"],
  ["fieldValidation", "Other"],
  ["force", "true"],
  ["force", "false"],
  ["pretty", "true"],
  ["pretty", "0"],
  ["timeout", "x"],
  ["unknown", "1"],
]

/** Any method on any path with any media types: what routes and options say. */
const path: Group = (random) => {
  const from = pick(random, existing)
  const method = pick(random, methods)
  const item = itemPath(from)
  const shape = pick(random, [
    ...[from.path, item, `${item}/`, `${from.path}/`, `${item}/status`, `${item}/other`, `${item}/status/more`],
    ...[`${from.path}x`, from.path.replace(/v\d/, "v9"), from.path.replace(/apis\/[^/]+/, "apis/none.example.com")],
    ...[from.path.replace("/namespaces/fuzz", ""), item.replace("/namespaces/fuzz", "/namespaces/none")],
    ...[item.replace("/namespaces/fuzz", ""), `/x${item}`, `${from.path}/Bad%20Name`, `${from.path}//a`],
  ])
  const type = pick(random, types)
  const query: (readonly [string, string])[] = method === "GET" || method === "HEAD" ? [] : [dry]
  if (random() < 0.3) query.push(pick(random, settings))
  // Never with a DELETE: options in its body would win over the dry run.
  const isSent = ["POST", "PUT", "PATCH"].includes(method)
  const { body } = random() < 0.5 ? from : { body: pick<unknown>(random, [{}, [], "x", 1, null, { kind: "Other" }]) }
  return {
    label: `${kindOf(from)} ${method}`,
    method,
    path: shape,
    query,
    headers: { accept: random() < 0.6 ? "application/json" : pick(random, accepts), "content-type": type },
    ...(isSent ? { body } : {}),
  }
}

const debuggers: Json[] = [
  { name: "debug", image: "busybox" },
  { name: "debug", image: "busybox", command: ["sh"], stdin: true, tty: true, targetContainerName: "web" },
  { name: "web", image: "busybox" },
  { name: "debug", image: "" },
  { name: "debug", image: "busybox", targetContainerName: "none" },
  { name: "debug", image: "busybox", ports: [{ containerPort: 80 }], resources: { limits: { cpu: "1" } } },
  { name: "debug", image: "busybox", livenessProbe: { exec: { command: ["a"] } }, lifecycle: {} },
  { name: "debug", image: "busybox", volumeMounts: [{ name: "tmp", mountPath: "/tmp", subPath: "a" }] },
]
const sizes: Json[] = [
  {},
  { requests: { cpu: "200m" } },
  { requests: { cpu: "200m", memory: "64Mi" }, limits: { cpu: "2", memory: "128Mi" } },
  { requests: { cpu: "2", memory: "64Mi" }, limits: { cpu: "1", memory: "128Mi" } },
  { limits: { cpu: "1", memory: "1Gi" } },
  { requests: { cpu: "x" } },
  { requests: { cpu: "100m", memory: "64Mi", "example.com/a": "1" }, limits: { cpu: "1", memory: "128Mi" } },
  { requests: { cpu: "1", memory: "128Mi" }, limits: { cpu: "1", memory: "128Mi" } },
]

/** Containers for debugging, and other amounts for the containers that there are. */
const podpart: Group = (random) => {
  const from = pick(random, builtIn.slice(0, 2))
  const name = pick(random, ["ephemeralcontainers", "resize"])
  const spec = from.body["spec"] as Json
  const containers = (spec["containers"] as Json[]).map((each, index) =>
    index === 0 || random() < 0.2 ? { ...each, resources: pick(random, sizes) } : each,
  )
  const list = [pick(random, debuggers), ...(random() < 0.2 ? [pick(random, debuggers)] : [])]
  const bent: Json = name === "resize" ? { containers } : { ephemeralContainers: list }
  const method = pick(random, ["PUT", "PATCH", "PATCH", "GET"])
  const form = pick(random, ["merge-patch", "strategic-merge-patch"])
  const whole = { ...from.body, spec: { ...spec, ...bent } }
  const { label, body } = random() < 0.3 ? varied(random, whole) : { label: "", body: whole }
  return {
    label: `Pod ${method} ${name} ${label}`,
    method,
    path: `${itemPath(from)}/${name}`,
    query: [dry, ...strictness(random)],
    headers: { ...json, ...(method === "PATCH" ? { "content-type": `application/${form}+json` } : {}) },
    ...(method === "GET" ? {} : { body: method === "PATCH" ? { spec: bent } : body }),
  }
}

const remove: Group = (random) => {
  const from = pick(random, existing)
  const query: (readonly [string, string])[] = [dry]
  if (random() < 0.2) query.push(["propagationPolicy", pick(random, ["Foreground", "Orphan", "Background", "Other"])])
  if (random() < 0.2) query.push(["gracePeriodSeconds", pick(random, ["0", "5", "-1", "x"])])
  const body = pick(random, deletions)
  // Options in the body win over those in the query: only a dry run leaves everything as it is.
  const isSent = random() < 0.7
  return {
    label: `${kindOf(from)} delete`,
    method: "DELETE",
    path: random() < 0.9 ? itemPath(from) : `${from.path}/missing`,
    query,
    headers: json,
    ...(isSent ? { body: { ...body, dryRun: body["dryRun"] ?? ["All"] } } : {}),
  }
}

const subresources = [
  "status",
  "scale",
  "eviction",
  "binding",
  "finalize",
  "log",
  "token",
  "approval",
  "ephemeralcontainers",
  "resize",
  "other",
]

const subresource: Group = (random) => {
  const from = pick(random, existing)
  const name = pick(random, random() < 0.7 ? ["status", "scale"] : subresources)
  const path = `${itemPath(from)}/${name}`
  const method = pick(random, ["GET", "PUT", "PATCH", "POST", "DELETE"])
  const label = `${kindOf(from)} ${method} ${name}`
  if (method === "GET" || method === "DELETE")
    return { label, method, path, query: [dry], headers: { accept: pick(random, accepts) } }
  const scale = {
    apiVersion: "autoscaling/v1",
    kind: "Scale",
    metadata: { name: nameOf(from), namespace: "fuzz" },
    spec: { replicas: pick(random, [...[0, 3, -1, 1.5], "x", null]) },
  }
  const status = {
    ...from.body,
    status: pick<unknown>(random, [
      {},
      { replicas: 1, readyReplicas: 2 },
      { replicas: -1 },
      { conditions: [{ type: "Ready", status: "True" }] },
      { phase: "Running" },
      { unknown: 1 },
      "x",
      { loadBalancer: { ingress: [{ ip: "1.2.3.4" }] } },
      { loadBalancer: { ingress: [{ ip: "x" }] } },
    ]),
  }
  const body = name === "scale" ? scale : status
  if (method !== "PATCH") return { label, method, path, query: [dry, ...strictness(random)], headers: json, body }
  const form = pick(random, ["merge-patch", "strategic-merge-patch"])
  const { spec, status: state } = body as unknown as Json
  return {
    label,
    method,
    path,
    query: [dry],
    headers: { ...json, "content-type": `application/${form}+json` },
    body: name === "scale" ? { spec } : { status: state },
  }
}

/** Every group by its name; the default run takes turns. */
export const groups: { readonly [name: string]: Group } = {
  create,
  update,
  thing,
  patch,
  apply,
  crd,
  list,
  remove,
  subresource,
  podpart,
  print,
  path,
}
