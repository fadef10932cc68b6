import { compilePattern } from "@gitops-toolkit/kube/pattern"
import { KustomizeError } from "../error.ts"
import { memberOf, stringAt } from "./tree.ts"
import type { SopsNode } from "./tree.ts"

/** Which values of a file are encrypted. */
export interface EncryptionRule {
  /** Whether a key fits; a value counts as fitting when any key that leads to it fits. */
  fits(key: string): boolean
  /** True: the values that fit are encrypted; false: the others are. */
  readonly encrypts: boolean
}

/** The data key, encrypted for one age recipient. */
export interface AgeEntry {
  readonly recipient: string
  readonly encrypted: string
}

/** Keys of which any gives the data key, or one part of it. */
export interface KeyGroup {
  readonly age: readonly AgeEntry[]
  /** Key services other than age that the file was encrypted for: `pgp`, `kms` … */
  readonly otherKeys: readonly string[]
}

/** What a file's `sops` block says. */
export interface Metadata {
  /** One group that gives the data key, or several that give a part of it each. */
  readonly groups: readonly KeyGroup[]
  /** How many of several groups are needed. */
  readonly threshold: number
  readonly rule: EncryptionRule
  readonly mac: string
  /** The additional data of the MAC. */
  readonly lastModified: string
  readonly macOnlyEncrypted: boolean
}

const keyServices = ["pgp", "kms", "gcp_kms", "azure_kv", "hc_vault"]
const ruleNames = [
  "unencrypted_suffix",
  "encrypted_suffix",
  "unencrypted_regex",
  "encrypted_regex",
  "unencrypted_comment_regex",
  "encrypted_comment_regex",
]
const defaultSuffix = "_unencrypted"
const maxRecipients = 100
// A part has a byte for its number, which is not 0.
const maxGroups = 255
const time = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?(Z|[-+]\d\d:\d\d)$/

const malformed = (what: string): never => {
  throw new KustomizeError("InvalidSops", `the metadata of SOPS is malformed: ${what}`)
}

/**
 * Reads a `sops` block. Throws `InvalidSops` for a malformed one and `NotSupported` for rules about comments.
 */
export function readMetadata(block: SopsNode): Metadata {
  const [, clock, zone] = time.exec(stringAt(memberOf(block, "lastmodified")) ?? "") ?? malformed("lastmodified")
  const groups = readGroups(block)
  return {
    groups,
    threshold: readThreshold(block, groups.length),
    rule: readRule(block),
    mac: stringAt(memberOf(block, "mac")) ?? malformed("mac"),
    // As Go prints it: without a fraction.
    lastModified: `${clock}${zone}`,
    macOnlyEncrypted: /^true$/i.test(stringAt(memberOf(block, "mac_only_encrypted")) ?? ""),
  }
}

const isFilled = (node: SopsNode | undefined): boolean =>
  (node?.kind === "list" && node.items.length > 0) || (node?.kind === "map" && node.entries.length > 0)

/** As SOPS has it, keys at the top are the only group; `key_groups` count where there are none. */
function readGroups(block: SopsNode): KeyGroup[] {
  const top = readGroup(block)
  if (top.age.length + top.otherKeys.length > 0) return [top]
  const groups = memberOf(block, "key_groups")
  if (!isFilled(groups)) return [top]
  if (groups?.kind !== "list" || groups.items.length > maxGroups) return malformed("key_groups")
  const read = groups.items.map(readGroup)
  if (read.reduce((sum, { age }) => sum + age.length, 0) > maxRecipients) return tooMany()
  return read
}

const readGroup = (node: SopsNode): KeyGroup => ({
  age: readAgeEntries(memberOf(node, "age")),
  otherKeys: keyServices.filter((service) => isFilled(memberOf(node, service))),
})

/** All groups are needed where nothing is said. */
function readThreshold(block: SopsNode, groups: number): number {
  const text = stringAt(memberOf(block, "shamir_threshold")) ?? "0"
  if (!/^\d{1,3}$/.test(text)) return malformed("shamir_threshold")
  const threshold = Number(text) || groups
  return threshold <= groups || groups === 1 ? threshold : malformed("shamir_threshold")
}

const tooMany = (): never => {
  throw new KustomizeError("LimitExceeded", `a SOPS file has more than ${maxRecipients} age recipients`)
}

function readAgeEntries(node: SopsNode | undefined): AgeEntry[] {
  if (node === undefined || (node.kind === "leaf" && node.value.type === "null")) return []
  if (node.kind !== "list") return malformed("age")
  if (node.items.length > maxRecipients) return tooMany()
  return node.items.map((item) => ({
    recipient: stringAt(memberOf(item, "recipient")) ?? malformed("age recipient"),
    encrypted: stringAt(memberOf(item, "enc")) ?? malformed("age enc"),
  }))
}

function readRule(block: SopsNode): EncryptionRule {
  const rules = ruleNames.flatMap((name) => {
    const text = stringAt(memberOf(block, name)) ?? ""
    return text === "" ? [] : [{ name, text }]
  })
  if (rules.length > 1) malformed(`${rules.map(({ name }) => name).join(" and ")} exclude one another`)
  const { name, text } = rules[0] ?? { name: "unencrypted_suffix", text: defaultSuffix }
  if (name.includes("comment")) throw new KustomizeError("NotSupported", `SOPS files with ${name} are not supported`)
  const encrypts = name.startsWith("encrypted")
  return { encrypts, fits: name.endsWith("suffix") ? (key) => key.endsWith(text) : rememberedPattern(name, text) }
}

function rememberedPattern(name: string, text: string): (key: string) => boolean {
  const pattern = compileRule(name, text)
  const known = new Map<string, boolean>()
  return (key) => {
    let fits = known.get(key)
    if (fits === undefined) known.set(key, (fits = pattern.test(key)))
    return fits
  }
}

function compileRule(name: string, text: string): ReturnType<typeof compilePattern> {
  try {
    return compilePattern(text)
  } catch (cause) {
    throw new KustomizeError("InvalidSops", `the metadata of SOPS is malformed: ${name}`, { cause })
  }
}
