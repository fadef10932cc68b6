import { equalJson } from "@gitops-toolkit/kube"
import { all, frozen, onUpdate } from "./rule.ts"
import { configKey } from "./terms.ts"
import { mapOf, type Members, type Rule, textOf, type Walk } from "./walk.ts"

const sizeLimit = 1024 * 1024

/** What an immutable object may not change, nor cease to be. */
const immutable = (...names: readonly string[]): Rule =>
  onUpdate((value, walk) => {
    const [next, before] = [mapOf(value), walk.before ?? {}]
    if (before["immutable"] !== true) return
    const why = "field is immutable when `immutable` is set"
    if (next["immutable"] !== true) walk.forbidden("immutable", why)
    for (const name of names) if (!equalJson(next[name] ?? {}, before[name] ?? {})) walk.forbidden(name, why)
  })

/** Bytes of a text in base64. */
function decodedSize(value: unknown): number {
  const text = textOf(value)
  return Math.floor((text.length * 3) / 4) - (text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0)
}

const plainKey = /^[-_a-zA-Z0-9][-._a-zA-Z0-9]{0,252}$/

const keys = (map: Members, walk: Walk, field: string): string[] => {
  const names = Object.keys(map)
  for (const key of names) if (!plainKey.test(key)) walk.at(`${field}[${key}]`, key, configKey)
  return names
}

const configData: Rule = (value, walk) => {
  const { data, binaryData } = mapOf(value)
  const [texts, bytes] = [mapOf(data), mapOf(binaryData)]
  let size = 0
  for (const key of keys(texts, walk, "data")) {
    if (Object.hasOwn(bytes, key)) walk.invalid(`data[${key}]`, key, "duplicate of key present in binaryData")
    size += Buffer.byteLength(textOf(texts[key]))
  }
  for (const key of keys(bytes, walk, "binaryData")) size += decodedSize(bytes[key])
  // An empty path prints as an empty index.
  if (size > sizeLimit) walk.tooLong("[]", sizeLimit)
}

/** ConfigMaps. */
export const configMap: Rule = all(immutable("data", "binaryData"), configData)

const secretData: Rule = (value, walk) => {
  const data = mapOf(mapOf(value)["data"])
  let size = 0
  for (const key of keys(data, walk, "data")) size += decodedSize(data[key])
  if (size > sizeLimit) walk.tooLong("data", sizeLimit)
}

const isThere =
  (...names: readonly string[]): Rule =>
  (value, walk) => {
    const data = mapOf(mapOf(value)["data"])
    for (const name of names) if (!Object.hasOwn(data, name)) walk.required(`data[${name}]`)
  }

/** Why bytes are no JSON object, in the words of Go; undefined when they are one. */
function objectFault(bytes: string): string | undefined {
  const text = Buffer.from(bytes, "base64").toString("utf8")
  if (text.trim() === "") return "unexpected end of JSON input"
  try {
    const value: unknown = JSON.parse(text)
    if (value === null || (typeof value === "object" && !Array.isArray(value))) return undefined
    const kind = Array.isArray(value) ? "array" : typeof value === "boolean" ? "bool" : typeof value
    return `json: cannot unmarshal ${kind} into Go value of type map[string]interface {}`
  } catch {
    return syntaxFault(bytes)
  }
}

/** Go shows a byte that begins no value as the character of its number. */
function syntaxFault(bytes: string): string {
  const first = Buffer.from(bytes, "base64").toString("latin1").trimStart()[0]!
  return /[[{"\-0-9tfn]/.test(first)
    ? "unexpected end of JSON input"
    : `invalid character '${first}' looking for beginning of value`
}

const registryLogin =
  (key: string): Rule =>
  (value, walk) => {
    const data = mapOf(mapOf(value)["data"])
    if (!Object.hasOwn(data, key)) return walk.required(`data[${key}]`)
    const fault = objectFault(textOf(data[key]))
    if (fault !== undefined) walk.invalid(`data[${key}]`, "<secret contents redacted>", fault)
  }

const account = "kubernetes.io/service-account.name"

/** What a Secret must hold, by its type. */
const byType: { readonly [type: string]: Rule } = {
  "kubernetes.io/service-account-token": (value, walk) => {
    const { annotations } = mapOf(mapOf(value)["metadata"])
    if (textOf(mapOf(annotations)[account]) === "") walk.required(`metadata.annotations[${account}]`)
  },
  "kubernetes.io/dockercfg": registryLogin(".dockercfg"),
  "kubernetes.io/dockerconfigjson": registryLogin(".dockerconfigjson"),
  "kubernetes.io/basic-auth": (value, walk) => {
    const data = mapOf(mapOf(value)["data"])
    if (!Object.hasOwn(data, "username") && !Object.hasOwn(data, "password"))
      isThere("username", "password")(value, walk)
  },
  "kubernetes.io/ssh-auth": (value, walk) => {
    if (textOf(mapOf(mapOf(value)["data"])["ssh-privatekey"]) === "") walk.required("data[ssh-privatekey]")
  },
  "kubernetes.io/tls": isThere("tls.crt", "tls.key"),
}

/** Secrets. */
export const secret: Rule = all(frozen("type", { empty: "" }), immutable("data"), secretData, (value, walk) => {
  const type = textOf(mapOf(value)["type"])
  if (Object.hasOwn(byType, type)) byType[type]!(value, walk)
})
