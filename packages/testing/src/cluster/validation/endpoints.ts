import { equalJson } from "@gitops-toolkit/kube"
import { address, familyOf, reachable } from "./address.ts"
import { all, each, fields, filled, frozen, given, named, needed, oneOf } from "./rule.ts"
import { labels, labelValue, portNumber, protocols, qualifiedName } from "./terms.ts"
import { isSet, listOf, mapOf, type Rule, textOf } from "./walk.ts"

const protocol = needed(oneOf(...protocols))

const subsetAddress = fields({
  ip: address(),
  hostname: filled(named("label")),
  nodeName: given(named("subdomain")),
})

const subsetPort =
  (isNamed: boolean): Rule =>
  (value, walk) => {
    const { name, port, protocol: own, appProtocol } = mapOf(value)
    if (isNamed && textOf(name) === "") walk.required("name")
    walk.at("name", name, filled(named("label")))
    walk.at("port", port, portNumber)
    walk.at("protocol", own, protocol)
    walk.at("appProtocol", appProtocol, given(qualifiedName))
  }

const addressList = each((value, walk) => {
  subsetAddress(value, walk)
  walk.at("ip", mapOf(value)["ip"], reachable)
})

const subset: Rule = (value, walk) => {
  const { addresses, notReadyAddresses, ports } = mapOf(value)
  if (listOf(addresses).length + listOf(notReadyAddresses).length === 0)
    walk.required("", "must specify `addresses` or `notReadyAddresses`")
  walk.at("addresses", addresses, addressList)
  walk.at("notReadyAddresses", notReadyAddresses, addressList)
  walk.at("ports", ports, each(subsetPort(listOf(ports).length > 1)))
}

/** A rule that says nothing of what an update leaves as it was. */
const whenChanged =
  (name: string, rule: Rule): Rule =>
  (value, walk) => {
    const now = mapOf(value)[name]
    if (!walk.before || !equalJson(now ?? null, walk.before[name] ?? null)) walk.at(name, now, rule)
  }

/** Endpoints. */
export const endpoints: Rule = whenChanged("subsets", each(subset))

const slicePorts: Rule = (value, walk) => {
  const list = listOf(value)
  if (list.length > 20_000) return walk.tooMany("", list.length, 20_000)
  const names = new Set<string>()
  for (const [index, item] of list.entries()) {
    const { name: given, protocol: own, appProtocol } = mapOf(item)
    const name = textOf(given)
    walk.at(index, item, () => {
      walk.at("name", name, filled(named("label")))
      if (names.has(name)) walk.duplicate("name", name)
      if (!isSet(own)) walk.required("protocol")
      else walk.at("protocol", own, oneOf(...protocols))
      if (isSet(appProtocol)) walk.at("appProtocol", appProtocol, qualifiedName)
    })
    names.add(name)
  }
}

/** Names in hints, each once. */
const hints =
  (rule: Rule): Rule =>
  (value, walk) => {
    const list = listOf(value).map((item) => textOf(mapOf(item)["name"]))
    if (list.length > 8) return walk.tooMany("", list.length, 8)
    for (const [index, name] of list.entries()) {
      if (list.indexOf(name) < index) walk.duplicate(`[${index}].name`, name)
      walk.at(`[${index}].name`, name, rule)
    }
  }

const sliceAddresses =
  (type: string): Rule =>
  (value, walk) => {
    const list = listOf(value)
    if (list.length === 0) walk.required("", "must contain at least 1 address")
    else if (list.length > 100) walk.tooMany("", list.length, 100)
    for (const [index, item] of list.entries()) {
      const before = walk.causes.length
      if (type === "FQDN") walk.at(index, item, domainName)
      if (type !== "IPv4" && type !== "IPv6") continue
      walk.at(index, item, address())
      if (walk.causes.length > before) continue
      // The server tells the wrong family at the list.
      if (`IPv${familyOf(textOf(item))}` !== type) walk.invalid("", item, `must be an ${type} address`)
      walk.at(index, item, reachable)
    }
  }

const domainName: Rule = needed((value, walk) => {
  const name = textOf(value).replace(/\.$/, "")
  const before = walk.causes.length
  walk.at("", name, named("subdomain"))
  if (walk.causes.length === before && !name.includes("."))
    walk.invalid("", name, "should be a domain with at least two segments separated by dots")
})

const endpoint =
  (type: string): Rule =>
  (value, walk) => {
    const { addresses, nodeName, deprecatedTopology: topology, hostname, hints: own } = mapOf(value)
    walk.at("addresses", addresses, sliceAddresses(type))
    walk.at("nodeName", nodeName, given(named("subdomain")))
    const count = Object.keys(mapOf(topology)).length
    if (count > 16) walk.tooMany("deprecatedTopology", count, 16)
    walk.at("deprecatedTopology", topology, labels)
    walk.at("hostname", hostname, given(named("label")))
    walk.at("hints", own, fields({ forZones: hints(labelValue), forNodes: hints(named("subdomain")) }))
  }

const sliceEndpoints: Rule = (value, walk) => {
  const rule = endpoint(textOf(mapOf(value)["addressType"]))
  whenChanged("endpoints", (list, inner) => {
    if (listOf(list).length > 1000) inner.tooMany("", listOf(list).length, 1000)
    else each(rule)(list, inner)
  })(value, walk)
}

/** EndpointSlices. */
export const endpointSlice: Rule = all(
  fields({ addressType: needed(oneOf("FQDN", "IPv4", "IPv6")), ports: slicePorts }),
  sliceEndpoints,
  frozen("addressType", { empty: "" }),
)
