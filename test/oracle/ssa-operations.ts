// What ssa-differential sends: random but repeatable writes on a few objects of each kind.

/** One request; `key` names the object it is about. */
export interface Operation {
  readonly method: string
  readonly path: string
  readonly query: readonly (readonly [string, string])[]
  readonly contentType: string
  readonly body?: unknown
  readonly label: string
  readonly key: string
}

type Json = { [name: string]: unknown }

export const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: "diff" } }

const text = { type: "string" }
const number = { type: "integer" }

function definition(kind: string, status: boolean): object {
  const plural = `${kind.toLowerCase()}s`
  const spec = {
    type: "object",
    properties: {
      count: { type: "integer", default: 1 },
      note: { type: "string", nullable: true },
      size: { "x-kubernetes-int-or-string": true },
      tags: { type: "array", items: text, "x-kubernetes-list-type": "set" },
      steps: { type: "array", items: text },
      ports: {
        type: "array",
        "x-kubernetes-list-type": "map",
        "x-kubernetes-list-map-keys": ["port", "protocol"],
        items: {
          type: "object",
          required: ["port", "protocol"],
          properties: {
            port: number,
            protocol: { type: "string", default: "TCP" },
            name: text,
            weights: { type: "array", items: number },
          },
        },
      },
      parts: {
        type: "array",
        "x-kubernetes-list-type": "map",
        "x-kubernetes-list-map-keys": ["name"],
        items: {
          type: "object",
          required: ["name"],
          properties: {
            name: text,
            value: text,
            labels: { type: "object", additionalProperties: text },
            inner: {
              type: "array",
              "x-kubernetes-list-type": "map",
              "x-kubernetes-list-map-keys": ["id"],
              items: { type: "object", required: ["id"], properties: { id: number, value: text } },
            },
          },
        },
      },
      labels: { type: "object", additionalProperties: text },
      whole: { type: "object", "x-kubernetes-map-type": "atomic", properties: { a: text, b: text } },
      nested: {
        type: "object",
        properties: { a: text, b: text, deep: { type: "object", properties: { c: text, d: number } } },
      },
      open: { type: "object", "x-kubernetes-preserve-unknown-fields": true, properties: { known: text } },
      any: { "x-kubernetes-preserve-unknown-fields": true },
    },
  }
  const state = {
    type: "object",
    properties: { phase: text, seen: { type: "array", items: text, "x-kubernetes-list-type": "set" } },
  }
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.diff.example` },
    spec: {
      group: "diff.example",
      scope: "Namespaced",
      names: { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List` },
      versions: [
        {
          name: "v1",
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: "object", properties: { spec, status: state } } },
          ...(status ? { subresources: { status: {} } } : {}),
        },
      ],
    },
  }
}

export const definitions: readonly object[] = [definition("Widget", true), definition("Plain", false)]

/** Numbers from 0 to below 1, the same for the same seed. */
function createRandom(seed: number): () => number {
  let state = (seed * 2654435761 + 12345) >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

interface Dice {
  readonly chance: (of: number) => boolean
  readonly pick: <Item>(items: readonly Item[]) => Item
  readonly some: <Item>(items: readonly Item[]) => Item[]
}

function createDice(random: () => number): Dice {
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)]!
  const some = <Item>(items: readonly Item[]): Item[] => {
    const kept = items.filter(() => random() < 0.5)
    return random() < 0.3 ? kept.toReversed() : kept
  }
  return { chance: (of) => random() < of, pick, some }
}

/** Only the given members, each with an even chance. */
function maybe(dice: Dice, members: { readonly [name: string]: () => unknown }, chance: number = 0.45): Json {
  const kept: Json = {}
  for (const [name, make] of Object.entries(members)) if (dice.chance(chance)) kept[name] = make()
  return kept
}

function labels(dice: Dice): Json {
  return maybe(dice, { x: () => dice.pick(["1", "2"]), y: () => dice.pick(["1", "2"]), "a.b/c": () => "1" })
}

function metadata(dice: Dice): Json {
  return maybe(
    dice,
    {
      labels: () => labels(dice),
      annotations: () => labels(dice),
      finalizers: () => dice.some(["diff.example/a", "diff.example/b"]),
    },
    0.25,
  )
}

function containers(dice: Dice): Json[] {
  return ["main", "side"]
    .filter((name) => name === "main" || dice.chance(0.4))
    .map((name) => ({
      name,
      image: dice.pick(["app:1", "app:2"]),
      ...maybe(
        dice,
        {
          command: () => dice.pick([["run"], ["run", "-v"]]),
          env: () => dice.some(["A", "B", "C"]).map((each) => ({ name: each, value: dice.pick(["1", "2"]) })),
          ports: () =>
            dice.some([80, 81]).map((containerPort) => ({
              containerPort,
              ...maybe(dice, { protocol: () => "TCP", name: () => `p${containerPort}` }),
            })),
          resources: () => ({ limits: maybe(dice, { cpu: () => dice.pick(["1", "500m"]), memory: () => "1Gi" }) }),
          imagePullPolicy: () => dice.pick(["Always", "IfNotPresent"]),
        },
        0.35,
      ),
    }))
}

function podSpec(dice: Dice): Json {
  return {
    containers: containers(dice),
    ...maybe(
      dice,
      {
        nodeSelector: () => dice.pick([{ disk: "ssd" }, { disk: "hdd", zone: "a" }]),
        tolerations: () => [{ key: "k", operator: "Exists" }],
        volumes: () => dice.some(["v1", "v2"]).map((name) => ({ name, emptyDir: {} })),
        hostAliases: () =>
          dice.some(["10.0.0.1", "10.0.0.2"]).map((ip) => ({ ip, hostnames: [dice.pick(["a", "b"])] })),
        terminationGracePeriodSeconds: () => dice.pick([10, 30]),
        securityContext: () => maybe(dice, { runAsNonRoot: () => true, runAsUser: () => 1000 }),
        imagePullSecrets: () => dice.some(["s1", "s2"]).map((name) => ({ name })),
      },
      0.3,
    ),
  }
}

function deploymentSpec(dice: Dice): Json {
  return {
    selector: { matchLabels: { app: "a" } },
    template: {
      metadata: { labels: { app: "a", ...(dice.chance(0.3) ? { extra: dice.pick(["1", "2"]) } : {}) } },
      spec: podSpec(dice),
    },
    ...maybe(dice, {
      replicas: () => dice.pick([1, 2, 3]),
      minReadySeconds: () => dice.pick([0, 5]),
      revisionHistoryLimit: () => 3,
      paused: () => dice.pick([true, false]),
      strategy: () =>
        dice.pick([
          { type: "RollingUpdate", rollingUpdate: { maxSurge: dice.pick([1, "25%"]) } },
          { type: "RollingUpdate" },
        ]),
    }),
  }
}

function serviceSpec(dice: Dice): Json {
  const ports = [80, 81, 82].filter((port) => port === 80 || dice.chance(0.5))
  return {
    ports: ports.map((port) => ({
      port,
      name: `p${port}`,
      ...maybe(dice, { protocol: () => "TCP", targetPort: () => dice.pick([8080, "http"]) }),
    })),
    ...maybe(dice, {
      selector: () => dice.pick([{ app: "a" }, { app: "b" }]),
      sessionAffinity: () => "None",
      publishNotReadyAddresses: () => true,
      internalTrafficPolicy: () => dice.pick(["Cluster", "Local"]),
    }),
  }
}

function customSpec(dice: Dice): Json {
  const scalar = (): unknown => dice.pick<unknown>(["1", "2", 3, true, ["a"], { a: "1", b: { c: "2" } }, {}])
  return maybe(dice, {
    count: () => dice.pick([1, 2]),
    note: () => dice.pick(["n", "m", null]),
    size: () => dice.pick<unknown>([1, "50%"]),
    tags: () => dice.some(["a", "b", "c", "d"]),
    steps: () => dice.some(["a", "b", "c"]),
    ports: () =>
      dice.some([80, 81]).map((port) => ({
        port,
        ...maybe(dice, { protocol: () => dice.pick(["TCP", "UDP"]), name: () => "n", weights: () => [1] }),
      })),
    parts: () =>
      dice.some(["p", "q", "r"]).map((name) => ({
        name,
        ...maybe(dice, {
          value: () => dice.pick(["1", "2"]),
          labels: () => labels(dice),
          inner: () => dice.some([1, 2]).map((id) => ({ id, ...maybe(dice, { value: () => dice.pick(["1", "2"]) }) })),
        }),
      })),
    labels: () => labels(dice),
    whole: () => maybe(dice, { a: () => dice.pick(["1", "2"]), b: () => "1" }),
    nested: () =>
      maybe(dice, {
        a: () => dice.pick(["1", "2"]),
        b: () => "1",
        deep: () => maybe(dice, { c: () => "1", d: () => dice.pick([1, 2]) }),
      }),
    open: () => maybe(dice, { known: () => dice.pick(["1", "2"]), free: scalar, other: scalar }),
    any: scalar,
  })
}

interface Kind {
  readonly apiVersion: string
  readonly kind: string
  readonly base: string
  readonly names: readonly string[]
  readonly content: (dice: Dice) => Json
  readonly status?: (dice: Dice) => Json
  readonly strategic: boolean
}

function simple(apiVersion: string, kind: string, content: Kind["content"]): Kind {
  const plural = kind.endsWith("y") ? `${kind.slice(0, -1)}ies` : kind.endsWith("s") ? `${kind}es` : `${kind}s`
  const root = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`
  return {
    apiVersion,
    kind,
    base: `${root}/namespaces/diff/${plural.toLowerCase()}`,
    names: ["a"],
    content,
    strategic: true,
  }
}

function deploymentLike(dice: Dice): Json {
  const { strategy: _s, paused: _p, ...spec } = deploymentSpec(dice)
  return spec
}

const kinds: readonly Kind[] = [
  {
    apiVersion: "v1",
    kind: "ConfigMap",
    base: "/api/v1/namespaces/diff/configmaps",
    names: ["a"],
    content: (dice) =>
      maybe(dice, {
        data: () => maybe(dice, { x: () => dice.pick(["1", "2"]), y: () => "1" }),
        binaryData: () => ({ b: "AA==" }),
      }),
    strategic: true,
  },
  {
    apiVersion: "apps/v1",
    kind: "Deployment",
    base: "/apis/apps/v1/namespaces/diff/deployments",
    names: ["a", "b"],
    content: (dice) => ({ spec: deploymentSpec(dice) }),
    status: (dice) =>
      maybe(dice, {
        observedGeneration: () => 1,
        replicas: () => dice.pick([1, 2]),
        conditions: () =>
          dice.some(["Available", "Progressing"]).map((type) => ({ type, status: dice.pick(["True", "False"]) })),
      }),
    strategic: true,
  },
  {
    apiVersion: "v1",
    kind: "Service",
    base: "/api/v1/namespaces/diff/services",
    names: ["a"],
    content: (dice) => ({ spec: serviceSpec(dice) }),
    strategic: true,
  },
  {
    apiVersion: "v1",
    kind: "Pod",
    base: "/api/v1/namespaces/diff/pods",
    names: ["a"],
    content: (dice) => ({ spec: { containers: [{ name: "main", image: dice.pick(["app:1", "app:2"]) }] } }),
    status: (dice) => maybe(dice, { message: () => dice.pick(["a", "b"]), hostIP: () => "10.1.0.1" }),
    strategic: true,
  },
  simple("apps/v1", "StatefulSet", (dice) => ({ spec: { ...deploymentLike(dice), serviceName: "s" } })),
  simple("batch/v1", "CronJob", (dice) => ({
    spec: {
      schedule: dice.pick(["* * * * *", "0 * * * *"]),
      jobTemplate: { spec: { template: { spec: { ...podSpec(dice), restartPolicy: "Never" } } } },
      ...maybe(dice, {
        suspend: () => dice.pick([true, false]),
        concurrencyPolicy: () => dice.pick(["Allow", "Forbid"]),
      }),
    },
  })),
  simple("networking.k8s.io/v1", "Ingress", (dice) => ({
    spec: {
      rules: dice.some(["a.example", "b.example"]).map((host) => ({
        host,
        http: {
          paths: [
            {
              path: dice.pick(["/", "/x"]),
              pathType: "Prefix",
              backend: { service: { name: "s", port: { number: 80 } } },
            },
          ],
        },
      })),
      ...maybe(dice, {
        ingressClassName: () => dice.pick(["c", "d"]),
        tls: () => [{ hosts: ["a.example"], secretName: "t" }],
      }),
      defaultBackend: { service: { name: "d", port: { number: 80 } } },
    },
  })),
  simple("networking.k8s.io/v1", "NetworkPolicy", (dice) => ({
    spec: {
      podSelector: { matchLabels: labels(dice) },
      ...maybe(dice, { policyTypes: () => ["Ingress"], ingress: () => [{ ports: [{ port: dice.pick([80, 81]) }] }] }),
    },
  })),
  simple("rbac.authorization.k8s.io/v1", "Role", (dice) =>
    maybe(
      dice,
      { rules: () => [{ apiGroups: [""], resources: dice.some(["pods", "services"]), verbs: ["get"] }] },
      0.7,
    ),
  ),
  simple("policy/v1", "PodDisruptionBudget", (dice) => ({
    spec: {
      ...maybe(dice, { maxUnavailable: () => dice.pick<unknown>([1, "50%"]) }),
      selector: { matchLabels: { app: dice.pick(["a", "b"]) } },
    },
  })),
  simple("v1", "Secret", (dice) =>
    maybe(dice, { data: () => maybe(dice, { x: () => dice.pick(["MQ==", "Mg=="]), y: () => "MQ==" }) }),
  ),
  simple("v1", "ServiceAccount", (dice) =>
    maybe(dice, {
      imagePullSecrets: () => dice.some(["a", "b"]).map((name) => ({ name })),
      secrets: () => dice.some(["c", "d"]).map((name) => ({ name })),
      automountServiceAccountToken: () => dice.pick([true, false]),
    }),
  ),
  simple("autoscaling/v2", "HorizontalPodAutoscaler", (dice) => ({
    spec: {
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "a" },
      maxReplicas: dice.pick([5, 6]),
      ...maybe(dice, {
        minReplicas: () => dice.pick([1, 2]),
        metrics: () => [
          {
            type: "Resource",
            resource: { name: "cpu", target: { type: "Utilization", averageUtilization: dice.pick([50, 60]) } },
          },
        ],
      }),
    },
  })),
  ...["Widget", "Plain"].map((kind): Kind => ({
    apiVersion: "diff.example/v1",
    kind,
    base: `/apis/diff.example/v1/namespaces/diff/${kind.toLowerCase()}s`,
    names: ["a", "b"],
    content: (dice) => ({ spec: customSpec(dice) }),
    ...(kind === "Widget"
      ? {
          status: (dice: Dice): Json =>
            maybe(dice, { phase: () => dice.pick(["x", "y"]), seen: () => dice.some(["a", "b"]) }),
        }
      : {}),
    strategic: false,
  })),
]

/** A stream of operations that knows what the objects look like at present. */
export interface Plan {
  next(): Operation
  /** Tells what the real server answered: the next update starts from it. */
  learn(operation: Operation, object: Json | undefined): void
  /** Deletes the object, finalizers and all, so that both servers start afresh. */
  reset(operation: Operation): readonly Operation[]
}

export function createPlan({ seed, only }: { readonly seed: number; readonly only: string }): Plan {
  const dice = createDice(createRandom(seed))
  const chosen = kinds.filter(({ kind }) => only === "" || only.split(",").includes(kind))
  const live = new Map<string, Json>()
  return {
    next() {
      const kind = dice.pick(chosen)
      const name = dice.pick(kind.names)
      const key = `${kind.base}/${name}`
      return operationOn({ dice, kind, name, live: live.get(key) })
    },
    learn(operation, object) {
      if (operation.method === "DELETE") live.delete(operation.key)
      else if (object) live.set(operation.key, object)
    },
    reset({ key }) {
      live.delete(key)
      const base = { path: key, query: [], label: "reset", key }
      const finalizers = { metadata: { finalizers: null } }
      return [
        { ...base, method: "PATCH", contentType: "application/merge-patch+json", body: finalizers },
        { ...base, method: "DELETE", contentType: "application/json", body: { gracePeriodSeconds: 0 } },
      ]
    },
  }
}

interface Target {
  readonly dice: Dice
  readonly kind: Kind
  readonly name: string
  readonly live: Json | undefined
}

function operationOn({ dice, kind, name, live }: Target): Operation {
  const key = `${kind.base}/${name}`
  const manager = dice.pick(["m1", "m2", "m3", "kubectl"])
  const body: Json = {
    apiVersion: kind.apiVersion,
    kind: kind.kind,
    metadata: { name, ...metadata(dice) },
    ...kind.content(dice),
  }
  const query: [string, string][] = [["fieldManager", manager]]
  const roll = dice.pick([
    "apply",
    "apply",
    "apply",
    "force",
    "force",
    "update",
    "merge",
    "json",
    "strategic",
    "status",
    "statusApply",
  ])
  const base = { path: key, query, key, label: `${kind.kind} ${roll}` }
  const status = kind.status
  if (!live && roll !== "apply" && roll !== "force") {
    return {
      ...base,
      method: "POST",
      path: kind.base,
      contentType: "application/json",
      body,
      label: `${kind.kind} create`,
    }
  }
  const apply = { ...base, method: "PATCH", contentType: "application/apply-patch+yaml", body }
  switch (roll) {
    case "apply":
      return { ...apply, query: [...query, ["force", "false"]] }
    case "force":
      return { ...apply, query: [...query, ["force", "true"]] }
    case "update":
      return { ...base, method: "PUT", contentType: "application/json", body: changed(dice, body, live!) }
    case "merge":
      return { ...base, method: "PATCH", contentType: "application/merge-patch+json", body: partOf(dice, body) }
    case "strategic":
      if (kind.strategic) {
        const patch = withDirectives(dice, partOf(dice, body), live!)
        return { ...base, method: "PATCH", contentType: "application/strategic-merge-patch+json", body: patch }
      }
      break
    case "json":
      return { ...base, method: "PATCH", contentType: "application/json-patch+json", body: operations(dice) }
    case "status":
    case "statusApply":
      if (!status) break
      if (roll === "status") {
        // What of metadata can be written here differs from kind to kind.
        const written = dice.chance(0.3) ? { metadata: { labels: labels(dice), annotations: labels(dice) } } : {}
        const patch = { ...written, status: status(dice) }
        return {
          ...base,
          method: "PATCH",
          path: `${key}/status`,
          contentType: "application/merge-patch+json",
          body: patch,
        }
      }
      return {
        ...apply,
        path: `${key}/status`,
        query: [...query, ["force", String(dice.chance(0.5))]],
        body: {
          apiVersion: kind.apiVersion,
          kind: kind.kind,
          metadata: { name, ...(dice.chance(0.3) ? { labels: labels(dice) } : {}) },
          status: status(dice),
        },
      }
  }
  return { ...apply, label: `${kind.kind} apply`, query: [...query, ["force", "true"]] }
}

/** The live object with a fresh spec, or with its managers forgotten. */
function changed(dice: Dice, fresh: Json, live: Json): Json {
  const { resourceVersion: _, uid: _u, ...liveMeta } = live["metadata"] as Json
  const meta = dice.chance(0.1)
    ? { ...liveMeta, managedFields: [{}] }
    : dice.chance(0.3)
      ? { ...liveMeta, managedFields: undefined }
      : liveMeta
  const spec =
    isObject(live["spec"]) && isObject(fresh["spec"]) && dice.chance(0.5)
      ? { ...live["spec"], ...fresh["spec"] }
      : fresh["spec"]
  return {
    ...live,
    ...fresh,
    metadata: { ...meta, ...(fresh["metadata"] as Json) },
    ...(spec === undefined ? {} : { spec: withoutAddresses(spec as Json) }),
  }
}

/** Each server hands out addresses of its own; an update without them keeps them. */
function withoutAddresses({ clusterIP: _a, clusterIPs: _b, ...spec }: Json): Json {
  return spec
}

const isObject = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value)

/** Some of the members, some of them null. */
function partOf(dice: Dice, body: Json): Json {
  const spec = body["spec"]
  const meta = { ...(body["metadata"] as Json), ...(dice.chance(0.2) ? { labels: null } : {}) }
  if (!isObject(spec)) return { metadata: meta, ...(dice.chance(0.5) ? { data: body["data"] ?? null } : {}) }
  const kept = Object.entries(spec).filter(() => dice.chance(0.6))
  return { metadata: meta, spec: Object.fromEntries(kept) }
}

/** Now and then a directive where one may stand. */
function withDirectives(dice: Dice, patch: Json, live: Json): Json {
  const metadata: Json = { ...(patch["metadata"] as Json) }
  // Both at once have no order in Go: either may win.
  if (!metadata["finalizers"] && dice.chance(0.4)) metadata["$deleteFromPrimitiveList/finalizers"] = ["diff.example/a"]
  if (dice.chance(0.1)) metadata["labels"] = { $patch: dice.pick(["replace", "delete"]), x: "1" }
  const spec = isObject(patch["spec"]) ? { ...patch["spec"] } : undefined
  const template = spec && isObject(spec["template"]) ? { ...spec["template"] } : undefined
  const pod = template && isObject(template["spec"]) ? { ...template["spec"] } : undefined
  if (spec && template && pod) {
    const items = pod["containers"] as Json[]
    if (dice.chance(0.3))
      pod["containers"] = [...items.filter(({ name }) => name !== "side"), { name: "side", $patch: "delete" }]
    else if (dice.chance(0.4))
      pod["$setElementOrder/containers"] = dice
        .pick([
          ["main", "side"],
          ["side", "main"],
        ])
        .map((name) => ({ name }))
    if (dice.chance(0.2)) pod["volumes"] = [{ $patch: "replace" }, { name: "v2", emptyDir: {} }]
    if (dice.chance(0.1)) pod["containers"] = [{ image: "nameless" }]
    if (dice.chance(0.05)) pod["containers"] = [{ name: "main", $patch: "nonsense" }]
    spec["template"] = { ...template, spec: pod }
  }
  if (spec && live["kind"] === "Deployment" && dice.chance(0.3))
    spec["strategy"] = { $retainKeys: ["type"], type: dice.pick(["Recreate", "RollingUpdate"]) }
  return { ...patch, metadata, ...(spec ? { spec } : {}) }
}

function operations(dice: Dice): Json[] {
  return dice.pick<Json[]>([
    [{ op: "add", path: "/metadata/labels", value: { z: dice.pick(["1", "2"]) } }],
    [{ op: "remove", path: "/metadata/labels/x" }],
    [{ op: "add", path: "/metadata/annotations", value: { z: "1" } }],
    [
      { op: "test", path: "/metadata/name", value: "a" },
      { op: "add", path: "/metadata/labels", value: {} },
    ],
  ])
}
