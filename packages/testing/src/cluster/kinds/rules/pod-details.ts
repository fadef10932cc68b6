import type { Cause } from "../../answer.ts"
import { qualifiedNameFaults } from "../../write/names.ts"
import { duplicate, faults, invalid, isMap, listOf, type Members, required, unsupported } from "./causes.ts"
import { dnsConfig, hostAliases, nodeAffinity, podSecurity, topologySpread } from "../../validation/scheduling.ts"
import { at, labels, textOf } from "../../validation/spot.ts"

/** What is wrong with the rarer fields of a Pod's spec. */
export function podDetailCauses(spec: Members, field: string): Cause[] {
  return [...gateCauses(spec, field), ...osCauses(spec["os"], `${field}.os`), ...schedulingCauses(spec, field)]
}

function schedulingCauses(spec: Members, field: string): Cause[] {
  const causes: Cause[] = []
  const place = { value: spec, field, causes }
  labels(at(place, "nodeSelector"))
  podSecurity(at(place, "securityContext"))
  nodeAffinity(at(place, "affinity.nodeAffinity"))
  dnsConfig(at(place, "dnsConfig"), textOf(at(place, "dnsPolicy")))
  topologySpread(at(place, "topologySpreadConstraints"))
  hostAliases(at(place, "hostAliases"))
  return causes
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
      const gate = `${field}.schedulingGates[${index}]`
      const causes = faults(gate, name, qualifiedNameFaults(String(name)))
      if (seen.has(name)) causes.push(duplicate(gate, name))
      seen.add(name)
      return causes
    }),
  ]
}

function osCauses(os: unknown, field: string): Cause[] {
  if (!isMap(os)) return []
  const { name = "" } = os
  if (name === "") return [required(`${field}.name`, "cannot be empty")]
  return name === "linux" || name === "windows" ? [] : [unsupported(field, name, ["linux", "windows"])]
}
