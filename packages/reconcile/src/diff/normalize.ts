import { X509Certificate } from "node:crypto"
import { equalJson, groupOf, isSecret, type KubeObject } from "@gitops-toolkit/kube"
import { isMap, type JsonMap } from "./compare.ts"

/** What only the server writes into `metadata`; in a desired object it is a remainder of an export. */
const serverFields: ReadonlySet<string> = new Set([
  "creationTimestamp",
  "deletionGracePeriodSeconds",
  "deletionTimestamp",
  "generation",
  "managedFields",
  "resourceVersion",
  "selfLink",
  "uid",
])

/** Where the pod template of a kind is, by group and kind. */
const podSpecs: ReadonlyMap<string, readonly string[]> = new Map<string, readonly string[]>([
  ["/Pod", ["spec"]],
  ["/PodTemplate", ["template", "spec"]],
  ["/ReplicationController", ["spec", "template", "spec"]],
  ...["DaemonSet", "Deployment", "ReplicaSet", "StatefulSet"].map(
    (kind) => [`apps/${kind}`, ["spec", "template", "spec"]] as const,
  ),
  ["batch/Job", ["spec", "template", "spec"]],
  ["batch/CronJob", ["spec", "jobTemplate", "spec", "template", "spec"]],
])

/**
 * A desired object as it may be applied: without `status` and without what only the server writes into `metadata`;
 * a Secret's `stringData` is folded into `data` (it wins), since server-side apply cannot own the former; ports of pods
 * and Services without a protocol get `TCP`, since the protocol is part of their key; a CRD loses the `caBundle` of its
 * conversion webhook when that is no certificate. Everything else stays, known to anybody or not. Pure.
 *
 * @example
 * normalize({ apiVersion: "v1", kind: "Secret", metadata: { name: "a" }, stringData: { k: "v" } })["data"]   // { k: "dg==" }
 */
export function normalize(object: KubeObject): KubeObject {
  const { status: _status, ...kept } = object
  const stated = object.metadata as JsonMap | undefined
  const metadata = Object.fromEntries(Object.entries(stated ?? {}).filter(([field]) => !serverFields.has(field)))
  const plain: KubeObject = { ...kept, apiVersion: object.apiVersion, kind: object.kind, metadata }
  if (isSecret(plain)) return foldStringData(plain)
  const key = `${groupOf(object.apiVersion)}/${object.kind}`
  if (key === "apiextensions.k8s.io/CustomResourceDefinition") return removeInvalidCaBundle(plain)
  if (key === "/Service") return changeAt(plain, ["spec", "ports"], withProtocols) as KubeObject
  const path = podSpecs.get(key)
  return path ? (changeAt(plain, path, withPortProtocols) as KubeObject) : plain
}

function foldStringData(secret: KubeObject): KubeObject {
  const { stringData, ...rest } = secret
  if (!isMap(stringData)) return secret
  const folded = Object.entries(stringData).map(
    ([key, value]) => [key, typeof value === "string" ? Buffer.from(value, "utf8").toString("base64") : value] as const,
  )
  const data = rest["data"]
  return { ...(rest as KubeObject), data: Object.fromEntries([...Object.entries(isMap(data) ? data : {}), ...folded]) }
}

function withPortProtocols(podSpec: unknown): unknown {
  return ["containers", "initContainers", "ephemeralContainers"].reduce(
    (spec, field) =>
      changeAt(spec, [field], (list) => eachItem(list, (one) => changeAt(one, ["ports"], withProtocols))),
    podSpec,
  )
}

function withProtocols(ports: unknown): unknown {
  return eachItem(ports, (port) => (isMap(port) && !port["protocol"] ? { ...port, protocol: "TCP" } : port))
}

function eachItem(list: unknown, change: (item: unknown) => unknown): unknown {
  return Array.isArray(list) ? list.map(change) : list
}

/** `value` with what is at `path` changed; the value itself when there is nothing. */
function changeAt(value: unknown, path: readonly string[], change: (value: unknown) => unknown): unknown {
  const [field, ...rest] = path
  if (field === undefined) return change(value)
  if (!isMap(value) || !Object.hasOwn(value, field)) return value
  return { ...value, [field]: changeAt(value[field], rest, change) }
}

/**
 * An answer of the server without the duplicates that older servers make in a HorizontalPodAutoscaler's metrics when
 * it is applied (kubernetes/kubernetes#74942): they would look like drift for ever. Pure.
 */
export function repairMetrics(answer: KubeObject): KubeObject {
  if (answer.kind !== "HorizontalPodAutoscaler" || groupOf(answer.apiVersion) !== "autoscaling") return answer
  const unique = (list: unknown): unknown =>
    Array.isArray(list)
      ? list.filter((item, index) => list.findIndex((other) => equalJson(item, other)) === index)
      : list
  return changeAt(answer, ["spec", "metrics"], unique) as KubeObject
}

/**
 * A CustomResourceDefinition without a conversion webhook's `caBundle` that is no certificate: the server refuses it,
 * and it usually is a placeholder for what a controller injects. Anything else is returned as it is. Pure.
 */
export function removeInvalidCaBundle(definition: KubeObject): KubeObject {
  return changeAt(definition, ["spec", "conversion", "webhook", "clientConfig"], (config) => {
    if (!isMap(config) || typeof config["caBundle"] !== "string" || config["caBundle"] === "") return config
    if (isCertificate(Buffer.from(config["caBundle"], "base64").toString("latin1"))) return config
    return Object.fromEntries(Object.entries(config).filter(([field]) => field !== "caBundle"))
  }) as KubeObject
}

function isCertificate(text: string): boolean {
  if (!text.includes("-----BEGIN CERTIFICATE-----")) return false
  try {
    return new X509Certificate(text).raw.length > 0
  } catch {
    // The constructor has no other way to say no.
    return false
  }
}
