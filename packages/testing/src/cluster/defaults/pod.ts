import { podAmounts } from "../kinds/admission/amounts.ts"
import { chain, eachOf, type Fill, fill, fillPointers, isMap, type Members, within } from "./fill.ts"

const handler: Fill = (action) => within(action, "httpGet", (get) => fill(get, { path: "/", scheme: "HTTP" }))
const rpc: Fill = (probe) => within(probe, "grpc", (grpc) => fill(grpc, { service: "" }))
const probe: Fill = (given) =>
  fill(rpc(handler(given)), { timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 })

const fieldRef: Fill = (source) => within(source, "fieldRef", (ref) => fill(ref, { apiVersion: "v1" }))
const environment: Fill = (variable) => within(variable, "valueFrom", fieldRef)

/** True for a text that names an image; the defaults of others take no notice of a tag. */
function isImage(text: string): boolean {
  if (text.length > 4096 || /^[0-9a-f]{64}$/.test(text)) return false
  const [path = "", tag] = /^(.*?)(?::([^/]*))?$/s.exec(text.split("@")[0]!)!.slice(1)
  const parts = path.split("/")
  const [host] = parts
  const hasHost = parts.length > 1 && (/[.:A-Z]/.test(host!) || host === "localhost")
  const names = hasHost ? parts.slice(1) : parts
  const prefix = hasHost ? "" : names.length === 1 ? "docker.io/library/" : "docker.io/"
  if (prefix.length + path.length > 255) return false
  const isName = (name: string): boolean => /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/.test(name)
  return names.every(isName) && (tag === undefined || /^\w[\w.-]{0,127}$/.test(tag))
}

const pullPolicies = new Map<string, string>()

/** `Always` for images without a tag or digest, or with the tag latest. */
function pullPolicy(image: unknown): string {
  const text = String(image ?? "")
  const known = pullPolicies.get(text)
  if (known !== undefined) return known
  const policy = pullPolicyOf(text)
  if (pullPolicies.size >= 100) pullPolicies.clear()
  if (text.length < 1000) pullPolicies.set(text, policy)
  return policy
}

function pullPolicyOf(text: string): string {
  if (!isImage(text)) return "IfNotPresent"
  if (text.includes("@")) return "IfNotPresent"
  const tag = /:([^/:]+)$/.exec(text)?.[1] ?? "latest"
  return tag === "latest" ? "Always" : "IfNotPresent"
}

const policies: Fill = (given) =>
  fill(given, {
    terminationMessagePath: "/dev/termination-log",
    terminationMessagePolicy: "File",
    ...(given["imagePullPolicy"] ? {} : { imagePullPolicy: pullPolicy(given["image"]) }),
  })

const port: Fill = (given) => fill(given, { protocol: "TCP" })
const lifecycle: Fill = (given) => within(within(given, "postStart", handler), "preStop", handler)

const container: Fill = chain(
  policies,
  (each) => eachOf(each, "ports", port),
  (each) => eachOf(each, "env", environment),
  (each) => within(each, "livenessProbe", probe),
  (each) => within(each, "readinessProbe", probe),
  (each) => within(each, "startupProbe", probe),
  (each) => within(each, "lifecycle", lifecycle),
)

const fileMode = 0o644

const projected: Fill = (source) =>
  chain(
    (each) => within(each, "downwardAPI", (api) => eachOf(api, "items", fieldRef)),
    (each) => within(each, "serviceAccountToken", (token) => fill(token, { expirationSeconds: 3600 })),
  )(source)

const volume: Fill = (given) => {
  const whole = Object.keys(given).length === 1 && given["name"] !== undefined ? { ...given, emptyDir: {} } : given
  return chain(
    (each) => within(each, "secret", (source) => fill(source, { defaultMode: fileMode })),
    (each) => within(each, "configMap", (source) => fill(source, { defaultMode: fileMode })),
    (each) =>
      within(each, "downwardAPI", (source) => eachOf(fill(source, { defaultMode: fileMode }), "items", fieldRef)),
    (each) =>
      within(each, "projected", (source) => eachOf(fill(source, { defaultMode: fileMode }), "sources", projected)),
    (each) => within(each, "hostPath", (source) => fill(source, { type: "" })),
    (each) =>
      within(each, "image", (source) =>
        source["pullPolicy"] ? source : { ...source, pullPolicy: pullPolicy(source["reference"]) },
      ),
    (each) => within(each, "iscsi", (source) => fill(source, { iscsiInterface: "default" })),
    (each) =>
      within(each, "rbd", (source) => fill(source, { pool: "rbd", user: "admin", keyring: "/etc/ceph/keyring" })),
    (each) =>
      within(each, "azureDisk", (source) =>
        fill(source, { cachingMode: "ReadWrite", kind: "Shared", fsType: "ext4", readOnly: false }),
      ),
    (each) => within(each, "scaleIO", (source) => fill(source, { storageMode: "ThinProvisioned", fsType: "xfs" })),
    (each) =>
      within(each, "ephemeral", (source) =>
        within(source, "volumeClaimTemplate", (claim) => within(claim, "spec", claimSpec)),
      ),
  )(whole)
}

/** A claim's spec. */
export const claimSpec: Fill = (spec) => fillPointers(spec, { volumeMode: "Filesystem" })

const accountNames: Fill = (spec) => {
  const name = spec["serviceAccountName"] ?? spec["serviceAccount"]
  return name === undefined ? spec : fill(spec, { serviceAccountName: name, serviceAccount: name })
}

/** A Pod's spec, in a template or a Pod. */
export const podSpec: Fill = chain(
  accountNames,
  (spec) =>
    Number(spec["terminationGracePeriodSeconds"] ?? 0) < 0 ? { ...spec, terminationGracePeriodSeconds: 1 } : spec,
  (spec) =>
    fill(spec, {
      dnsPolicy: "ClusterFirst",
      restartPolicy: "Always",
      securityContext: {},
      terminationGracePeriodSeconds: 30,
      schedulerName: "default-scheduler",
    }),
  (spec) => eachOf(spec, "containers", container),
  (spec) => eachOf(spec, "initContainers", container),
  (spec) => eachOf(spec, "ephemeralContainers", container),
  (spec) => eachOf(spec, "volumes", volume),
)

/** A Pod template. */
export const podTemplate: Fill = (template) => within(template, "spec", podSpec)

const hostPorts: Fill = (given) =>
  eachOf(given, "ports", (port) => (port["hostPort"] ? port : { ...port, hostPort: port["containerPort"] }))

const requests: Fill = (given) =>
  within(given, "resources", (resources) => {
    const { limits } = resources
    if (!isMap(limits)) return resources
    const asked = isMap(resources["requests"]) ? resources["requests"] : {}
    const missing = Object.keys(limits).filter((name) => asked[name] === undefined)
    return missing.length === 0 ? resources : { ...resources, requests: { ...limits, ...asked } }
  })

/** What a whole Pod asks for when it says what it may have: what its containers do, or else that. */
const wholeRequests: Fill = (spec) =>
  within(spec, "resources", (resources) => {
    const elastic = Object.entries(podAmounts(spec, "requests")).filter(([name]) => inPods.has(name))
    const limits = Object.entries(isMap(resources["limits"]) ? resources["limits"] : {})
    const known = limits.filter(([name]) => inPods.has(name) || name.startsWith("hugepages-"))
    const asked = isMap(resources["requests"]) ? resources["requests"] : {}
    const requests = { ...Object.fromEntries([...known, ...elastic]), ...asked }
    return Object.keys(requests).length === Object.keys(asked).length ? resources : { ...resources, requests }
  })
const inPods: ReadonlySet<string> = new Set(["cpu", "memory"])

const addresses: Fill = (status) =>
  typeof status["podIP"] === "string" ? fill(status, { podIPs: [{ ip: status["podIP"] }] }) : status

/** A Pod: what only Pods get, not templates. */
export const pod: Fill = (object) =>
  within(within(object, "status", addresses), "spec", (spec) => {
    const whole = fill(podSpec(spec), { enableServiceLinks: true })
    const asked = wholeRequests(eachOf(eachOf(whole, "containers", requests), "initContainers", requests))
    return asked["hostNetwork"] === true
      ? eachOf(eachOf(asked, "containers", hostPorts), "initContainers", hostPorts)
      : asked
  })

/** The template under `spec.template`. */
export function templated(change: (spec: Members) => Members): Fill {
  return (object) => within(object, "spec", (spec) => within(change(spec), "template", podTemplate))
}
