import { isSet, mapOf, mapsOf, type Members, type Rule, textOf } from "../walk.ts"
import { fields, given, named } from "../rule.ts"

const netBios = /^[^\\/:*?"<>|.][^\\/:*?"<>|]{0,14}$/
const domainName = /^[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$/

/** `DOMAIN\user` or `user`. */
const userName: Rule = given((value, walk) => {
  const name = textOf(value)
  const wrong = (isWrong: boolean, why: string): void => {
    if (isWrong) walk.invalid("", name, `runAsUserName${why}`)
  }
  const parts = name.split("\\")
  if (name === "") return wrong(true, " cannot be an empty string")
  if (/[\u0000-\u001f\u007f]/.test(name)) return wrong(true, " cannot contain control characters")
  if (parts.length > 2) return wrong(true, " cannot contain more than one backslash")
  const user = parts.at(-1)!
  const domain = parts.length === 2 ? parts[0]! : undefined
  wrong((domain ?? "").length >= 256, "'s Domain length must be under 256 characters")
  const isDomain = domain === undefined || netBios.test(domain) || domainName.test(domain)
  wrong(!isDomain, "'s Domain doesn't match the NetBios nor the DNS format")
  wrong(user === "", "'s User cannot be empty")
  wrong(user.length > 104, "'s User length must not be longer than 104 characters")
  wrong(/^[. ]+$/.test(user), "'s User cannot contain only periods or spaces")
  wrong(/["/\\:;|=,+*?<>@[\]]/.test(user), "'s User cannot contain the following characters: \"/\\:;|=,+*?<>@[]")
})

const credentials: Rule = given((value, walk) => {
  if (textOf(value) === "") walk.invalid("", "", "gmsaCredentialSpec cannot be an empty string")
  if (Buffer.byteLength(textOf(value)) > 65_536) walk.invalid("", value, "gmsaCredentialSpec size must be under 64 KiB")
})

/** What only Windows knows of a container, or of all containers of a Pod. */
export const windowsOptions: Rule = (value, walk) => {
  if (isSet(mapOf(value)["windowsOptions"])) walk.at("windowsOptions", mapOf(value)["windowsOptions"], options)
}

const options = fields({
  gmsaCredentialSpecName: given(named("subdomain")),
  gmsaCredentialSpec: credentials,
  runAsUserName: userName,
})

const ofHost = (holder: Members): boolean | undefined => {
  const { hostProcess } = mapOf(mapOf(holder["securityContext"])["windowsOptions"])
  return typeof hostProcess === "boolean" ? hostProcess : undefined
}

/** Containers that are processes of a Windows host: all of a Pod or none, and on the host's network. */
export const hostProcesses: Rule = (value, walk) => {
  const spec = mapOf(value)
  const whole = ofHost(spec)
  let [all, found] = [0, 0]
  for (const list of ["initContainers", "containers", "ephemeralContainers"])
    for (const [index, container] of mapsOf(spec[list]).entries()) {
      const own = ofHost(container)
      const why = `pod hostProcess value must be identical if both are specified, was ${whole}`
      if (whole !== undefined && own !== undefined && whole !== own)
        walk.invalid(`${list}[${index}].securityContext.windowsOptions.hostProcess`, own, why)
      all++
      if (own ?? whole) found++
    }
  if (found === 0) return
  if (found !== all)
    walk.invalid(
      "",
      "",
      "If pod contains any hostProcess containers then all containers must be HostProcess containers",
    )
  if (spec["hostNetwork"] !== true)
    walk.invalid("hostNetwork", false, "hostNetwork must be true if pod contains any hostProcess containers")
}
