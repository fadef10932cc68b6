// What is said of kinds that hold no Pods.
import { createPrivateKey, X509Certificate } from "node:crypto"
import type { KubeObject } from "@gitops-toolkit/kube"
import { compareAmounts } from "../../validation/terms.ts"
import { isSet, listOf, mapOf, mapsOf, numberOf, textOf } from "../../validation/walk.ts"
import { addressWarnings, rangeWarnings } from "./address.ts"
import { nodeLabelWarning, nodeTermWarnings } from "./labels.ts"
import { claimSpecWarnings } from "./pod.ts"

/** Says what is odd about an object; `previous` is there when it was updated. */
export type Warn = (object: KubeObject, previous: KubeObject | undefined) => string[]

const each = (list: unknown, warn: (item: string, index: number) => string[]): string[] =>
  listOf(list).flatMap((item, index) => warn(textOf(item), index))

const service: Warn = ({ metadata, spec: given }) => {
  const spec = mapOf(given)
  const { type, clusterIP, externalIPs, loadBalancerIP, externalName } = spec
  const isHeadless = type === "ClusterIP" && clusterIP === "None"
  const isOutside = type === "ExternalName"
  const hasExternal = listOf(externalIPs).length > 0
  const when = (holds: boolean, ...texts: string[]): string[] => (holds ? texts : [])
  const hints = "service.kubernetes.io/topology-aware-hints"
  return [
    ...when(
      metadata.annotations?.[hints] !== undefined,
      `annotation ${hints} is deprecated, please use service.kubernetes.io/topology-mode instead`,
    ),
    ...(clusterIP === "None"
      ? []
      : each(spec["clusterIPs"], (ip, index) => addressWarnings(ip, `spec.clusterIPs[${index}]`))),
    ...when(isHeadless && textOf(loadBalancerIP) !== "", "spec.loadBalancerIP is ignored for headless services"),
    ...when(isHeadless && hasExternal, "spec.externalIPs is ignored for headless services"),
    ...when(isHeadless && spec["sessionAffinity"] !== "None", "spec.SessionAffinity is ignored for headless services"),
    ...each(externalIPs, (ip, index) => addressWarnings(ip, `spec.externalIPs[${index}]`)),
    ...when(
      hasExternal && !isHeadless && !isOutside,
      "spec.externalIPs is deprecated and may no longer be implemented in some clusters",
    ),
    ...addressWarnings(textOf(loadBalancerIP), "spec.loadBalancerIP"),
    ...each(spec["loadBalancerSourceRanges"], (range, index) =>
      rangeWarnings(range, `spec.loadBalancerSourceRanges[${index}]`),
    ),
    ...when(isOutside && hasExternal, 'spec.externalIPs is ignored when spec.type is "ExternalName"'),
    ...when(
      !isOutside && textOf(externalName) !== "",
      'spec.externalName is ignored when spec.type is not "ExternalName"',
    ),
    ...when(
      spec["trafficDistribution"] === "PreferClose",
      'spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"',
    ),
  ]
}

const statefulSet: Warn = ({ spec }) =>
  numberOf(mapOf(spec)["revisionHistoryLimit"]) < 0
    ? ["spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended"]
    : []

const certificate = /-----BEGIN ([^-\n]+)-----[^-]*-----END \1-----/g

/** Types of the blocks in a PEM text. */
const blocksOf = (pem: string): string[] => [...pem.matchAll(certificate)].map(([, type]) => type!)
const isKey = (type: string): boolean => type === "PRIVATE KEY" || type.endsWith(" PRIVATE KEY")

/** Why a certificate and a key do not make a pair, in the words of Go; undefined when they do. */
function pairFault(certificates: string, key: string): string | undefined {
  const [given, keys] = [blocksOf(certificates), blocksOf(key)]
  if (!given.includes("CERTIFICATE")) {
    if (given.length === 0) return "failed to find any PEM data in certificate input"
    const what = "failed to find certificate PEM data in certificate input, but did find a private key"
    if (given.length === 1 && given[0]!.endsWith("PRIVATE KEY")) return `${what}; PEM inputs may have been switched`
    const skipped = "in certificate input after skipping PEM blocks of the following types"
    return `failed to find "CERTIFICATE" PEM block ${skipped}: [${given.join(" ")}]`
  }
  if (!keys.some(isKey)) {
    if (keys.length === 0) return "failed to find any PEM data in key input"
    if (keys.length === 1 && keys[0] === "CERTIFICATE")
      return "found a certificate rather than a key in the PEM for the private key"
    const skipped = "in key input after skipping PEM blocks of the following types"
    return `failed to find PEM block with type ending in "PRIVATE KEY" ${skipped}: [${keys.join(" ")}]`
  }
  return unequalFault(certificates, key)
}

function unequalFault(certificates: string, key: string): string | undefined {
  try {
    const [leaf, own] = [new X509Certificate(certificates), createPrivateKey(key)]
    if (leaf.checkPrivateKey(own)) return undefined
    const isSameType = leaf.publicKey.asymmetricKeyType === own.asymmetricKeyType
    return isSameType ? "private key does not match public key" : "private key type does not match public key type"
  } catch {
    return "failed to parse private key"
  }
}

const secret: Warn = ({ type, data }) => {
  if (type !== "kubernetes.io/tls") return []
  const text = (name: string): string => Buffer.from(textOf(mapOf(data)[name]), "base64").toString("latin1")
  const fault = pairFault(text("tls.crt"), text("tls.key"))
  return fault === undefined ? [] : [`tls: ${fault}`]
}

const betaClass = "volume.beta.kubernetes.io/storage-class"

const claim: Warn = ({ metadata, spec }) => [
  ...(metadata.annotations?.[betaClass] === undefined
    ? []
    : [`metadata.annotations[${betaClass}]: deprecated since v1.8; use "storageClassName" attribute instead`]),
  ...claimSpecWarnings(spec, "spec"),
]

const oldAnnotations: { readonly [key: string]: string } = {
  [betaClass]: 'deprecated since v1.8; use "storageClassName" attribute instead',
  "volume.beta.kubernetes.io/mount-options": 'deprecated since v1.31; use "mountOptions" attribute instead',
}

const oldVolumes: { readonly [source: string]: string } = {
  cephfs: "deprecated in v1.28, non-functional in v1.31+",
  photonPersistentDisk: "deprecated in v1.11, non-functional in v1.16+",
  scaleIO: "deprecated in v1.16, non-functional in v1.22+",
  storageos: "deprecated in v1.22, non-functional in v1.25+",
  glusterfs: "deprecated in v1.25, non-functional in v1.26+",
  rbd: "deprecated in v1.28, non-functional in v1.31+",
}

const recycle =
  "The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning."

const volume: Warn = ({ metadata, spec: given }) => {
  const spec = mapOf(given)
  const terms = mapsOf(mapOf(mapOf(spec["nodeAffinity"])["required"])["nodeSelectorTerms"])
  return [
    ...Object.keys(oldAnnotations)
      .filter((key) => metadata.annotations?.[key] !== undefined)
      .map((key) => `metadata.annotations[${key}]: ${oldAnnotations[key]}`),
    ...(spec["persistentVolumeReclaimPolicy"] === "Recycle" ? [`spec.persistentVolumeReclaimPolicy: ${recycle}`] : []),
    ...terms.flatMap((term, index) =>
      nodeTermWarnings(term, { field: `spec.nodeAffinity.required.nodeSelectorTerms[${index}]`, values: false }),
    ),
    ...Object.keys(oldVolumes)
      .filter((source) => isSet(spec[source]))
      .map((source) => `spec.${source === "storageos" ? "storageOS" : source}: ${oldVolumes[source]}`),
  ]
}

const storageClass: Warn = (object) =>
  mapsOf(object["allowedTopologies"]).flatMap(({ matchLabelExpressions }, index) =>
    mapsOf(matchLabelExpressions).flatMap(({ key }, place) => {
      const text = nodeLabelWarning(textOf(key))
      const field = `allowedTopologies[${index}].matchLabelExpressions[${place}].key`
      return text === undefined ? [] : [`${field}: ${text}`]
    }),
  )

const quota: Warn = ({ spec }, previous) => {
  const hard = mapOf(mapOf(spec)["hard"])
  if (previous) return []
  return ["cpu", "memory", "storage", "ephemeral-storage"].flatMap((name) => {
    const isPlain = hard[`requests.${name}`] === undefined && (name === "cpu" || name === "memory")
    const [low, high] = [isPlain ? name : `requests.${name}`, `limits.${name}`]
    if (hard[low] === undefined || hard[high] === undefined || compareAmounts(hard[low], hard[high]) <= 0) return []
    return [`ResourceQuota ${low} (${textOf(hard[low])}) should be less than ${high} (${textOf(hard[high])})`]
  })
}

const classAnnotation = "kubernetes.io/ingress.class"

const ingress: Warn = ({ metadata, spec }, previous) =>
  !previous && metadata.annotations?.[classAnnotation] !== undefined && !isSet(mapOf(spec)["ingressClassName"])
    ? [`annotation "${classAnnotation}" is deprecated, please use 'spec.ingressClassName' instead`]
    : []

const networkPolicy: Warn = ({ spec }) => {
  const { ingress: rules, egress } = mapOf(spec)
  const places = [
    ...mapsOf(rules).flatMap(({ from }, index) =>
      mapsOf(from).map((peer, place) => [`ingress[${index}].from[${place}]`, peer] as const),
    ),
    ...mapsOf(egress).flatMap(({ to }, index) =>
      mapsOf(to).map((peer, place) => [`egress[${index}].to[${place}]`, peer] as const),
    ),
  ]
  return places.flatMap(([field, { ipBlock }]) => {
    const { cidr, except } = mapOf(ipBlock)
    return [
      ...rangeWarnings(textOf(cidr), `spec.${field}.ipBlock.cidr`),
      ...each(except, (range, index) => rangeWarnings(range, `spec.${field}.ipBlock.except[${index}]`)),
    ]
  })
}

const endpointSlice: Warn = (object) => [
  ...(object["addressType"] === "FQDN" ? ["spec.addressType: FQDN endpoints are deprecated"] : []),
  ...mapsOf(object["endpoints"]).flatMap(({ addresses }, index) =>
    each(addresses, (ip, place) => addressWarnings(ip, `endpoints[${index}].addresses[${place}]`)),
  ),
]

const endpoints: Warn = (object) =>
  mapsOf(object["subsets"]).flatMap((subset, index) =>
    ["addresses", "notReadyAddresses"].flatMap((list) =>
      mapsOf(subset[list]).flatMap(({ ip }, place) =>
        addressWarnings(textOf(ip), `subsets[${index}].${list}[${place}].ip`),
      ),
    ),
  )

/** By the table of the kind. */
export const kindWarnings: { readonly [table: string]: Warn } = {
  endpoints,
  "endpointslices.discovery.k8s.io": endpointSlice,
  "ingresses.networking.k8s.io": ingress,
  "networkpolicies.networking.k8s.io": networkPolicy,
  persistentvolumeclaims: claim,
  persistentvolumes: volume,
  resourcequotas: quota,
  secrets: secret,
  services: service,
  "statefulsets.apps": statefulSet,
  "storageclasses.storage.k8s.io": storageClass,
}
