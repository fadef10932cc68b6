import { between, check, each, fields, given, needed, notNegative, oneOf } from "../rule.ts"
import { port } from "../terms.ts"
import { isSet, listOf, mapOf, type Rule, numberOf } from "../walk.ts"
import type { PodContext, PodRule } from "./context.ts"

const headerName: Rule = check(
  (name) => /^[-A-Za-z0-9]+$/.test(name),
  "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')",
)

const actions: { readonly [handler: string]: Rule } = {
  exec: (value, walk) => {
    if (listOf(mapOf(value)["command"]).length === 0) walk.required("command")
  },
  httpGet: fields({
    path: needed(),
    port,
    scheme: oneOf("HTTP", "HTTPS"),
    // Headers are told at their list.
    httpHeaders: (value, walk) => {
      for (const header of listOf(value)) walk.at("", mapOf(header)["name"], headerName)
    },
  }),
  tcpSocket: fields({ port }),
  grpc: fields({ port: between(1, 65_535) }),
}

const sleep: PodRule = (value, walk, { grace }) => {
  const seconds = numberOf(mapOf(value)["seconds"])
  if (seconds < 0 || seconds > grace)
    walk.invalid("", seconds, `must be non-negative and less than terminationGracePeriodSeconds (${grace})`)
}

const ofProbes = ["exec", "httpGet", "tcpSocket", "grpc"] as const
const ofHooks = ["exec", "httpGet", "tcpSocket", "sleep"] as const

/** What a probe or a hook does: exactly one thing. */
function handler(kinds: readonly string[], pod: PodContext): Rule {
  return (value, walk) => {
    const map = mapOf(value)
    let found = false
    for (const kind of kinds) {
      if (!isSet(map[kind])) continue
      if (found) walk.forbidden(kind, "may not specify more than 1 handler type")
      else walk.at(kind, map[kind], actions[kind] ?? ((action) => sleep(action, walk, pod)))
      found = true
    }
    if (!found) walk.required("", "must specify a handler type")
  }
}

const periods = fields({
  initialDelaySeconds: notNegative,
  timeoutSeconds: notNegative,
  periodSeconds: notNegative,
  successThreshold: notNegative,
  failureThreshold: notNegative,
  terminationGracePeriodSeconds: given((value, walk) => {
    if (numberOf(value) <= 0) walk.invalid("", value, "must be greater than 0")
  }),
})

/** The three probes of a container. */
export const probes: PodRule = (container, walk, pod) => {
  const does = handler(ofProbes, pod)
  for (const kind of ["livenessProbe", "readinessProbe", "startupProbe"]) {
    const probe = mapOf(container)[kind]
    if (!isSet(probe)) continue
    walk.at(kind, probe, () => {
      does(probe, walk)
      periods(probe, walk)
      const { successThreshold, terminationGracePeriodSeconds: grace } = mapOf(probe)
      if (kind === "readinessProbe") {
        if (isSet(grace)) walk.invalid("terminationGracePeriodSeconds", grace, "must not be set for readinessProbes")
      } else if (successThreshold !== 1) walk.invalid("successThreshold", successThreshold ?? 0, "must be 1")
    })
  }
}

/** The hooks of a container. */
export const lifecycle: PodRule = (value, walk, pod) => {
  const { postStart, preStop } = mapOf(value)
  const does = handler(ofHooks, pod)
  if (isSet(postStart)) walk.at("postStart", postStart, does)
  if (isSet(preStop)) walk.at("preStop", preStop, does)
}

const exitCodes: Rule = (value, walk) => {
  if (!isSet(value)) return walk.required("", "must be specified")
  const { operator, values } = mapOf(value)
  walk.at("operator", operator, oneOf("In", "NotIn"))
  if (listOf(values).length > 255) walk.tooMany("values", listOf(values).length, 255)
}

const restartRules = each(fields({ action: oneOf("Restart", "RestartAllContainers"), exitCodes }))

/** When a container of its own policy starts again. */
export const restarts: Rule = (container, walk) => {
  const { restartPolicy, restartPolicyRules: rules } = mapOf(container)
  if (isSet(restartPolicy)) walk.at("restartPolicy", restartPolicy, oneOf("Always", "Never", "OnFailure"))
  else if (listOf(rules).length > 0)
    walk.required("restartPolicy", "must specify restartPolicy when restart rules are used")
  if (listOf(rules).length > 20) walk.tooMany("restartPolicyRules", listOf(rules).length, 20)
  walk.at("restartPolicyRules", rules, restartRules)
}
