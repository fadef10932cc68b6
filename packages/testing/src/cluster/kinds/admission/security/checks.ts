// The checks of the Pod Security Standards, by the versions of Kubernetes from which they hold.
import { mapOf, mapsOf, type Members, numberOf, textOf, isSet } from "../../../validation/walk.ts"

/** A Pod, or the template of Pods. */
export interface PodLike {
  readonly annotations: Members
  readonly spec: Members
}

/** Why a Pod is not allowed, in short and at length. */
export interface Finding {
  readonly reason: string
  readonly detail: string
}

type Find = (pod: PodLike) => Finding | undefined

interface Check {
  readonly id: string
  readonly level: "baseline" | "restricted"
  /** What is looked for from a minor version of Kubernetes 1 on. */
  readonly versions: readonly (readonly [since: number, find: Find])[]
  /** The check of `baseline` that this one of `restricted` stands for. */
  readonly instead?: string
}

const quoted = (items: Iterable<string>): string => [...items].map((item) => `"${item}"`).join(", ")
const sorted = (items: Iterable<string>): string[] => [...items].toSorted()
const many = (count: number, one: string, more: string = `${one}s`): string => (count === 1 ? one : more)

const containersOf = ({ spec }: PodLike): readonly Members[] => [
  ...mapsOf(spec["initContainers"]),
  ...mapsOf(spec["containers"]),
  ...mapsOf(spec["ephemeralContainers"]),
]
const contextOf = (owner: Members): Members => mapOf(owner["securityContext"])
const nameOf = (container: Members): string => textOf(container["name"])
const isWindows = ({ spec }: PodLike): boolean => mapOf(spec["os"])["name"] === "windows"
const hasOwnUsers = ({ spec }: PodLike): boolean => spec["hostUsers"] === false

/** `container "a"`, `containers "a", "b"`. */
const named = (names: readonly string[]): string => `${many(names.length, "container")} ${quoted(names)}`

/** The Pod itself and those of its containers whose security context is bad, as a message calls them. */
function setters(pod: PodLike, isBad: (context: Members) => boolean): string {
  const bad = containersOf(pod).filter((container) => isBad(contextOf(container)))
  const own = isBad(contextOf(pod.spec)) ? ["pod"] : []
  return [...own, ...(bad.length > 0 ? [named(bad.map(nameOf))] : [])].join(" and ")
}

const badContainers = (pod: PodLike, isBad: (container: Members) => boolean): string[] =>
  containersOf(pod)
    .filter((container) => isBad(container))
    .map(nameOf)

const unless =
  (isExempt: (pod: PodLike) => boolean, find: Find): Find =>
  (pod) =>
    isExempt(pod) ? undefined : find(pod)

const escalation: Find = (pod) => {
  const bad = badContainers(pod, (container) => contextOf(container)["allowPrivilegeEscalation"] !== false)
  const detail = `${named(bad)} must set securityContext.allowPrivilegeEscalation=false`
  return bad.length > 0 ? { reason: "allowPrivilegeEscalation != false", detail } : undefined
}

const appArmorPrefix = "container.apparmor.security.beta.kubernetes.io/"

const appArmor: Find = (pod) => {
  const values = new Set<string>()
  const bad = setters(pod, ({ appArmorProfile: profile }) => {
    const type = textOf(mapOf(profile)["type"])
    const isBad = isSet(profile) && type !== "RuntimeDefault" && type !== "Localhost"
    if (isBad) values.add(type)
    return isBad
  })
  const notes = Object.keys(pod.annotations).filter((key) => {
    const text = textOf(pod.annotations[key])
    return key.startsWith(appArmorPrefix) && !/^$|^runtime\/default$|^localhost\//.test(text)
  })
  if (bad === "" && notes.length === 0) return undefined
  const all = [...sorted(values), ...sorted(notes.map((key) => `${key}=${JSON.stringify(pod.annotations[key])}`))]
  const who = [...(bad === "" ? [] : [bad]), ...(notes.length > 0 ? [many(notes.length, "annotation")] : [])]
  return {
    reason: `forbidden AppArmor ${many(all.length, "profile")}`,
    detail: `${who.join(" and ")} must not set AppArmor profile type to ${quoted(all)}`,
  }
}

const defaults: ReadonlySet<string> = new Set(
  "AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE SETFCAP SETGID SETPCAP SETUID SYS_CHROOT".split(
    " ",
  ),
)

const capabilitiesOf = (container: Members, list: "add" | "drop"): string[] => {
  const given = mapOf(contextOf(container)["capabilities"])[list]
  return Array.isArray(given) ? given.map((each) => textOf(each)) : []
}

/** Containers that add other capabilities than the allowed ones. */
function adding(pod: PodLike, isAllowed: (capability: string) => boolean): string | undefined {
  const found = new Set<string>()
  const bad = badContainers(pod, (container) => {
    const more = capabilitiesOf(container, "add").filter((each) => !isAllowed(each))
    for (const each of more) found.add(each)
    return more.length > 0
  })
  if (bad.length === 0) return undefined
  return `${named(bad)} must not include ${quoted(sorted(found))} in securityContext.capabilities.add`
}

const defaultCapabilities: Find = (pod) => {
  const detail = adding(pod, (capability) => defaults.has(capability))
  return detail === undefined ? undefined : { reason: "non-default capabilities", detail }
}

const noCapabilities: Find = (pod) => {
  const keeping = badContainers(pod, (container) => !capabilitiesOf(container, "drop").includes("ALL"))
  const more = adding(pod, (capability) => capability === "NET_BIND_SERVICE")
  const drop = `${named(keeping)} must set securityContext.capabilities.drop=["ALL"]`
  const details = [...(keeping.length > 0 ? [drop] : []), ...(more === undefined ? [] : [more])]
  return details.length > 0 ? { reason: "unrestricted capabilities", detail: details.join("; ") } : undefined
}

const hostNamespaces: Find = ({ spec }) => {
  const found = ["hostNetwork", "hostPID", "hostIPC"].filter((name) => spec[name] === true)
  const detail = found.map((name) => `${name}=true`).join(", ")
  return found.length > 0 ? { reason: "host namespaces", detail } : undefined
}

const hostPaths: Find = ({ spec }) => {
  const bad = mapsOf(spec["volumes"]).filter((volume) => isSet(volume["hostPath"]))
  const detail = `${many(bad.length, "volume")} ${quoted(bad.map(nameOf))}`
  return bad.length > 0 ? { reason: "hostPath volumes", detail } : undefined
}

const hostPorts: Find = (pod) => {
  const ports = new Set<string>()
  const bad = badContainers(pod, (container) => {
    const own = mapsOf(container["ports"]).filter(({ hostPort }) => numberOf(hostPort) !== 0)
    for (const { hostPort } of own) ports.add(String(numberOf(hostPort)))
    return own.length > 0
  })
  if (bad.length === 0) return undefined
  const use = `${many(bad.length, "uses", "use")} ${many(ports.size, "hostPort")} ${sorted(ports).join(", ")}`
  return { reason: "hostPort", detail: `${named(bad)} ${use}` }
}

/** The hosts that the probes and hooks of a container call. */
function calledHosts(container: Members): string[] {
  const { postStart, preStop } = mapOf(container["lifecycle"])
  const { livenessProbe, readinessProbe, startupProbe } = container
  return [livenessProbe, readinessProbe, startupProbe, postStart, preStop]
    .flatMap((handler) => [mapOf(handler)["httpGet"], mapOf(handler)["tcpSocket"]])
    .map((action) => textOf(mapOf(action)["host"]))
    .filter((host) => host !== "")
}

const probeHosts: Find = (pod) => {
  const hosts = new Set<string>()
  const bad = badContainers(pod, (container) => {
    const own = calledHosts(container)
    for (const host of own) hosts.add(host)
    return own.length > 0
  })
  if (bad.length === 0) return undefined
  const what = `${many(hosts.size, "probe or lifecycle host")} ${quoted(sorted(hosts))}`
  const detail = `${named(sorted(new Set(bad)))} ${many(bad.length, "uses", "use")} ${what}`
  return { reason: "probe or lifecycle host", detail }
}

const privileged: Find = (pod) => {
  const bad = badContainers(pod, (container) => contextOf(container)["privileged"] === true)
  const detail = `${named(bad)} must not set securityContext.privileged=true`
  return bad.length > 0 ? { reason: "privileged", detail } : undefined
}

const procMount: Find = (pod) => {
  const types = new Set<string>()
  const bad = badContainers(pod, (container) => {
    const { procMount: type } = contextOf(container)
    const isBad = isSet(type) && type !== "Default"
    if (isBad) types.add(textOf(type))
    return isBad
  })
  const detail = `${named(bad)} must not set securityContext.procMount to ${quoted(sorted(types))}`
  return bad.length > 0 ? { reason: "procMount", detail } : undefined
}

const goodVolumes = "configMap csi downwardAPI emptyDir ephemeral image persistentVolumeClaim projected secret".split(
  " ",
)

const volumes: Find = ({ spec }) => {
  const bad = mapsOf(spec["volumes"]).filter((volume) => !goodVolumes.some((source) => isSet(volume[source])))
  const types = new Set(bad.map((volume) => Object.keys(volume).find((name) => name !== "name") ?? "unknown"))
  if (bad.length === 0) return undefined
  const what = `${many(types.size, "restricted volume type")} ${quoted(sorted(types))}`
  const detail = `${many(bad.length, "volume")} ${quoted(bad.map(nameOf))} ${many(bad.length, "uses", "use")} ${what}`
  return { reason: "restricted volume types", detail }
}

const runAsNonRoot: Find = (pod) => {
  const reason = "runAsNonRoot != true"
  const explicit = setters(pod, (context) => context["runAsNonRoot"] === false)
  if (explicit !== "") return { reason, detail: `${explicit} must not set securityContext.runAsNonRoot=false` }
  if (contextOf(pod.spec)["runAsNonRoot"] === true) return undefined
  const bad = badContainers(pod, (container) => contextOf(container)["runAsNonRoot"] !== true)
  const detail = `pod or ${named(bad)} must set securityContext.runAsNonRoot=true`
  return bad.length > 0 ? { reason, detail } : undefined
}

const runAsUser: Find = (pod) => {
  const bad = setters(pod, (context) => isSet(context["runAsUser"]) && numberOf(context["runAsUser"]) === 0)
  return bad === "" ? undefined : { reason: "runAsUser=0", detail: `${bad} must not set runAsUser=0` }
}

const oldSeLinux = ["", "container_t", "container_init_t", "container_kvm_t"]

const seLinux =
  (allowed: readonly string[]): Find =>
  (pod) => {
    const types = new Set<string>()
    const found = { user: false, role: false }
    const bad = setters(pod, ({ seLinuxOptions }) => {
      const { type, user, role } = mapOf(seLinuxOptions)
      const isForbidden = !allowed.includes(textOf(type))
      if (isForbidden) types.add(textOf(type))
      found.user ||= textOf(user) !== ""
      found.role ||= textOf(role) !== ""
      return isForbidden || textOf(user) !== "" || textOf(role) !== ""
    })
    if (bad === "") return undefined
    const what = [
      ...(types.size > 0 ? [`${many(types.size, "type")} ${quoted(sorted(types))}`] : []),
      ...(found.user ? ["user may not be set"] : []),
      ...(found.role ? ["role may not be set"] : []),
    ]
    const detail = `${bad} set forbidden securityContext.seLinuxOptions: ${what.join("; ")}`
    return { reason: "seLinuxOptions", detail }
  }

const podSeccomp = "seccomp.security.alpha.kubernetes.io/pod"
const containerSeccomp = "container.seccomp.security.alpha.kubernetes.io/"

const seccompNotes: Find = (pod) => {
  const keys = [podSeccomp, ...containersOf(pod).map((container) => containerSeccomp + nameOf(container))]
  const bad = keys.filter((key) => {
    const text = pod.annotations[key]
    return text !== undefined && !/^(?:runtime\/default|docker\/default|localhost\/.*)$/.test(textOf(text))
  })
  const shown = sorted(new Set(bad.map((key) => `${key}=${JSON.stringify(pod.annotations[key])}`)))
  const detail = `forbidden ${many(shown.length, "annotation")} ${shown.join(", ")}`
  return bad.length > 0 ? { reason: "seccompProfile", detail } : undefined
}

const isGoodSeccomp = (profile: unknown): boolean =>
  ["Localhost", "RuntimeDefault"].includes(textOf(mapOf(profile)["type"]))

const seccomp: Find = (pod) => {
  const types = new Set<string>()
  const bad = setters(pod, ({ seccompProfile: profile }) => {
    const isBad = isSet(profile) && !isGoodSeccomp(profile)
    if (isBad) types.add(textOf(mapOf(profile)["type"]))
    return isBad
  })
  const detail = `${bad} must not set securityContext.seccompProfile.type to ${quoted(sorted(types))}`
  return bad === "" ? undefined : { reason: "seccompProfile", detail }
}

const someSeccomp: Find = (pod) => {
  const explicit = seccomp(pod)
  if (explicit || isSet(contextOf(pod.spec)["seccompProfile"])) return explicit
  const bad = badContainers(pod, (container) => !isSet(contextOf(container)["seccompProfile"]))
  const detail = `pod or ${named(bad)} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"`
  return bad.length > 0 ? { reason: "seccompProfile", detail } : undefined
}

const safeSysctls: readonly (readonly [since: number, names: string])[] = [
  [
    0,
    "kernel.shm_rmid_forced net.ipv4.ip_local_port_range net.ipv4.tcp_syncookies net.ipv4.ping_group_range net.ipv4.ip_unprivileged_port_start",
  ],
  [27, "net.ipv4.ip_local_reserved_ports"],
  [
    29,
    "net.ipv4.tcp_keepalive_time net.ipv4.tcp_fin_timeout net.ipv4.tcp_keepalive_intvl net.ipv4.tcp_keepalive_probes",
  ],
  [32, "net.ipv4.tcp_rmem net.ipv4.tcp_wmem"],
]

const sysctls = (version: number): Find => {
  const safe = new Set(safeSysctls.flatMap(([since, names]) => (since <= version ? names.split(" ") : [])))
  return ({ spec }) => {
    const bad = mapsOf(contextOf(spec)["sysctls"])
      .map(nameOf)
      .filter((name) => !safe.has(name))
    return bad.length > 0 ? { reason: "forbidden sysctls", detail: bad.join(", ") } : undefined
  }
}

const hostProcess: Find = (pod) => {
  const bad = setters(pod, ({ windowsOptions }) => mapOf(windowsOptions)["hostProcess"] === true)
  const detail = `${bad} must not set securityContext.windowsOptions.hostProcess=true`
  return bad === "" ? undefined : { reason: "hostProcess", detail }
}

/** All checks, in the order in which their findings are told: those of `baseline` first, each level by id. */
export const checks: readonly Check[] = [
  { id: "appArmorProfile", level: "baseline", versions: [[0, appArmor]] },
  { id: "capabilities_baseline", level: "baseline", versions: [[0, defaultCapabilities]] },
  { id: "hostNamespaces", level: "baseline", versions: [[0, hostNamespaces]] },
  { id: "hostPathVolumes", level: "baseline", versions: [[0, hostPaths]] },
  { id: "hostPorts", level: "baseline", versions: [[0, hostPorts]] },
  { id: "hostProbesAndHostLifecycle", level: "baseline", versions: [[34, probeHosts]] },
  { id: "privileged", level: "baseline", versions: [[0, privileged]] },
  {
    id: "procMount",
    level: "baseline",
    versions: [
      [0, procMount],
      [35, unless(hasOwnUsers, procMount)],
    ],
  },
  {
    id: "seLinuxOptions",
    level: "baseline",
    versions: [
      [0, seLinux(oldSeLinux)],
      [31, seLinux([...oldSeLinux, "container_engine_t"])],
    ],
  },
  {
    id: "seccompProfile_baseline",
    level: "baseline",
    versions: [
      [0, seccompNotes],
      [19, seccomp],
    ],
  },
  { id: "sysctls", level: "baseline", versions: [0, 27, 29, 32].map((since) => [since, sysctls(since)] as const) },
  { id: "windowsHostProcess", level: "baseline", versions: [[0, hostProcess]] },
  {
    id: "allowPrivilegeEscalation",
    level: "restricted",
    versions: [
      [8, escalation],
      [25, unless(isWindows, escalation)],
    ],
  },
  {
    id: "capabilities_restricted",
    level: "restricted",
    instead: "capabilities_baseline",
    versions: [
      [22, noCapabilities],
      [25, unless(isWindows, noCapabilities)],
    ],
  },
  { id: "procMount_restricted", level: "restricted", instead: "procMount", versions: [[35, procMount]] },
  { id: "restrictedVolumes", level: "restricted", instead: "hostPathVolumes", versions: [[0, volumes]] },
  {
    id: "runAsNonRoot",
    level: "restricted",
    versions: [
      [0, runAsNonRoot],
      [35, unless(hasOwnUsers, runAsNonRoot)],
    ],
  },
  {
    id: "runAsUser",
    level: "restricted",
    versions: [
      [23, runAsUser],
      [35, unless(hasOwnUsers, runAsUser)],
    ],
  },
  {
    id: "seccompProfile_restricted",
    level: "restricted",
    instead: "seccompProfile_baseline",
    versions: [
      [19, someSeccomp],
      [25, unless(isWindows, someSeccomp)],
    ],
  },
]
