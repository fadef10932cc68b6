// Channels, rules, commit statuses and receivers against Flux's own tests (corpus/notify).
import { readFile } from "node:fs/promises"
import { isDeepStrictEqual } from "node:util"
import { join } from "node:path"
import { parseYamlDocuments } from "@gitops-toolkit/kube/manifest"
import type { CaseResult, Conformance } from "./case.ts"
import { runEventCase } from "./notify/events.ts"
import { runForgeCase } from "./notify/forges.ts"
import { runProviderCase } from "./notify/providers.ts"
import { runReceiverCase } from "./notify/receivers.ts"
import type { NotifyCase } from "./notify/case.ts"

const files: readonly (readonly [path: string, run: (input: NotifyCase) => Promise<unknown>])[] = [
  ["events/cases.yaml", runEventCase],
  ["providers/chat.yaml", runProviderCase],
  ["providers/git-and-other.yaml", runForgeCase],
  ["receivers/handle.yaml", runReceiverCase],
  [
    "receivers/filters-and-oidc.yaml",
    () => Promise.reject(new Error("filters and OIDC need CEL, which is not there yet")),
  ],
]

async function judge(
  input: NotifyCase,
  group: string,
  run: (input: NotifyCase) => Promise<unknown>,
): Promise<CaseResult> {
  try {
    const got = await run(input)
    const passed = isDeepStrictEqual(got, input.expected)
    const shown = `want ${JSON.stringify(input.expected)}\n     got  ${JSON.stringify(got)}`
    return { name: input.name, group, passed, ...(passed ? {} : { difference: shown }) }
  } catch (error) {
    return { name: input.name, group, passed: false, difference: String(error) }
  }
}

const suite: Conformance = async function* (corpus) {
  for (const [path, run] of files) {
    const [document] = parseYamlDocuments(await readFile(join(corpus, path), "utf8"), { path, profile: "kustomize" })
    const { cases } = (document?.value ?? { cases: [] }) as { cases: NotifyCase[] }
    for (const input of cases) yield await judge(input, path.replace(/\.yaml$/, ""), run)
  }
}

export default suite
