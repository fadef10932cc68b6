import { internal } from "../internal.ts"
import { between, given, named, oneOf } from "../rule.ts"
import { descending } from "../terms.ts"
import { isSet, listOf, mapOf, type Rule, textOf } from "../walk.ts"
import type { PodRule } from "./context.ts"
import { windowsOptions } from "./windows.ts"

/** The id of a user or a group. */
const userId: Rule = given(between(0, 2_147_483_647))

const seccompTypes = ["Localhost", "RuntimeDefault", "Unconfined"]

const seccomp: Rule = given((value, walk) => {
  const { type, localhostProfile: path } = mapOf(value)
  if (textOf(type) === "") walk.required("type", "type is required when seccompProfile is set")
  else if (!seccompTypes.includes(textOf(type))) walk.unsupported("type", type, seccompTypes)
  if (type !== "Localhost") {
    if (isSet(path)) {
      const profile = { Type: textOf(type), LocalhostProfile: path }
      walk.invalid("localhostProfile", profile, "can only be set when seccomp type is Localhost")
    }
  } else if (isSet(path)) walk.at("localhostProfile", path, descending)
  else walk.required("localhostProfile", "must be set when seccomp type is Localhost")
})

const appArmor: Rule = given((value, walk) => {
  const { type, localhostProfile: path } = mapOf(value)
  if (type === "Localhost") {
    const text = textOf(path)
    if (text.trim() !== text) walk.invalid("localhostProfile", text, "must not be padded with whitespace")
    else if (text === "") walk.required("localhostProfile", "must be set when AppArmor type is Localhost")
    if (text.length > 4095) walk.tooLong("localhostProfile", 4095)
  } else if (type === "RuntimeDefault" || type === "Unconfined") {
    if (isSet(path)) walk.invalid("localhostProfile", path, "can only be set when AppArmor type is Localhost")
  } else if (textOf(type) === "") walk.required("type", "type is required when appArmorProfile is set")
  else walk.unsupported("type", type, seccompTypes)
})

const sysctlName = /^(?:[a-z0-9](?:[-_a-z0-9]*[a-z0-9])?[./])*[a-z0-9](?:[-_a-z0-9]*[a-z0-9])?$/
const sysctlFormat = String.raw`must have at most 253 characters and match regex ^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$`

/** Kernel settings by the namespace that they belong to. */
const isOfNetwork = (name: string): boolean => name.startsWith("net.")
const isOfIpc = (name: string): boolean => /^fs\.mqueue\.|^kernel\.(?:shm|msg|sem)|^kernel\.shm_rmid_forced$/.test(name)

interface HostNamespaces {
  readonly hostNetwork: unknown
  readonly hostIPC: unknown
}

const sysctls =
  ({ hostNetwork, hostIPC }: HostNamespaces): Rule =>
  (value, walk) => {
    const names = new Set<string>()
    for (const [index, item] of listOf(value).entries()) {
      const name = textOf(mapOf(item)["name"])
      const field = `[${index}].name`
      const plain = name.replaceAll("/", ".")
      if (name === "") walk.required(field)
      else if (name.length > 253 || !sysctlName.test(name)) walk.invalid(field, name, sysctlFormat)
      else if (names.has(name)) walk.duplicate(field, name)
      if (hostNetwork === true && isOfNetwork(plain))
        walk.invalid(field, name, "may not be specified when 'hostNetwork' is true")
      else if (hostIPC === true && isOfIpc(plain))
        walk.invalid(field, name, "may not be specified when 'hostIPC' is true")
      names.add(name)
    }
  }

/** What holds for all containers of a Pod; some of it stands in the Pod's spec. */
export const podSecurity: Rule = (value, walk) => {
  const { securityContext, hostPID, hostIPC, hostNetwork, shareProcessNamespace } = mapOf(value)
  const context = mapOf(securityContext)
  walk.at("securityContext", context, () => {
    for (const name of ["fsGroup", "runAsUser", "runAsGroup"]) walk.at(name, context[name], userId)
    for (const [index, group] of listOf(context["supplementalGroups"]).entries())
      walk.at(`supplementalGroups[${index}]`, group, userId)
    if (hostPID === true && shareProcessNamespace === true)
      walk.invalid("shareProcessNamespace", true, "ShareProcessNamespace and HostPID cannot both be enabled")
    walk.at("sysctls", context["sysctls"], sysctls({ hostNetwork, hostIPC }))
    walk.at("fsGroupChangePolicy", context["fsGroupChangePolicy"], given(oneOf("Always", "OnRootMismatch")))
    walk.at("seccompProfile", context["seccompProfile"], seccomp)
    windowsOptions(context, walk)
    walk.at("appArmorProfile", context["appArmorProfile"], appArmor)
    walk.at("supplementalGroupsPolicy", context["supplementalGroupsPolicy"], given(oneOf("Merge", "Strict")))
    walk.at("seLinuxChangePolicy", context["seLinuxChangePolicy"], given(oneOf("Recursive")))
  })
}

/** What holds for one container. */
export const containerSecurity: PodRule = (value, walk, { hostUsers }) => {
  if (!isSet(value)) return
  const context = mapOf(value)
  walk.at("runAsUser", context["runAsUser"], userId)
  walk.at("runAsGroup", context["runAsGroup"], userId)
  walk.at("procMount", context["procMount"], given(oneOf("Default", "Unmasked")))
  if (hostUsers && context["procMount"] === "Unmasked")
    walk.invalid("procMount", "Unmasked", "`hostUsers` must be false to use `Unmasked`")
  walk.at("seccompProfile", context["seccompProfile"], seccomp)
  if (context["allowPrivilegeEscalation"] === false) {
    const shown = internal("core/v1.SecurityContext", context)
    const text = "cannot set `allowPrivilegeEscalation` to false and"
    if (context["privileged"] === true) walk.invalid("", shown, `${text} \`privileged\` to true`)
    if (listOf(mapOf(context["capabilities"])["add"]).includes("CAP_SYS_ADMIN"))
      walk.invalid("", shown, `${text} \`capabilities.Add\` CAP_SYS_ADMIN`)
  }
  windowsOptions(context, walk)
  walk.at("appArmorProfile", context["appArmorProfile"], appArmor)
}

const ofWindows = "cannot be set for a windows pod"
const podFields = [
  ...["securityContext.appArmorProfile", "securityContext.seLinuxOptions", "hostUsers", "hostPID", "hostIPC"],
  ...["securityContext.seccompProfile", "securityContext.fsGroup", "securityContext.fsGroupChangePolicy"],
  ...["securityContext.sysctls", "shareProcessNamespace", "securityContext.runAsUser", "securityContext.runAsGroup"],
  ...["securityContext.supplementalGroups", "securityContext.supplementalGroupsPolicy"],
  "securityContext.seLinuxChangePolicy",
]
const containerFields = [
  ...["appArmorProfile", "seLinuxOptions", "seccompProfile", "capabilities", "readOnlyRootFilesystem", "privileged"],
  ...["allowPrivilegeEscalation", "procMount", "runAsUser", "runAsGroup"],
]

/** What the operating system of a Pod does not know. */
export const operatingSystem: Rule = (value, walk) => {
  const spec = mapOf(value)
  if (!isSet(spec["os"])) return
  const name = textOf(mapOf(spec["os"])["name"])
  if (name === "") return walk.required("os.name")
  if (name !== "linux" && name !== "windows") return walk.unsupported("os", name, ["linux", "windows"])
  const isThere = (field: string): boolean => {
    const [first = "", second] = field.split(".")
    const found = second === undefined ? spec[first] : mapOf(spec[first])[second]
    return isSet(found) && found !== false
  }
  const unknown = name === "windows" ? podFields : ["securityContext.windowsOptions"]
  const why = name === "windows" ? ofWindows : "windows options cannot be set for a linux pod"
  for (const field of unknown) if (isThere(field)) walk.forbidden(field, why)
  for (const list of ["initContainers", "containers", "ephemeralContainers"]) {
    for (const [index, container] of listOf(spec[list]).entries()) {
      const context = mapOf(mapOf(container)["securityContext"])
      for (const field of name === "windows" ? containerFields : ["windowsOptions"])
        if (isSet(context[field])) walk.forbidden(`${list}[${index}].securityContext.${field}`, why)
    }
  }
}

/** A name of the host: it must fit the kernel. */
export const hostNames: Rule = (value, walk) => {
  const { hostnameOverride: override, setHostnameAsFQDN: asFqdn, hostNetwork } = mapOf(value)
  if (!isSet(override)) return
  if (asFqdn === true) walk.forbidden("hostnameOverride", "may not be specified when setHostnameAsFQDN is true")
  if (hostNetwork === true) walk.forbidden("hostnameOverride", "may not be specified when hostNetwork is true")
  if (textOf(override).length > 64) walk.tooLong("hostnameOverride", 64)
  walk.at("hostnameOverride", override, named("subdomain"))
}

/** A user namespace of its own goes with no namespace of the host. */
export const userNamespace: Rule = (value, walk) => {
  const { hostUsers, hostNetwork, hostPID, hostIPC } = mapOf(value)
  if (hostUsers !== false) return
  const why = "when `hostUsers` is false"
  if (hostNetwork === true) walk.forbidden("hostNetwork", why)
  if (hostPID === true) walk.forbidden("HostPID", why)
  if (hostIPC === true) walk.forbidden("HostIPC", why)
}
