// Verification of signed commits and tags, and the texts of revisions, as Flux has them.
import { createHash } from "node:crypto"
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import {
  hashAlgorithm,
  isSourceError,
  parseAuthorizedKeys,
  parseRevision,
  printRevision,
  printTag,
  shortSubject,
  signatureFormat,
  splitSignature,
  upgradeRevision,
  verifySignature,
} from "@gitops-toolkit/source"
import type { CaseResult, Conformance } from "./case.ts"

interface CommitText {
  readonly hash?: string | null
  readonly reference?: string
}

interface TextCase {
  readonly name: string
  readonly op: string
  readonly input: unknown
  readonly expected: unknown
}

const field = (input: unknown, name: string): unknown =>
  input && typeof input === "object" ? (input as Record<string, unknown>)[name] : undefined

const hashOf = (input: unknown): string => (field(input, "hash") as string | null) ?? ""

function tagText(input: unknown): string {
  const tag = field(input, "tag") ?? input
  return printTag((field(tag, "name") as string) ?? "", hashOf(tag))
}

function commitText(input: unknown, full: boolean): string {
  const { hash, reference = "" } = (field(input, "commit") ?? input) as CommitText
  const name = full ? reference : reference.split("/").slice(2).join("/")
  return printRevision(name, hash ?? "")
}

const texts: Readonly<Record<string, (input: unknown) => unknown>> = {
  IsPGPSignature: (input) => signatureFormat(input as string) === "openpgp",
  IsSSHSignature: (input) => signatureFormat(input as string) === "ssh",
  IsX509Signature: (input) => signatureFormat(input as string) === "x509",
  GetSignatureType: (input) => signatureFormat(input as string),
  parseAuthorizedKeys: (input) => {
    try {
      const keys = parseAuthorizedKeys(input as string)
      return { count: keys.length, fingerprints: keys.map(({ fingerprint }) => fingerprint) }
    } catch (error) {
      if (isSourceError(error)) return { error: true }
      throw error
    }
  },
  TransformRevision: (input) => upgradeRevision(input as string),
  SplitRevision: (input) => {
    const { name, hash } = parseRevision(input as string)
    return { pointer: name, hash: hash === "" ? null : hash }
  },
  ExtractNamedPointerFromRevision: (input) => parseRevision(input as string).name,
  ExtractHashFromRevision: (input) => parseRevision(input as string).hash || null,
  Hash_Algorithm: (input) => hashAlgorithm(hashOf(input)),
  Hash_Digest: (input) => printRevision("", hashOf(input)),
  Commit_String: (input) => commitText(input, false),
  Commit_AbsoluteReference: (input) => commitText(input, true),
  Commit_ShortMessage: (input) => shortSubject(((field(input, "input") ?? field(input, "message")) as string) ?? ""),
  Tag_String: tagText,
}

// Of an object only the fields that the case names count.
function holds(expected: unknown, ours: string): boolean {
  if (typeof expected !== "object" || expected === null) return false
  const answer = JSON.parse(ours) as Record<string, unknown> | null
  return Object.entries(expected).every(([name, value]) => JSON.stringify(answer?.[name]) === JSON.stringify(value))
}

interface Expected {
  readonly valid: boolean
  readonly keyId?: string
  readonly fingerprint?: string
}

interface SignatureCase {
  readonly name: string
  readonly op: "pgp" | "ssh"
  readonly payload: string
  readonly signature: string
  readonly keys: readonly (string | { readonly literal: string })[]
  readonly object?: "commit" | "tag"
  readonly rawObject?: string
  readonly objectId?: string
  readonly expected: Expected
}

async function difference(test: SignatureCase, ring: Readonly<Record<string, string>>): Promise<string | undefined> {
  const { payload, signature, expected, object, rawObject, objectId } = test
  if (rawObject !== undefined && object) {
    const raw = Buffer.from(rawObject)
    const id = createHash("sha1").update(`${object} ${raw.length}\0`).update(raw).digest("hex")
    if (objectId !== undefined && id !== objectId) return `the object's id is ${id}`
    const split = splitSignature(raw, object)
    if (split.payload.toString() !== payload) return "splitting gives another payload"
    if (split.signature.trim() !== signature.trim()) return "splitting gives another signature"
  }
  const keys = test.keys.map((key) => (typeof key === "string" ? (ring[key] ?? key) : key.literal))
  try {
    const { format, key } = await verifySignature({ payload: Buffer.from(payload), signature, keys })
    if (format !== (test.op === "pgp" ? "openpgp" : "ssh")) return `verified as ${format}`
    const wanted = expected.keyId ?? expected.fingerprint ?? key
    if (!expected.valid) return `valid by ${key}, expected a refusal`
    return key === wanted ? undefined : `key ${key}, expected ${wanted}`
  } catch (error) {
    if (!isSourceError(error, "InvalidSignature")) return `threw ${String(error)}`
    return expected.valid ? `refused: ${error.message}` : undefined
  }
}

const readLines = <T>(path: string): T[] =>
  existsSync(path)
    ? readFileSync(path, "utf8")
        .split("\n")
        .filter((line) => line.trim() !== "")
        .map((line) => JSON.parse(line) as T)
    : []

const suite: Conformance = async function* (corpus) {
  for (const test of readLines<TextCase>(join(corpus, "revision-and-type.jsonl"))) {
    const answer = texts[test.op]
    const ours = JSON.stringify(answer ? answer(test.input) : `no reader for ${test.op}`)
    const expected = JSON.stringify(test.expected)
    const passed = ours === expected || holds(test.expected, ours)
    const result: CaseResult = { name: test.name, group: "revision-and-type.jsonl", passed }
    yield result.passed ? result : { ...result, difference: `expected ${expected}, got ${ours}` }
  }
  const ring = existsSync(join(corpus, "keys.json"))
    ? (JSON.parse(readFileSync(join(corpus, "keys.json"), "utf8")) as Record<string, string>)
    : {}
  for (const test of readLines<SignatureCase>(join(corpus, "verify.jsonl"))) {
    const found = await difference(test, ring)
    const result: CaseResult = { name: test.name, group: "verify.jsonl", passed: found === undefined }
    yield found === undefined ? result : { ...result, difference: found }
  }
}

export default suite
