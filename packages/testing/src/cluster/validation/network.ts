import { qualifiedNameFaults } from "../write/names.ts"
import { nameRules } from "../write/names.ts"
import { hostFaults } from "../kinds/rules/others.ts"
import {
  at,
  between,
  invalid,
  isSet,
  items,
  named,
  numberOf,
  required,
  type Spot,
  textOf,
  unsupported,
} from "./spot.ts"

const atLeast = "must contain at least one letter (a-z)"

/** What is wrong with a port's name, in the server's words. */
export function portNameFaults(name: string): readonly string[] {
  const faults: string[] = []
  if (name.length > 15) faults.push("must be no more than 15 characters")
  if (!/^[-a-z0-9]+$/.test(name)) faults.push("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)")
  if (!/[a-z]/.test(name)) faults.push(atLeast)
  if (name.includes("--")) faults.push("must not contain consecutive hyphens")
  if (name.startsWith("-") || name.endsWith("-")) faults.push("must not begin or end with a hyphen")
  return faults
}

/** TLS, class and paths of an Ingress. */
export function ingressDetails(spec: Spot): void {
  for (const tls of items(at(spec, "tls"))) {
    for (const host of items(at(tls, "hosts")))
      for (const fault of hostFaults(textOf(host))) invalid(host, fault, textOf(host))
    const secret = at(tls, "secretName")
    if (textOf(secret) !== "") named(secret, "subdomain")
  }
  if (isSet(at(spec, "ingressClassName"))) named(at(spec, "ingressClassName"), "subdomain")
  if (isSet(at(spec, "defaultBackend"))) backend(at(spec, "defaultBackend"))
  for (const rule of items(at(spec, "rules"))) {
    const paths = at(rule, "http.paths")
    if (isSet(at(rule, "http")) && items(paths).length === 0) required(paths)
    for (const path of items(paths)) ingressPath(path)
  }
}

const sequences = ["//", "/./", "/../", "%2f", "%2F"]

function ingressPath(spot: Spot): void {
  const path = at(spot, "path")
  const type = textOf(at(spot, "pathType"))
  const text = textOf(path)
  if (type === "ImplementationSpecific") {
    if (text !== "" && !text.startsWith("/")) invalid(path, "must be an absolute path")
  } else if (type === "Exact" || type === "Prefix") {
    for (const part of sequences) if (text.includes(part)) invalid(path, `must not contain '${part}'`)
    for (const end of ["/..", "/."]) if (text.endsWith(end)) invalid(path, `cannot end with '${end}'`)
  }
  if (type !== "") backend(at(spot, "backend"))
}

function backend(spot: Spot): void {
  const [service, resource] = [at(spot, "service"), at(spot, "resource")]
  if (isSet(service) && isSet(resource)) return
  if (isSet(resource)) typedReference(resource)
  const [name, number] = [at(service, "port.name"), at(service, "port.number")]
  if (textOf(name) !== "" && numberOf(number)) return invalid(spot, "cannot set both port name & port number", "")
  if (textOf(name) !== "") for (const fault of portNameFaults(textOf(name))) invalid(name, fault)
  if (numberOf(number)) between(number, 1, 65_535)
}

function typedReference(spot: Spot): void {
  const group = at(spot, "apiGroup")
  if (isSet(group)) named(group, "subdomain")
  for (const part of ["kind", "name"]) {
    const place = at(spot, part)
    if (textOf(place) === "") required(place)
    else for (const fault of nameRules.path(textOf(place), false)) invalid(place, fault)
  }
}

/** What an IngressClass's parameters are. */
export function ingressClassParameters(spec: Spot, before: unknown): void {
  const controller = at(spec, "controller")
  const old = (before as { readonly controller?: unknown } | undefined)?.controller
  if (before !== undefined && controller.value !== old) invalid(controller, "field is immutable")
  const parameters = at(spec, "parameters")
  if (!isSet(parameters)) return
  typedReference(parameters)
  const scope = at(parameters, "scope")
  if (!isSet(scope)) return required(scope)
  const namespace = at(parameters, "namespace")
  if (textOf(scope) === "Namespace") {
    if (!isSet(namespace)) required(namespace, "`parameters.scope` is set to 'Namespace'")
    else named(namespace, "label")
  } else if (textOf(scope) === "Cluster") {
    if (isSet(namespace)) forbiddenNamespace(namespace)
  } else unsupported(scope, ["Cluster", "Namespace"])
}

function forbiddenNamespace(spot: Spot): void {
  const message = "Forbidden: `parameters.scope` is set to 'Cluster'"
  spot.causes.push({ reason: "FieldValueForbidden", message, field: spot.field })
}

const protocols = ["TCP", "UDP", "SCTP"]
const directions = ["Ingress", "Egress"]

/** Ports and directions of a NetworkPolicy. */
export function policyDetails(spec: Spot): void {
  for (const direction of ["ingress", "egress"])
    for (const rule of items(at(spec, direction))) for (const port of items(at(rule, "ports"))) policyPort(port)
  const types = at(spec, "policyTypes")
  if (items(types).length > 2) return invalid(types, "may not specify more than two policyTypes")
  for (const type of items(types))
    if (!directions.includes(textOf(type))) unsupported({ ...type, value: textOf(type) }, directions)
}

function policyPort(spot: Spot): void {
  const [protocol, port, end] = [at(spot, "protocol"), at(spot, "port"), at(spot, "endPort")]
  if (isSet(protocol) && !protocols.includes(textOf(protocol))) unsupported(protocol, protocols)
  if (!isSet(port)) {
    if (isSet(end)) invalid(end, "may not be specified when `port` is not specified")
    return
  }
  const number = numberOf(port)
  if (number === undefined) {
    if (isSet(end)) invalid(end, "may not be specified when `port` is non-numeric")
    for (const fault of portNameFaults(textOf(port))) invalid(port, fault)
    return
  }
  between(port, 1, 65_535)
  if (!isSet(end)) return
  if (numberOf(end)! < number) invalid(end, "must be greater than or equal to `port`", number)
  between(end, 1, 65_535)
}

/** A name as those of labels are. */
export function qualified(spot: Spot): void {
  for (const fault of qualifiedNameFaults(textOf(spot))) invalid(spot, fault, textOf(spot))
}
