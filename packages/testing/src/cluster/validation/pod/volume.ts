import { claimSpec } from "../claim.ts"
import { labelSelector } from "../selector.ts"
import { all, between, each, fields, filled, given, named, needed, oneOf, type RuleTable } from "../rule.ts"
import { annotations, descending, labels, noBacksteps, quantity, unreserved } from "../terms.ts"
import { isSet, listOf, mapOf, type Members, numberOf, type Rule, textOf, type Walk } from "../walk.ts"
import { fieldReference, pullPolicy, resourceReference } from "./reference.ts"

const mode: Rule = given(between(0, 0o777, "must be a number between 0 and 0777 (octal), both inclusive"))
const keyPath: Rule = fields({ key: needed(), path: all(needed(), unreserved), mode })

const hostPathTypes = [
  ...["", "BlockDevice", "CharDevice", "Directory"],
  ...["DirectoryOrCreate", "File", "FileOrCreate", "Socket"],
]

/** A path of the node. */
export const hostPath: Rule = (value, walk) => {
  const { path, type } = mapOf(value)
  if (textOf(path) === "") return walk.required("path")
  walk.at("path", path, noBacksteps)
  walk.at("type", type, given(oneOf(...hostPathTypes)))
}

const volumeFields = ["annotations", "labels", "name", "namespace", "uid"].map((name) => `metadata.${name}`)

const downwardFile: Rule = (value, walk) => {
  const { path, fieldRef, resourceFieldRef, mode: own } = mapOf(value)
  walk.at("path", path, all(needed(), unreserved))
  if (isSet(fieldRef)) {
    walk.at("fieldRef", fieldRef, fieldReference(volumeFields))
    if (isSet(resourceFieldRef))
      walk.invalid("", "resource", "fieldRef and resourceFieldRef can not be specified simultaneously")
  } else if (isSet(resourceFieldRef)) {
    walk.at("resourceFieldRef", resourceFieldRef, resourceReference({ inVolume: true }))
  } else walk.required("", "one of fieldRef and resourceFieldRef is required")
  walk.at("mode", own, mode)
}

const reservedOptions: Rule = (value, walk) => {
  for (const key of Object.keys(mapOf(value))) {
    const domain = `.${key.split("/")[0]!.toLowerCase()}`
    if (domain.endsWith(".kubernetes.io") || domain.endsWith(".k8s.io"))
      walk.invalid(`[${key}]`, key, "kubernetes.io and k8s.io namespaces are reserved")
  }
}

// The server says 1 and means 0.
const partition = between(0, 255, "must be between 1 and 255, inclusive")
const listed =
  (why: string = ""): Rule =>
  (value, walk) => {
    if (listOf(value).length === 0) walk.required("", why)
  }

const managedDisk = "/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}"
const blobDisk = "https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd"

const iscsiForms: { readonly [start: string]: RegExp } = {
  iqn: /iqn\.\d{4}-\d{2}\.[A-Za-z0-9.-]+:[^,;*&$|\s]+$/,
  eui: /^eui.[A-Za-z0-9]{16}$/,
  naa: /^naa.[A-Za-z0-9]{32}$/,
}

/** The name of something that speaks iSCSI; `start` says what is wrong with the beginning of one. */
export const iscsiName =
  (start: string): Rule =>
  (value, walk) => {
    const name = textOf(value)
    const form = iscsiForms[name.slice(0, 3)]
    if (!form) walk.invalid("", name, start)
    else if (!form.test(name)) walk.invalid("", name, "must be valid format")
  }

/** The name of a CSI driver. */
export const csiDriver: Rule = (value, walk) => {
  const text = textOf(value)
  if (text === "") return walk.required("")
  if (text.length > 63) walk.tooLong("", 63)
  walk.at("", text.toLowerCase(), named("subdomain"))
}

const csi: Rule = (value, walk) => {
  const { driver, nodePublishSecretRef } = mapOf(value)
  walk.at("driver", driver, csiDriver)
  if (!isSet(nodePublishSecretRef)) return
  const name = textOf(mapOf(nodePublishSecretRef)["name"])
  if (name === "") walk.required("nodePublishSecretRef.name")
  else walk.at("name", name, named("subdomain"))
}

const ephemeral: Rule = (value, walk) => {
  const template = mapOf(value)["volumeClaimTemplate"]
  if (!isSet(template)) return walk.required("volumeClaimTemplate")
  walk.at("volumeClaimTemplate", template, claimTemplate)
}

const claimTemplate: Rule = (value, walk) => {
  const { metadata, spec } = mapOf(value)
  walk.at("metadata", metadata, (meta) => {
    const { annotations: notes, labels: marks, ...others } = mapOf(meta)
    walk.at("annotations", notes, annotations)
    walk.at("labels", marks, labels)
    for (const name of Object.keys(others)) walk.forbidden(name, "cannot be set")
  })
  walk.at("spec", spec, claimSpec)
}

/** Sources that PersistentVolumes have too. */
export const sharedSources: RuleTable = {
  hostPath,
  gcePersistentDisk: fields({ pdName: needed(), partition }),
  awsElasticBlockStore: fields({ volumeID: needed(), partition }),
  glusterfs: fields({ endpoints: needed(), path: needed() }),
  flocker: (value, walk) => {
    const { datasetName, datasetUUID } = mapOf(value)
    if (!datasetName && !datasetUUID) walk.required("", "one of datasetName and datasetUUID is required")
    if (datasetName && datasetUUID)
      walk.invalid("", "resource", "datasetName and datasetUUID can not be specified simultaneously")
    if (textOf(datasetName).includes("/")) walk.invalid("datasetName", datasetName, "must not contain '/'")
  },
  nfs: fields({
    server: needed(),
    path: (path, walk) => {
      if (textOf(path) === "") walk.required("")
      if (!textOf(path).startsWith("/")) walk.invalid("", textOf(path), "must be an absolute path")
    },
  }),
  rbd: fields({ monitors: listed(), image: needed() }),
  cephfs: fields({ monitors: listed() }),
  fc: (value, walk) => {
    const { targetWWNs, wwids, lun } = mapOf(value)
    const [names, ids] = [listOf(targetWWNs).length, listOf(wwids).length]
    if (names + ids === 0) walk.required("targetWWNs", "must specify either targetWWNs or wwids, but not both")
    if (names > 0 && ids > 0)
      walk.invalid("targetWWNs", targetWWNs, "targetWWNs and wwids can not be specified simultaneously")
    if (names === 0) return
    if (!isSet(lun)) walk.required("lun", "lun is required if targetWWNs is specified")
    else walk.at("lun", lun, between(0, 255))
  },
  flexVolume: fields({ driver: needed(), options: reservedOptions }),
  azureFile: fields({ secretName: needed(), shareName: needed() }),
  vsphereVolume: fields({ volumePath: needed() }),
  photonPersistentDisk: fields({ pdID: needed() }),
  portworxVolume: fields({ volumeID: needed() }),
  azureDisk: all(
    fields({
      diskName: needed(),
      diskURI: needed(),
      cachingMode: given(oneOf("None", "ReadOnly", "ReadWrite")),
      kind: given(oneOf("Dedicated", "Managed", "Shared")),
    }),
    (value, walk) => {
      const { kind, diskURI } = mapOf(value)
      if (!isSet(kind)) return
      const [start, form] = kind === "Managed" ? ["/subscriptions/", managedDisk] : ["https://", blobDisk]
      if (!textOf(diskURI).startsWith(start)) walk.unsupported("diskURI", textOf(diskURI), [form])
    },
  ),
  scaleIO: fields({ gateway: needed(), system: needed(), volumeName: needed() }),
  storageos: fields({ volumeName: needed(named("label")), volumeNamespace: filled(named("label")) }),
  cinder: fields({ volumeID: needed() }),
  quobyte: fields({
    registry: needed(undefined, "must be a host:port pair or multiple pairs separated by commas"),
    volume: needed(),
  }),
  iscsi: fields({
    targetPortal: needed(),
    iqn: needed(iscsiName("must be valid format starting with iqn, eui, or naa")),
    lun: between(0, 255),
  }),
}

/** In the order in which the server looks at them. */
const order = [
  ...["emptyDir", "hostPath", "gitRepo", "gcePersistentDisk", "awsElasticBlockStore", "secret", "nfs", "iscsi"],
  ...["glusterfs", "flocker", "persistentVolumeClaim", "rbd", "cinder", "cephfs", "quobyte", "downwardAPI", "fc"],
  ...["flexVolume", "configMap", "azureFile", "vsphereVolume", "photonPersistentDisk", "portworxVolume", "azureDisk"],
  ...["storageos", "projected", "scaleIO", "csi", "ephemeral", "image"],
]

const sources: RuleTable = {
  ...sharedSources,
  emptyDir: (value, walk) => {
    const limit = mapOf(value)["sizeLimit"]
    if (quantity(limit).nanos < 0n) walk.forbidden("sizeLimit", "SizeLimit field must be a valid resource quantity")
  },
  gitRepo: fields({ repository: needed(), directory: descending }),
  secret: fields({ secretName: needed(), defaultMode: mode, items: each(keyPath) }),
  configMap: fields({ name: needed(), defaultMode: mode, items: each(keyPath) }),
  persistentVolumeClaim: fields({ claimName: needed() }),
  downwardAPI: (value, walk) => {
    walk.at("defaultMode", mapOf(value)["defaultMode"], mode)
    // The server tells the faults of files at the volume, not at their index.
    for (const file of listOf(mapOf(value)["items"])) downwardFile(file, walk)
  },
  projected: (value, walk) => {
    walk.at("defaultMode", mapOf(value)["defaultMode"], mode)
    projection(value, walk)
  },
  csi,
  ephemeral,
  image: fields({ pullPolicy }),
}

/** Sources that the server calls by another name when it looks into them, or when they are one too many. */
const told: { readonly [source: string]: string } = { gcePersistentDisk: "persistentDisk" }
const toldTwice: { readonly [source: string]: string } = { cephfs: "cephFS", downwardAPI: "downwarAPI" }

/** Where something comes from: exactly one of the sources. */
export function oneSource(order: readonly string[], rules: RuleTable): Rule {
  return (value, walk) => {
    const map = mapOf(value)
    let found = false
    for (const source of order) {
      if (!isSet(map[source])) continue
      if (found) walk.forbidden(toldTwice[source] ?? source, "may not specify more than 1 volume type")
      else walk.at(told[source] ?? source, map[source], rules[source]!)
      found = true
    }
    if (!found) walk.required("", "must specify a volume type")
  }
}

const volumeSource = oneSource(order, sources)

const signer: Rule = (value, walk) => {
  if (textOf(value) === "") walk.required("", "must be a valid signer name")
}

const token: Rule = fields({
  expirationSeconds: (seconds, walk) => {
    if (numberOf(seconds) < 600) walk.invalid("", seconds, "may not specify a duration less than 10 minutes")
    if (numberOf(seconds) > 2 ** 32) walk.invalid("", seconds, "may not specify a duration larger than 2^32 seconds")
  },
})

/** The sources of a projected volume: no two files at one path. */
const projection: Rule = (value, walk) => {
  const taken = new Set<string>()
  const take = (path: unknown, shown: unknown = path): void => {
    if (textOf(path) !== "" && taken.has(textOf(path))) walk.invalid("", shown, "conflicting duplicate paths")
    taken.add(textOf(path))
  }
  for (const [index, source] of listOf(mapOf(value)["sources"]).entries()) {
    const at = `sources[${index}]`
    const map = mapOf(source)
    for (const kind of ["secret", "configMap"]) {
      if (!isSet(map[kind])) continue
      const { name, items } = mapOf(map[kind])
      walk.at(`${at}.${kind}.name`, name, needed())
      for (const [place, item] of listOf(items).entries()) {
        walk.at(`${at}.${kind}.items[${place}]`, item, keyPath)
        take(mapOf(item)["path"], name)
      }
    }
    for (const file of listOf(mapOf(map["downwardAPI"])["items"])) {
      walk.at(`${at}.downwardAPI`, file, downwardFile)
      take(mapOf(file)["path"])
    }
    const { serviceAccountToken, clusterTrustBundle } = map
    if (isSet(serviceAccountToken)) {
      walk.at(`${at}.serviceAccountToken`, serviceAccountToken, token)
      // The server tells the path of a token at the volume.
      walk.at("path", mapOf(serviceAccountToken)["path"], needed(unreserved))
    }
    if (isSet(clusterTrustBundle)) {
      walk.at(`${at}.clusterTrustBundle`, clusterTrustBundle, trustBundle)
      take(mapOf(clusterTrustBundle)["path"])
    }
    if (Object.keys(map).filter((name) => isSet(map[name])).length > 1)
      walk.forbidden(at, "may not specify more than 1 volume type per source")
  }
}

const trustBundle: Rule = (value, walk) => {
  const { name, signerName, labelSelector: selector, path } = mapOf(value)
  if (isSet(name)) {
    if (textOf(name) === "") walk.required("name", "must be a valid object name")
  } else if (isSet(signerName)) {
    walk.at("signerName", signerName, signer)
    walk.at("labelSelector", selector, labelSelector)
  } else walk.required("", "either name or signerName must be specified")
  walk.at("path", path, all(needed(), unreserved))
}

/** The volumes of a Pod; answers those without fault by name. */
export function podVolumes(value: unknown, walk: Walk): ReadonlyMap<unknown, Members> {
  const good = new Map<unknown, Members>()
  for (const [index, item] of listOf(value).entries()) {
    const before = walk.causes.length
    walk.at(index, item, volumeSource)
    const name = textOf(mapOf(item)["name"])
    walk.at(index, item, () => {
      walk.at("name", name, needed(named("label")))
      if (good.has(name)) walk.duplicate("name", name)
    })
    if (walk.causes.length === before) good.set(name, mapOf(item))
  }
  return good
}
