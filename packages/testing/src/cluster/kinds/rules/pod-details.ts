import { isIP } from "node:net"
import type { Cause } from "../../answer.ts"
import { nameRules, qualifiedNameFaults } from "../../write/names.ts"
import { duplicate, faults, invalid, isMap, listOf, mapOf, type Members, required, unsupported } from "./causes.ts"

const addressFault = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"

/** What is wrong with the rarer fields of a Pod's spec. */
export function podDetailCauses(spec: Members, field: string): Cause[] {
  return [
    ...dnsCauses(spec, field),
    ...Object.keys(mapOf(spec["nodeSelector"])).flatMap((key) =>
      faults(`${field}.nodeSelector`, key, qualifiedNameFaults(key)),
    ),
    ...aliasCauses(listOf(spec["hostAliases"]), `${field}.hostAliases`),
    ...securityContextCauses(mapOf(spec["securityContext"]), `${field}.securityContext`),
    ...gateCauses(spec, field),
    ...spreadCauses(listOf(spec["topologySpreadConstraints"]), `${field}.topologySpreadConstraints`),
    ...osCauses(spec["os"], `${field}.os`),
    ...nodeAffinityCauses(mapOf(spec["affinity"])["nodeAffinity"], `${field}.affinity.nodeAffinity`),
  ]
}

function dnsCauses({ dnsPolicy, dnsConfig }: Members, field: string): Cause[] {
  const servers = mapOf(dnsConfig)["nameservers"]
  const list = Array.isArray(servers) ? (servers as readonly unknown[]) : []
  if (dnsPolicy === "None" && !isMap(dnsConfig))
    return [required(`${field}.dnsConfig`, "must provide `dnsConfig` when `dnsPolicy` is None")]
  if (dnsPolicy === "None" && list.length === 0) {
    const why = "must provide at least one DNS nameserver when `dnsPolicy` is None"
    return [required(`${field}.dnsConfig.nameservers`, why)]
  }
  return list.flatMap((address, index) =>
    isIP(String(address)) > 0 ? [] : [invalid(`${field}.dnsConfig.nameservers[${index}]`, address, addressFault)],
  )
}

function aliasCauses(aliases: readonly Members[], field: string): Cause[] {
  return aliases.flatMap(({ ip = "", hostnames }, index) => [
    ...(isIP(String(ip)) > 0 ? [] : [invalid(`${field}[${index}].ip`, ip, addressFault)]),
    ...(Array.isArray(hostnames) ? (hostnames as readonly unknown[]) : []).flatMap((name, place) =>
      faults(`${field}[${index}].hostnames[${place}]`, name, nameRules.subdomain(String(name), false)),
    ),
  ])
}

function securityContextCauses(context: Members, field: string): Cause[] {
  const causes = ["fsGroup", "runAsGroup", "runAsUser"].flatMap((name) => {
    const value = context[name]
    if (value === undefined || (Number(value) >= 0 && Number(value) <= 2147483647)) return []
    return [invalid(`${field}.${name}`, value, "must be between 0 and 2147483647, inclusive")]
  })
  return [...causes, ...seccompCauses(context["seccompProfile"], `${field}.seccompProfile`)]
}

const seccompTypes = ["Localhost", "RuntimeDefault", "Unconfined"]

/** What is wrong with a seccomp profile. */
export function seccompCauses(profile: unknown, field: string): Cause[] {
  if (!isMap(profile)) return []
  const { type = "", localhostProfile } = profile
  if (type === "") return [required(`${field}.type`, "type is required when seccompProfile is set")]
  if (!seccompTypes.includes(type as string)) return [unsupported(`${field}.type`, type, seccompTypes)]
  if (type === "Localhost" && !localhostProfile)
    return [required(`${field}.localhostProfile`, "must be set when seccomp type is Localhost")]
  if (type !== "Localhost" && localhostProfile)
    return [invalid(`${field}.localhostProfile`, localhostProfile, "can only be set when seccomp type is Localhost")]
  return []
}

function gateCauses(spec: Members, field: string): Cause[] {
  const seen = new Set<unknown>()
  return [
    ...listOf(spec["readinessGates"]).flatMap(({ conditionType = "" }, index) =>
      faults(
        `${field}.readinessGates[${index}].conditionType`,
        conditionType,
        qualifiedNameFaults(String(conditionType)),
      ),
    ),
    ...listOf(spec["schedulingGates"]).flatMap(({ name = "" }, index) => {
      const at = `${field}.schedulingGates[${index}]`
      const causes = faults(at, name, qualifiedNameFaults(String(name)))
      if (seen.has(name)) causes.push(duplicate(at, name))
      seen.add(name)
      return causes
    }),
  ]
}

const spreadActions = ["DoNotSchedule", "ScheduleAnyway"]

function spreadCauses(constraints: readonly Members[], field: string): Cause[] {
  return constraints.flatMap(({ maxSkew = 0, topologyKey = "", whenUnsatisfiable = "" }, index) => {
    const at = `${field}[${index}]`
    return [
      ...(Number(maxSkew) > 0 ? [] : [invalid(`${at}.maxSkew`, maxSkew, "must be greater than zero")]),
      ...(topologyKey === "" ? [required(`${at}.topologyKey`, "can not be empty")] : []),
      ...(spreadActions.includes(whenUnsatisfiable as string)
        ? []
        : [unsupported(`${at}.whenUnsatisfiable`, whenUnsatisfiable, spreadActions)]),
    ]
  })
}

function osCauses(os: unknown, field: string): Cause[] {
  if (!isMap(os)) return []
  const { name = "" } = os
  if (name === "") return [required(`${field}.name`, "cannot be empty")]
  return name === "linux" || name === "windows" ? [] : [unsupported(field, name, ["linux", "windows"])]
}

const operators: ReadonlySet<unknown> = new Set(["In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"])

function nodeAffinityCauses(affinity: unknown, field: string): Cause[] {
  const needed = mapOf(affinity)["requiredDuringSchedulingIgnoredDuringExecution"]
  if (!isMap(needed)) return []
  const at = `${field}.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms`
  const terms = listOf(needed["nodeSelectorTerms"])
  if (terms.length === 0) return [required(at, "must have at least one node selector term")]
  return terms.flatMap((term, index) =>
    listOf(term["matchExpressions"]).flatMap((expression, place) =>
      expressionCauses(expression, `${at}[${index}].matchExpressions[${place}]`),
    ),
  )
}

function expressionCauses({ key = "", operator = "", values }: Members, at: string): Cause[] {
  const count = Array.isArray(values) ? values.length : 0
  const causes: Cause[] = []
  if ((operator === "In" || operator === "NotIn") && count === 0)
    causes.push(required(`${at}.values`, "must be specified when `operator` is 'In' or 'NotIn'"))
  if (!operators.has(operator)) causes.push(invalid(`${at}.operator`, operator, "not a valid selector operator"))
  return [...causes, ...faults(`${at}.key`, key, qualifiedNameFaults(String(key)))]
}
