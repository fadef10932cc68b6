import type { Cause } from "../../answer.ts"
import { nameRules } from "../../write/names.ts"
import { forbidden, invalid, required, unsupported } from "./cause.ts"
import type { Conversion } from "./internal.ts"

const field = "spec.conversion"
const strategies = ["None", "Webhook"]

/** What is wrong with the way between versions. */
export function conversionCauses(conversion: Conversion | undefined): Cause[] {
  if (!conversion) return []
  const { strategy = "", webhook } = conversion
  const versions = webhook?.conversionReviewVersions ?? []
  const causes: Cause[] = []
  if (strategy === "") causes.push(required(`${field}.strategy`, ""))
  else if (!strategies.includes(strategy)) causes.push(unsupported(`${field}.strategy`, strategy, strategies))
  if (strategy === "Webhook") return [...causes, ...clientCauses(webhook?.clientConfig), ...reviewCauses(versions)]
  const why = "should not be set when strategy is not set to Webhook"
  if (webhook?.clientConfig) causes.push(forbidden(`${field}.webhookClientConfig`, why))
  if (versions.length > 0) causes.push(forbidden(`${field}.conversionReviewVersions`, why))
  return causes
}

function clientCauses(config: NonNullable<Conversion["webhook"]>["clientConfig"]): Cause[] {
  const at = `${field}.webhookClientConfig`
  if (!config) return [required(at, "required when strategy is set to Webhook")]
  const { url, service } = config
  if ((url === undefined) === (service === undefined))
    return [required(at, "exactly one of url or service is required")]
  if (url !== undefined) return urlCauses(url, `${at}.url`)
  const causes: Cause[] = []
  if (!service?.name) causes.push(required(`${at}.service.name`, "service name is required"))
  if (!service?.namespace) causes.push(required(`${at}.service.namespace`, "service namespace is required"))
  const port = service?.port ?? 443
  if (port < 1 || port > 65_535)
    causes.push(invalid(`${at}.service.port`, port, "port is not valid: must be between 1 and 65535, inclusive"))
  return causes
}

const form = "desired format: https://host[/path]"

function urlCauses(text: string, at: string): Cause[] {
  if (!URL.canParse(text))
    return [required(at, `url must be a valid URL: parse ${JSON.stringify(text)}: invalid URI; ${form}`)]
  const { protocol, host, username, hash, search } = new URL(text)
  const causes: Cause[] = []
  if (protocol !== "https:")
    causes.push(invalid(at, protocol.slice(0, -1), `'https' is the only allowed URL scheme; ${form}`))
  if (host === "") causes.push(invalid(at, host, `host must be specified; ${form}`))
  if (username !== "") causes.push(invalid(at, username, "user information is not permitted in the URL"))
  if (hash !== "") causes.push(invalid(at, hash.slice(1), "fragments are not permitted in the URL"))
  if (search !== "") causes.push(invalid(at, search.slice(1), "query parameters are not permitted in the URL"))
  return causes
}

function reviewCauses(versions: readonly string[]): Cause[] {
  const at = `${field}.conversionReviewVersions`
  if (versions.length === 0) return [required(at, "")]
  const causes = versions.flatMap((version, index) => {
    if (versions.indexOf(version) < index) return [invalid(`${at}[${index}]`, version, "duplicate version")]
    return nameRules.label1035(version, false).map((fault) => invalid(`${at}[${index}]`, version, fault))
  })
  if (versions.includes("v1") || versions.includes("v1beta1")) return causes
  return [...causes, invalid(at, versions, "must include at least one of v1, v1beta1")]
}
