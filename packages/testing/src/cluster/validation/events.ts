// Events and Leases: what components tell each other.
import { all, fields, frozen, given, needed, onUpdate, oneOf } from "./rule.ts"
import { isSet, mapOf, type Rule, textOf } from "./walk.ts"

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

/** What Events of the newer kind must say: those with a time of their own. */
const telling: Rule = (value, walk) => {
  const { eventTime, apiVersion, message, note, ...event } = mapOf(value)
  if (!isSet(eventTime)) return
  const controller = apiVersion === "v1" ? "reportingComponent" : "reportingController"
  const said = event["reportingComponent"] ?? event["reportingController"]
  if (textOf(said) === "") walk.required(controller)
  walk.at(
    controller,
    said,
    given(() => {}),
  )
  walk.at("reportingInstance", event["reportingInstance"], limited(128))
  walk.at("action", event["action"], limited(128))
  walk.at("reason", event["reason"], limited(128))
  if (textOf(message ?? note).length > 1024) walk.invalid("message", "", "can have at most 1024 characters")
}

const frozenFields = all(
  ...["reason", "involvedObject", "regarding", "action", "reportingController", "reportingInstance"].map((name) =>
    frozen(name),
  ),
  frozen("type"),
  frozen("eventTime"),
)

/** Only Events that say when they happened are of the new kind, whose fields are fixed. */
const lasting: Rule = onUpdate((value, walk) => {
  if (!isSet(mapOf(value)["eventTime"])) return
  frozenFields(value, walk)
  frozenFields(value, walk)
})

/** Events. */
export const event: Rule = all(place, telling, lasting)

const leaseStrategy: Rule = (value, walk) => {
  const { strategy, preferredHolder } = mapOf(value)
  walk.at("strategy", strategy, given(oneOf("OldestEmulationVersion")))
  if (textOf(preferredHolder) !== "" && textOf(strategy) === "")
    walk.forbidden("preferredHolder", "may only be specified if `strategy` is defined")
}

/** Leases. */
export const lease: Rule = fields({
  spec: all(
    fields({
      leaseDurationSeconds: given((value, walk) => {
        if (Number(value) <= 0) walk.invalid("", value, "must be greater than 0")
      }),
      leaseTransitions: given((value, walk) => {
        if (Number(value) < 0) walk.invalid("", value, "must be greater than or equal to 0")
      }),
    }),
    leaseStrategy,
  ),
})
