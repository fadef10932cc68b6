// Events and Leases: what components tell each other.
import { equalJson } from "@gitops-toolkit/kube"
import { internal } from "./internal.ts"
import { all, fields, given, needed, notNegative, onCreate, onUpdate } from "./rule.ts"
import { qualifiedName } from "./terms.ts"
import { isSet, mapOf, type Members, numberOf, type Rule, textOf } from "./walk.ts"

/** Events are in the namespace of what they are about. */
const place: Rule = (value, walk) => {
  const { metadata, involvedObject, regarding, eventTime } = mapOf(value)
  const own = textOf(mapOf(metadata)["namespace"])
  const about = textOf(mapOf(involvedObject ?? regarding)["namespace"])
  const homes = isSet(eventTime) ? ["default", "kube-system"] : ["default"]
  const fits = about === "" ? homes.includes(own) : isSet(eventTime) || about === own
  if (!fits) walk.invalid("involvedObject.namespace", about, "does not match event.namespace")
}

const limited = (limit: number): Rule =>
  needed((value, walk) => {
    if (textOf(value).length > limit) walk.invalid("", "", `can have at most ${limit} characters`)
  })

/** Members that the two APIs of Events call differently, by what the server itself calls them. */
const renamed: { readonly [own: string]: string } = {
  involvedObject: "regarding",
  message: "note",
  source: "deprecatedSource",
  firstTimestamp: "deprecatedFirstTimestamp",
  lastTimestamp: "deprecatedLastTimestamp",
  count: "deprecatedCount",
  reportingController: "reportingComponent",
}
const memberOf = (event: Members, own: string): unknown => event[own] ?? event[renamed[own] ?? own] ?? null

/** What Events must say that have a time of their own. */
const telling: Rule = (value, walk) => {
  const event = mapOf(value)
  if (!isSet(event["eventTime"])) return
  const controller = event["apiVersion"] === "v1" ? "reportingComponent" : "reportingController"
  const said = memberOf(event, "reportingController")
  if (textOf(said) === "") walk.required(controller)
  walk.at(controller, said, qualifiedName)
  walk.at("reportingInstance", event["reportingInstance"], limited(128))
  walk.at("action", event["action"], limited(128))
  walk.at("reason", event["reason"], limited(128))
  if (textOf(memberOf(event, "message")).length > 1024) walk.invalid("message", "", "can have at most 1024 characters")
}

const series: Rule = given((value, walk) => {
  const { count, lastObservedTime } = mapOf(value)
  if (numberOf(count) < 2) walk.invalid("count", "", "should be at least 2")
  if (!isSet(lastObservedTime)) walk.required("lastObservedTime")
})

const isEmpty = (value: unknown): boolean =>
  !isSet(value) || value === 0 || (Object.values(mapOf(value)).join("") === "" && typeof value === "object")

/** What a new Event of the newer API must say. */
const complete: Rule = onCreate((value, walk) => {
  const event = mapOf(value)
  walk.at("series", event["series"], series)
  if (!isSet(event["eventTime"])) walk.required("eventTime")
  const type = textOf(event["type"])
  if (type !== "Normal" && type !== "Warning") walk.invalid("type", "", `has invalid value: ${type}`)
  for (const name of ["firstTimestamp", "lastTimestamp", "count", "source"])
    if (!isEmpty(memberOf(event, name))) walk.invalid(name, "", "needs to be unset")
})

const frozenMembers = [
  ...["involvedObject", "reason", "message", "source", "firstTimestamp", "lastTimestamp", "count", "reason", "type"],
  ...["eventTime", "action", "related", "reportingController", "reportingInstance"],
]
const internalTypes: { readonly [member: string]: string } = {
  involvedObject: "core/v1.ObjectReference",
  related: "core/v1.ObjectReference",
  source: "core/v1.EventSource",
}

/** An Event of the newer API stays as it is, but for its series. */
const lasting: Rule = onUpdate((value, walk) => {
  const [event, before] = [mapOf(value), walk.before!]
  if (!equalJson(event["series"] ?? null, before["series"] ?? null)) walk.at("series", event["series"], series)
  for (const name of frozenMembers) {
    const [now, old] = [memberOf(event, name), memberOf(before, name)]
    if (equalJson(now, old)) continue
    const type = internalTypes[name]
    walk.invalid(name, type === undefined ? now : internal(type, now), "field is immutable")
  }
})

/** Events: of core, only what is said must fit; of the newer API, all must be said. */
export const event: Rule = all(place, telling, (value, walk) => {
  if (mapOf(value)["apiVersion"] !== "v1") all(complete, lasting)(value, walk)
})

/** Leases. */
export const lease: Rule = fields({
  spec: fields({
    leaseDurationSeconds: given((value, walk) => {
      if (numberOf(value) <= 0) walk.invalid("", value, "must be greater than 0")
    }),
    leaseTransitions: notNegative,
  }),
})
