import { parseQuantity } from "@gitops-toolkit/kube"
import type { Cause } from "../../answer.ts"
import { nameRules, qualifiedNameFaults } from "../../write/names.ts"
import { faults, invalid, isMap, mapOf, type Members, required } from "./causes.ts"

const range = "must be between 1 and 65535, inclusive"

/** What is wrong with a port that is a number or a name. */
export function portCauses(port: unknown, field: string): Cause[] {
  if (typeof port !== "string") {
    const number = Number(port ?? 0)
    return number >= 1 && number <= 65_535 ? [] : [invalid(field, number, range)]
  }
  return portNameFaults(port).map((fault) => invalid(field, port, fault))
}

/** What is wrong with the name of a port. */
export function portNameFaults(name: string): string[] {
  const texts: string[] = []
  if (name.length > 15) texts.push("must be no more than 15 characters")
  if (!/^[-a-z0-9]+$/.test(name)) texts.push("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)")
  if (!/[a-z]/.test(name)) texts.push("must contain at least one letter (a-z)")
  if (name.includes("--")) texts.push("must not contain consecutive hyphens")
  if (name.startsWith("-") || name.endsWith("-")) texts.push("must not begin or end with a hyphen")
  return texts
}

/** What is wrong with what a probe or a hook does. */
export function handlerCauses({ exec, httpGet, tcpSocket }: Members, field: string): Cause[] {
  const causes: Cause[] = []
  const command = mapOf(exec)["command"]
  if (isMap(exec) && !(Array.isArray(command) && command.length > 0)) causes.push(required(`${field}.exec.command`))
  if (isMap(httpGet)) {
    if (httpGet["path"] === "") causes.push(required(`${field}.httpGet.path`))
    causes.push(...portCauses(httpGet["port"], `${field}.httpGet.port`))
  }
  if (isMap(tcpSocket)) causes.push(...portCauses(tcpSocket["port"], `${field}.tcpSocket.port`))
  return causes
}

/** What is wrong with the hooks of a container. */
export function lifecycleCauses(lifecycle: unknown, field: string): Cause[] {
  return ["postStart", "preStop"].flatMap((name) => {
    const hook = mapOf(lifecycle)[name]
    if (!isMap(hook)) return []
    const found = ["exec", "httpGet", "tcpSocket", "sleep"].some((each) => hook[each] !== undefined)
    return found
      ? handlerCauses(hook, `${field}.${name}`)
      : [required(`${field}.${name}`, "must specify a handler type")]
  })
}

const nameFault = "a valid environment variable name must consist only of printable ASCII characters other than '='"

/** What is wrong with where a container's whole environment comes from. */
export function environmentSourceCauses(sources: readonly Members[], field: string): Cause[] {
  return sources.flatMap(({ prefix = "", configMapRef, secretRef }, index) => {
    const at = `${field}[${index}]`
    const causes: Cause[] = []
    if (prefix !== "" && !/^[ -<>-~]+$/.test(String(prefix))) causes.push(invalid(`${at}.prefix`, prefix, nameFault))
    for (const [name, ref] of Object.entries({ configMapRef, secretRef })) {
      if (!isMap(ref)) continue
      const object = ref["name"] ?? ""
      if (object === "") causes.push(required(`${at}.${name}.name`))
      else causes.push(...faults(`${at}.${name}.name`, object, nameRules.subdomain(String(object), false)))
    }
    if (!configMapRef && !secretRef)
      causes.push(invalid(field, "", "must specify one of: `configMapRef` or `secretRef`"))
    else if (configMapRef && secretRef)
      causes.push(invalid(field, "", "may not have more than one field specified at a time"))
    return causes
  })
}

const standard = /^(?:cpu|memory|ephemeral-storage|hugepages-.+)$/

/** What is wrong with the names and amounts of a container's resources. */
export function amountCauses(resources: Members, field: string): Cause[] {
  return ["limits", "requests"].flatMap((list) =>
    Object.entries(mapOf(resources[list])).flatMap(([name, amount]) => {
      const at = `${field}.${list}[${name}]`
      const causes = faults(at, name, qualifiedNameFaults(name))
      if (causes.length === 0 && !name.includes("/") && !standard.test(name)) {
        causes.push(invalid(at, name, "must be a standard resource type or fully qualified"))
        causes.push(invalid(at, name, "must be a standard resource for containers"))
      }
      if (typeof amount === "string" && parseQuantity(amount).nanos < 0n)
        causes.push(invalid(at, amount, "must be greater than or equal to 0"))
      return causes
    }),
  )
}
