import { all, at, each, ensured, fill, fills, has, partOf, when, within, type Filler, type Part } from "./fill.ts"

/** `IfNotPresent` for a pinned image, `Always` for `latest` and for none. */
function pullPolicy(part: Part): Part {
  const image = typeof part["image"] === "string" ? part["image"] : ""
  const name = image.split("@")[0]!.slice(image.lastIndexOf("/") + 1)
  const tag = name.includes(":") ? name.slice(name.indexOf(":") + 1) : undefined
  const pinned = image.includes("@") || (tag !== undefined && tag !== "latest")
  return fill(part, { imagePullPolicy: pinned ? "IfNotPresent" : "Always" })
}

const httpGet = within("httpGet", fills({ path: "/", scheme: "HTTP" }))
const probe = all(
  fills({ timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 }),
  httpGet,
  within("grpc", fills({ service: "" })),
)
const fieldRef = within("fieldRef", fills({ apiVersion: "v1" }))

const container: Filler = all(
  pullPolicy,
  ensured("resources", (part) => part),
  fills({ terminationMessagePath: "/dev/termination-log", terminationMessagePolicy: "File" }),
  each("ports", fills({ protocol: "TCP" })),
  each("env", within("valueFrom", fieldRef)),
  within("livenessProbe", probe),
  within("readinessProbe", probe),
  within("startupProbe", probe),
  at("lifecycle.postStart", httpGet),
  at("lifecycle.preStop", httpGet),
)

const defaultMode = fills({ defaultMode: 420 })
const downward = all(defaultMode, each("items", fieldRef))
const projection = all(
  within("serviceAccountToken", fills({ expirationSeconds: 3600 })),
  within("downwardAPI", each("items", fieldRef)),
)
const claimTemplate = at("volumeClaimTemplate.spec", fills({ volumeMode: "Filesystem" }))
const diskDefaults = fills({ cachingMode: "ReadWrite", fsType: "ext4", readOnly: false, kind: "Shared" })

const volume: Filler = all(
  when((part) => Object.keys(part).every((name) => name === "name" || !has(part, name)), fills({ emptyDir: {} })),
  within("secret", defaultMode),
  within("configMap", defaultMode),
  within("downwardAPI", downward),
  within("projected", all(defaultMode, each("sources", projection))),
  within("hostPath", fills({ type: "" })),
  within("ephemeral", claimTemplate),
  within("iscsi", fills({ iscsiInterface: "default" })),
  within("rbd", fills({ pool: "rbd", user: "admin", keyring: "/etc/ceph/keyring" })),
  within("azureDisk", diskDefaults),
  within("scaleIO", fills({ storageMode: "ThinProvisioned", fsType: "xfs" })),
)

/** With the host's network every port of a container is a port of the host. */
const hostPorts: Filler = when(
  (spec) => spec["hostNetwork"] === true,
  all(
    ...["containers", "initContainers"].map((list) =>
      each(
        list,
        each("ports", (port) => fill(port, { hostPort: port["containerPort"] })),
      ),
    ),
  ),
)

/** The old and the new spelling of the service account always stand together. */
function serviceAccount(spec: Part): Part {
  const name = has(spec, "serviceAccountName") ? spec["serviceAccountName"] : spec["serviceAccount"]
  return name === undefined || name === null || name === ""
    ? spec
    : fill(spec, { serviceAccountName: name, serviceAccount: name })
}

/** The defaults of a Pod's spec, in Pods and in templates. Source of the rules: Kubernetes' v1 defaults. */
export const podSpec: Filler = all(
  each("containers", container),
  each("initContainers", container),
  each("ephemeralContainers", container),
  each("volumes", volume),
  fills({
    restartPolicy: "Always",
    terminationGracePeriodSeconds: 30,
    dnsPolicy: "ClusterFirst",
    securityContext: {},
    schedulerName: "default-scheduler",
  }),
  serviceAccount,
  hostPorts,
)

/** Limits without a request are requests too: in Pods only, not in templates. */
const requestsFromLimits: Filler = within("resources", (resources) => {
  if (!has(resources, "limits")) return resources
  const limits = partOf(resources, "limits")
  const requests = fill(partOf(resources, "requests"), limits)
  return Object.keys(requests).length === 0 ? resources : { ...resources, requests }
})

/** The defaults of a Pod. */
export const pod: Filler = all(
  within(
    "spec",
    all(
      podSpec,
      each("containers", requestsFromLimits),
      each("initContainers", requestsFromLimits),
      fills({ enableServiceLinks: true }),
    ),
  ),
)

/** The defaults of a Pod template below `spec`. */
export const podTemplate: Filler = at("spec.template.spec", podSpec)
