// npm run conformance -- NAME [--corpus DIR] [--list] [further flags of the suite]
import { existsSync } from "node:fs"
import { dirname, join, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import type { CaseResult, Conformance } from "./case.ts"

const names = [
  "kustomize",
  "cluster",
  "flux-scenarios",
  "diff",
  "json-patch",
  "ssa",
  "semver",
  "sourceignore",
  "git-signature",
  "envsubst",
  "health",
  "notify",
]
const here = dirname(fileURLToPath(import.meta.url))

function fail(message: string): never {
  console.log(message)
  process.exit(1)
}

function parseFlags(words: readonly string[]): Map<string, string> {
  const flags = new Map<string, string>()
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!
    if (!word.startsWith("--")) fail(`conformance: unexpected '${word}'`)
    const next = words[i + 1]
    const takesNext = next !== undefined && !next.startsWith("--")
    flags.set(word.slice(2), takesNext ? next : "")
    if (takesNext) i++
  }
  return flags
}

interface Tally {
  passed: number
  failed: number
}

function count(tallies: Map<string, Tally>, result: CaseResult): void {
  const group = result.group ?? "all"
  const tally = tallies.get(group) ?? { passed: 0, failed: 0 }
  tallies.set(group, tally)
  if (result.passed) tally.passed++
  else tally.failed++
}

const [name, ...rest] = process.argv.slice(2)
if (!name || !names.includes(name)) {
  fail(`usage: npm run conformance -- NAME [--corpus DIR] [--list]\nNAME: ${names.join(", ")}`)
}
const flags = parseFlags(rest)
const corpus = resolve(flags.get("corpus") || join(here, "../../../shared/corpus", name))
if (!existsSync(corpus))
  fail(`conformance: ${name} was skipped: there is no corpus at ${corpus} (--corpus DIR names one)`)
const adapter = join(here, `${name}.ts`)
if (!existsSync(adapter)) fail(`conformance: ${name}: its engine is not written yet`)

const { default: suite } = (await import(adapter)) as { default: Conformance }
const tallies = new Map<string, Tally>()
for await (const result of suite(corpus, { flags })) {
  count(tallies, result)
  if (!result.passed && flags.has("list")) console.log(`FAIL ${result.name}\n     ${result.difference ?? "differs"}`)
}
for (const [group, tally] of [...tallies].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
  console.log(`${name}/${group}: ${tally.passed}/${tally.passed + tally.failed}`)
}
const total = { passed: 0, failed: 0 }
for (const tally of tallies.values()) {
  total.passed += tally.passed
  total.failed += tally.failed
}
if (total.passed + total.failed === 0) fail(`conformance: ${name}: no case was found in ${corpus}`)
console.log(`${total.passed} passed, ${total.failed} failed`)
process.exitCode = total.failed === 0 ? 0 : 1
