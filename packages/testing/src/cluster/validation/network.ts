import { isIP } from "node:net"
import { nameRules } from "../write/names.ts"
import { isWithin, range, rangeOf } from "./address.ts"
import { all, each, fields, filled, frozen, given, named, needed, onCreate, oneOf, without } from "./rule.ts"
import { labelSelector } from "./selector.ts"
import { domainPath, portName, portNumber } from "./terms.ts"
import { isSet, listOf, mapOf, type Members, numberOf, type Rule, textOf, valueAt } from "./walk.ts"

const wildcard = String.raw`a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character (e.g. '*.example.com', regex used for validation is '\*\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')`

/** A host that may begin with a wildcard. */
const host: Rule = without((text) => {
  if (!text.includes("*")) return nameRules.subdomain(text, false)
  const isGood = text.startsWith("*.") && nameRules.subdomain(text.slice(2), false).length === 0
  return [...(text.length > 253 ? ["must be no more than 253 characters"] : []), ...(isGood ? [] : [wildcard])]
})

const ruleHost: Rule = filled((value, walk) => {
  if (isIP(textOf(value)) > 0) walk.invalid("", value, "must be a DNS name, not an IP address")
  host(value, walk)
})

/** A reference to something by kind and name, which are parts of paths. */
const typedReference = fields({
  apiGroup: given(named("subdomain")),
  kind: needed(named("path")),
  name: needed(named("path")),
})

const servicePort: Rule = (value, walk) => {
  const { name, number } = mapOf(mapOf(mapOf(value)["service"])["port"])
  const [hasName, hasNumber] = [textOf(name) !== "", numberOf(number) !== 0]
  if (hasName && hasNumber) walk.invalid("", "", "cannot set both port name & port number")
  else if (hasName) walk.at("service.port.name", name, portName)
  else if (hasNumber) walk.at("service.port.number", number, portNumber)
  else walk.required("", "port name or number is required")
}

const backend: Rule = (value, walk) => {
  const { service, resource } = mapOf(value)
  if (isSet(service) && isSet(resource)) return walk.invalid("", "", "cannot set both resource and service backends")
  if (isSet(resource)) return walk.at("resource", resource, typedReference)
  if (!isSet(service)) return walk.invalid("", "", "resource or service backend is required")
  walk.at("service.name", mapOf(service)["name"], needed(named("label")))
  servicePort(value, walk)
}

const sequences = ["//", "/./", "/../", "%2f", "%2F"]

const ingressPath: Rule = (value, walk) => {
  const { path: given, pathType, backend: own } = mapOf(value)
  const path = textOf(given)
  if (!isSet(pathType)) return walk.required("pathType", "pathType must be specified")
  if (pathType === "Exact" || pathType === "Prefix") {
    if (!path.startsWith("/")) walk.invalid("path", path, "must be an absolute path")
    for (const part of sequences) if (path.includes(part)) walk.invalid("path", path, `must not contain '${part}'`)
    for (const end of ["/..", "/."]) if (path.endsWith(end)) walk.invalid("path", path, `cannot end with '${end}'`)
  } else if (pathType === "ImplementationSpecific") {
    if (path !== "" && !path.startsWith("/")) walk.invalid("path", path, "must be an absolute path")
  } else walk.unsupported("pathType", pathType, ["Exact", "ImplementationSpecific", "Prefix"])
  walk.at("backend", own, backend)
}

const http: Rule = given((value, walk) => {
  const { paths } = mapOf(value)
  if (listOf(paths).length === 0) walk.required("paths")
  walk.at("paths", paths, each(ingressPath))
})

const classAnnotation = "kubernetes.io/ingress.class"

/** The class by annotation, of old, and by field: one class. */
const oneClass: Rule = onCreate((value, walk) => {
  const note = mapOf(valueAt(value, "metadata.annotations"))[classAnnotation]
  const own = valueAt(value, "spec.ingressClassName")
  if (note !== undefined && isSet(own) && note !== own)
    walk.invalid(`annotations.${classAnnotation}`, note, "must match `ingressClassName` when both are specified")
})

/** Ingresses. */
export const ingress: Rule = all(
  fields({
    spec: all(
      (value, walk) => {
        const { rules, defaultBackend } = mapOf(value)
        if (listOf(rules).length === 0 && !isSet(defaultBackend))
          walk.invalid("", rules, "either `defaultBackend` or `rules` must be specified")
      },
      fields({
        defaultBackend: given(backend),
        rules: each(fields({ host: ruleHost, http })),
        tls: each(fields({ hosts: each(host), secretName: filled(named("subdomain")) })),
        ingressClassName: given(named("subdomain")),
      }),
    ),
  }),
  oneClass,
)

const parameters: Rule = given((value, walk) => {
  typedReference(value, walk)
  const { scope, namespace } = mapOf(value)
  if (!isSet(scope)) return walk.required("scope")
  walk.at("scope", scope, oneOf("Cluster", "Namespace"))
  if (scope === "Cluster" && isSet(namespace)) walk.forbidden("namespace", "`parameters.scope` is set to 'Cluster'")
  if (scope !== "Namespace") return
  if (isSet(namespace)) walk.at("namespace", namespace, named("label"))
  else walk.required("namespace", "`parameters.scope` is set to 'Namespace'")
})

/** IngressClasses. */
export const ingressClass: Rule = all(
  frozen("spec.controller", { empty: "" }),
  fields({
    spec: fields({
      controller: (value, walk) => {
        if (textOf(value).length > 250) walk.tooLong("", 250)
        domainPath(value, walk)
      },
      parameters,
    }),
  }),
)

const policyPort: Rule = (value, walk) => {
  const { protocol, port, endPort } = mapOf(value)
  walk.at("protocol", protocol, given(oneOf("TCP", "UDP", "SCTP")))
  const isNumber = typeof port === "number"
  if (isSet(endPort) && !isNumber) {
    const why = isSet(port) ? "`port` is non-numeric" : "`port` is not specified"
    walk.invalid("endPort", endPort, `may not be specified when ${why}`)
  }
  if (!isSet(port)) return
  walk.at("port", port, isNumber ? portNumber : portName)
  if (!isNumber || !isSet(endPort)) return
  if (numberOf(endPort) < port) walk.invalid("endPort", port, "must be greater than or equal to `port`")
  walk.at("endPort", endPort, portNumber)
}

/** Ranges that the policy had before: they may stay, however they are written. */
function knownRanges(before: Members | undefined): unknown[] {
  const spec = mapOf(before?.["spec"])
  const rules = [...listOf(spec["ingress"]), ...listOf(spec["egress"])].map((rule) => mapOf(rule))
  const peers = rules.flatMap((rule) => [...listOf(rule["from"]), ...listOf(rule["to"])])
  return peers.flatMap((peer) => {
    const { cidr, except } = mapOf(mapOf(peer)["ipBlock"])
    return [cidr, ...listOf(except)]
  })
}

const block: Rule = (value, walk) => {
  const { cidr, except } = mapOf(value)
  if (textOf(cidr) === "") return walk.required("cidr")
  const known = knownRanges(walk.before)
  walk.at("cidr", cidr, range(known))
  const outer = rangeOf(textOf(cidr))
  if (!outer) return
  for (const [index, each] of listOf(except).entries()) {
    walk.at(`except[${index}]`, each, range(known))
    const inner = rangeOf(textOf(each))
    if (inner && !isWithin(inner, outer)) walk.invalid(`except[${index}]`, each, "must be a strict subset of `cidr`")
  }
}

const peer: Rule = (value, walk) => {
  const { ipBlock, podSelector, namespaceSelector } = mapOf(value)
  walk.at("podSelector", podSelector, labelSelector)
  walk.at("namespaceSelector", namespaceSelector, labelSelector)
  if (isSet(ipBlock)) {
    walk.at("ipBlock", ipBlock, block)
    if (isSet(podSelector) || isSet(namespaceSelector))
      walk.forbidden("", "may not specify both ipBlock and another peer")
  } else if (!isSet(podSelector) && !isSet(namespaceSelector)) walk.required("", "must specify a peer")
}

const directions: Rule = (value, walk) => {
  if (listOf(value).length > 2) walk.invalid("", value, "may not specify more than two policyTypes")
  else directionList(value, walk)
}
const directionList = each(oneOf("Ingress", "Egress"))

/** NetworkPolicies. */
export const networkPolicy: Rule = fields({
  spec: fields({
    podSelector: labelSelector,
    ingress: each(fields({ ports: each(policyPort), from: each(peer) })),
    egress: each(fields({ ports: each(policyPort), to: each(peer) })),
    policyTypes: directions,
  }),
})
