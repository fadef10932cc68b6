import { equalJson } from "@gitops-toolkit/kube"
import type { Cause } from "../../answer.ts"
import {
  faults,
  fixed,
  forbidden,
  invalid,
  listOf,
  mapOf,
  type Members,
  required,
  tooLong,
  unsupported,
} from "./causes.ts"
import { nameRules } from "../../write/names.ts"
import type { Rule } from "./workloads.ts"

const sizeLimit = 1024 * 1024
const keyFormat =
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"

function keyFaults(key: string): string[] {
  const texts: string[] = []
  if (key.length > 253) texts.push("must be no more than 253 characters")
  if (!/^[-._a-zA-Z0-9]+$/.test(key)) texts.push(keyFormat)
  if (key === "." || key === "..") texts.push(`must not be '${key}'`)
  else if (key.startsWith("..")) texts.push("must not start with '..'")
  return texts
}

function decodedSize(value: unknown): number {
  return Buffer.from(String(value), "base64").byteLength
}

/** What an immutable object may not change. */
function immutableCauses(next: Members, before: Members | undefined, fields: readonly string[]): Cause[] {
  if (before?.["immutable"] !== true) return []
  const text = "field is immutable when `immutable` is set"
  const causes = fields
    .filter((name) => !equalJson(next[name] ?? {}, before[name] ?? {}))
    .map((name) => forbidden(name, text))
  return next["immutable"] === true ? causes : [forbidden("immutable", text), ...causes]
}

/** ConfigMaps. */
export const configMapRules: Rule = (object, previous) => {
  const causes: Cause[] = []
  const binary = mapOf(object["binaryData"])
  let size = 0
  for (const [key, value] of Object.entries(mapOf(object["data"]))) {
    causes.push(...faults(`data[${key}]`, key, keyFaults(key)))
    if (Object.hasOwn(binary, key)) causes.push(invalid(`data[${key}]`, key, "duplicate of key present in binaryData"))
    size += Buffer.byteLength(String(value))
  }
  for (const [key, value] of Object.entries(binary)) {
    causes.push(...faults(`binaryData[${key}]`, key, keyFaults(key)))
    size += decodedSize(value)
  }
  if (size > sizeLimit) causes.push(tooLong("[]", sizeLimit))
  return [...immutableCauses(object as Members, previous as Members | undefined, ["data", "binaryData"]), ...causes]
}

const needed: { readonly [type: string]: readonly string[] } = {
  "kubernetes.io/tls": ["tls.crt", "tls.key"],
  "kubernetes.io/dockerconfigjson": [".dockerconfigjson"],
  "kubernetes.io/dockercfg": [".dockercfg"],
  "kubernetes.io/ssh-auth": ["ssh-privatekey"],
}

/** Secrets. */
export const secretRules: Rule = (object, previous) => {
  const data = mapOf(object["data"])
  const type = String(object["type"] ?? "")
  const causes: Cause[] = []
  let size = 0
  for (const [key, value] of Object.entries(data)) {
    causes.push(...faults(`data[${key}]`, key, keyFaults(key)))
    size += decodedSize(value)
  }
  if (size > sizeLimit) causes.push(tooLong("data", sizeLimit))
  const account = "kubernetes.io/service-account.name"
  if (type === "kubernetes.io/service-account-token" && !object.metadata.annotations?.[account]) {
    causes.push(required(`metadata.annotations[${account}]`))
  }
  const keys = Object.hasOwn(needed, type) ? needed[type]! : []
  for (const key of keys) if (!Object.hasOwn(data, key)) causes.push(required(`data[${key}]`))
  for (const key of keys.filter((each) => each.startsWith(".") && Object.hasOwn(data, each))) {
    if (!isJson(data[key]))
      causes.push(
        invalid(
          `data[${key}]`,
          "<secret contents redacted>",
          data[key] ? "invalid character" : "unexpected end of JSON input",
        ),
      )
  }
  if (type === "kubernetes.io/basic-auth" && !Object.hasOwn(data, "username") && !Object.hasOwn(data, "password")) {
    causes.push(required("data[username]"), required("data[password]"))
  }
  const typed = previous ? fixed("type", { now: object["type"], before: previous["type"] }) : []
  return [...typed, ...immutableCauses(object as Members, previous as Members | undefined, ["data"]), ...causes]
}

function isJson(value: unknown): boolean {
  try {
    JSON.parse(Buffer.from(String(value), "base64").toString("utf8"))
    return true
  } catch {
    return false
  }
}

/** Roles and ClusterRoles. */
export const roleRules: Rule = (object) =>
  listOf(object["rules"]).flatMap((rule, index) => {
    const at = `rules[${index}]`
    const has = (name: string): boolean => Array.isArray(rule[name]) && rule[name].length > 0
    const causes = has("verbs") ? [] : [required(`${at}.verbs`, "verbs must contain at least one value")]
    if (has("nonResourceURLs")) {
      const both = "rules cannot apply to both regular resources and non-resource URLs"
      const namespaced = "namespaced rules cannot apply to non-resource URLs"
      const field = `${at}.nonResourceURLs`
      if (object.kind === "Role") return [...causes, invalid(field, rule["nonResourceURLs"], namespaced)]
      if (has("apiGroups") || has("resources") || has("resourceNames"))
        return [...causes, invalid(field, rule["nonResourceURLs"], both)]
      return causes
    }
    if (!has("apiGroups")) causes.push(required(`${at}.apiGroups`, "resource rules must supply at least one api group"))
    if (!has("resources")) causes.push(required(`${at}.resources`, "resource rules must supply at least one resource"))
    return causes
  })

const group = "rbac.authorization.k8s.io"

/** RoleBindings and ClusterRoleBindings. */
export function bindingRules(kinds: readonly string[]): Rule {
  return (object, previous) => {
    const role = mapOf(object["roleRef"])
    const causes: Cause[] = []
    const { apiGroup = "", kind = "", name = "" } = role
    if (apiGroup !== group) causes.push(unsupported("roleRef.apiGroup", apiGroup, [group]))
    if (!kinds.includes(kind as string)) causes.push(unsupported("roleRef.kind", kind, kinds))
    if (name === "") causes.push(required("roleRef.name"))
    for (const [index, subject] of listOf(object["subjects"]).entries())
      causes.push(...subjectCauses(subject, `subjects[${index}]`, kinds.length > 1))
    if (!previous || equalJson(role, previous["roleRef"])) return causes
    return [...causes, invalid("roleRef", { APIGroup: apiGroup, Kind: kind, Name: name }, "cannot change roleRef")]
  }
}

function subjectCauses(
  { kind = "", name = "", apiGroup = "", namespace = "" }: Members,
  field: string,
  namespaced: boolean,
): Cause[] {
  const causes: Cause[] = []
  if (name === "") causes.push(required(`${field}.name`))
  if (kind === "ServiceAccount") {
    if (name !== "") causes.push(...faults(`${field}.name`, name, nameRules.subdomain(String(name), false)))
    if (apiGroup !== "") causes.push(unsupported(`${field}.apiGroup`, apiGroup, [""]))
    if (!namespaced && namespace === "") causes.push(required(`${field}.namespace`))
  } else if (kind === "User" || kind === "Group") {
    if (apiGroup !== group) causes.push(unsupported(`${field}.apiGroup`, apiGroup, [group]))
  } else causes.push(unsupported(`${field}.kind`, kind, ["ServiceAccount", "User", "Group"]))
  return causes
}
