import { isIP } from "node:net"
import { labelValueFaults, nameRules } from "../write/names.ts"
import { labelSelector } from "./selector.ts"
import {
  at,
  duplicate,
  forbidden,
  invalid,
  isSet,
  items,
  labelKey,
  named,
  numberOf,
  required,
  type Spot,
  textOf,
  unsupported,
} from "./spot.ts"

const hard = "requiredDuringSchedulingIgnoredDuringExecution"
const soft = "preferredDuringSchedulingIgnoredDuringExecution"

/** What a Pod says about nodes it likes. */
export function nodeAffinity(spot: Spot): void {
  if (isSet(at(spot, hard))) nodeSelector(at(spot, hard), { strict: true })
  for (const term of items(at(spot, soft))) {
    weight(at(term, "weight"))
    nodeTerm(at(term, "preference"), { strict: false })
  }
}

/** Terms that select nodes; at least one. `strict`: values are labels. */
export function nodeSelector(spot: Spot, options: { readonly strict: boolean }): void {
  const terms = items(at(spot, "nodeSelectorTerms"))
  if (terms.length === 0) required(at(spot, "nodeSelectorTerms"), "must have at least one node selector term")
  for (const term of terms) nodeTerm(term, options)
}

function nodeTerm(spot: Spot, { strict }: { readonly strict: boolean }): void {
  for (const expression of items(at(spot, "matchExpressions"))) {
    nodeOperator(expression)
    labelKey(at(expression, "key"))
    if (!strict) continue
    for (const value of items(at(expression, "values")))
      for (const fault of labelValueFaults(textOf(value))) invalid(value, fault, textOf(value))
  }
  for (const field of items(at(spot, "matchFields"))) {
    const values = items(at(field, "values"))
    const operator = textOf(at(field, "operator"))
    if (operator !== "In" && operator !== "NotIn") {
      invalid(at(field, "operator"), "not a valid selector operator", operator)
    } else if (values.length !== 1) {
      required(at(field, "values"), "must be only one value when `operator` is 'In' or 'NotIn' for node field selector")
    }
    const key = textOf(at(field, "key"))
    if (key === "metadata.name") for (const value of values) named(value, "subdomain")
    else invalid(at(field, "key"), "not a valid field selector key", key)
  }
}

function nodeOperator(expression: Spot): void {
  const operator = textOf(at(expression, "operator"))
  const values = at(expression, "values")
  const count = items(values).length
  if (operator === "In" || operator === "NotIn") {
    if (count === 0) required(values, "must be specified when `operator` is 'In' or 'NotIn'")
  } else if (operator === "Exists" || operator === "DoesNotExist") {
    if (count > 0) forbidden(values, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")
  } else if (operator === "Gt" || operator === "Lt") {
    if (count !== 1) required(values, "must be specified single value when `operator` is 'Lt' or 'Gt'")
  } else invalid(at(expression, "operator"), "not a valid selector operator", operator)
}

function weight(spot: Spot): void {
  const value = numberOf(spot) ?? 0
  if (value < 1 || value > 100) invalid(spot, "must be in the range 1-100", value)
}

const actions = ["DoNotSchedule", "ScheduleAnyway"]
const policies = ["Honor", "Ignore"]

/** How Pods are spread over the parts of a cluster. */
export function topologySpread(spot: Spot): void {
  const constraints = items(spot)
  for (const [index, constraint] of constraints.entries()) {
    positive(at(constraint, "maxSkew"))
    const key = textOf(at(constraint, "topologyKey"))
    if (key === "") required(at(constraint, "topologyKey"), "can not be empty")
    const action = textOf(at(constraint, "whenUnsatisfiable"))
    if (!actions.includes(action)) unsupported({ ...at(constraint, "whenUnsatisfiable"), value: action }, actions)
    const again = constraints
      .slice(index + 1)
      .some((other) => textOf(at(other, "topologyKey")) === key && textOf(at(other, "whenUnsatisfiable")) === action)
    if (again) duplicate(at(constraint, "{topologyKey, whenUnsatisfiable}"), `{${key}, ${action}}`)
    const domains = at(constraint, "minDomains")
    if (isSet(domains)) {
      positive(domains)
      if (action !== "DoNotSchedule")
        invalid(domains, `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${action}`)
    }
    for (const name of ["nodeAffinityPolicy", "nodeTaintsPolicy"]) {
      const policy = at(constraint, name)
      if (isSet(policy) && !policies.includes(textOf(policy))) unsupported(policy, policies)
    }
    labelSelector(at(constraint, "labelSelector"))
  }
}

function positive(spot: Spot): void {
  const value = numberOf(spot) ?? 0
  if (value <= 0) invalid(spot, "must be greater than zero", value)
}

const address = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"

/** The resolver's settings; `policy` is the Pod's `dnsPolicy`. */
export function dnsConfig(spot: Spot, policy: string): void {
  const nameservers = at(spot, "nameservers")
  if (policy === "None") {
    if (!isSet(spot)) return required(spot, "must provide `dnsConfig` when `dnsPolicy` is None")
    if (items(nameservers).length === 0)
      return required(nameservers, "must provide at least one DNS nameserver when `dnsPolicy` is None")
  }
  if (items(nameservers).length > 3) invalid(nameservers, "must not have more than 3 nameservers")
  for (const server of items(nameservers)) if (isIP(textOf(server)) === 0) invalid(server, address, textOf(server))
  const searches = at(spot, "searches")
  if (items(searches).length > 32) invalid(searches, "must not have more than 32 search paths")
  for (const search of items(searches)) {
    const name = textOf(search).replace(/\.$/, "")
    if (textOf(search) === ".") continue
    for (const fault of nameRules.subdomain(name.replaceAll("_", "a"), false)) invalid(search, fault, name)
  }
  for (const option of items(at(spot, "options")))
    if (textOf(at(option, "name")) === "") required(option, "must not be empty")
}

/** Lines of a Pod's hosts file. */
export function hostAliases(spot: Spot): void {
  for (const alias of items(spot)) {
    const ip = at(alias, "ip")
    if (isIP(textOf(ip)) === 0) invalid(ip, address, textOf(ip))
    for (const name of items(at(alias, "hostnames"))) named(name, "subdomain")
  }
}

/** What holds for all containers of a Pod. */
export function podSecurity(spot: Spot): void {
  for (const name of ["fsGroup", "runAsUser", "runAsGroup"]) userId(at(spot, name))
  for (const group of items(at(spot, "supplementalGroups"))) userId(group)
  seccomp(at(spot, "seccompProfile"))
  const names = new Set<string>()
  for (const sysctl of items(at(spot, "sysctls"))) {
    const place = at(sysctl, "name")
    const name = textOf(place)
    if (name === "") required(place)
    else if (
      name.length > 253 ||
      !/^(?:[a-z0-9](?:[-_a-z0-9]*[a-z0-9])?[./])*[a-z0-9](?:[-_a-z0-9]*[a-z0-9])?$/.test(name)
    )
      invalid(place, sysctlFormat)
    else if (names.has(name)) duplicate(place)
    names.add(name)
  }
  const policy = at(spot, "fsGroupChangePolicy")
  if (isSet(policy) && !["Always", "OnRootMismatch"].includes(textOf(policy)))
    unsupported(policy, ["Always", "OnRootMismatch"])
}

const sysctlFormat = String.raw`must have at most 253 characters and match regex ^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$`

function userId(spot: Spot): void {
  const value = numberOf(spot)
  if (value !== undefined && (value < 0 || value > 2_147_483_647))
    invalid(spot, "must be between 0 and 2147483647, inclusive")
}

function seccomp(spot: Spot): void {
  if (!isSet(spot)) return
  const types = ["Localhost", "RuntimeDefault", "Unconfined"]
  const type = textOf(at(spot, "type"))
  const path = at(spot, "localhostProfile")
  if (type === "") required(at(spot, "type"), "type is required when seccompProfile is set")
  else if (!types.includes(type)) unsupported(at(spot, "type"), types)
  if (type === "Localhost") {
    if (!isSet(path)) required(path, "must be set when seccomp type is Localhost")
  } else if (isSet(path)) {
    invalid(path, "can only be set when seccomp type is Localhost", { Type: type, LocalhostProfile: path.value })
  }
}
