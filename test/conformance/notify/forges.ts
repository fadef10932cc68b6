import { createHash } from "node:crypto"
import * as notify from "@gitops-toolkit/notify"
import type { CommitStatus, Notification } from "@gitops-toolkit/notify"
import type { NotifyCase } from "./case.ts"

/** What our code makes of a case of corpus/notify/providers/git-and-other.yaml. */
export async function runForgeCase(input: NotifyCase): Promise<unknown> {
  const event = input.event as Notification
  const text = String(input.input ?? "")
  switch (input.op) {
    case "nameAndDescription":
      return { name: notify.nameOf(event), description: notify.describeReason(event.reason) }
    case "parseRevision":
      return outcome(input, () => notify.parseRevision(text))
    case "parseGitAddress":
      return outcome(input, () => ({ ...notify.parseGitAddress(text) }))
    case "sha1":
      return createHash("sha1").update(text).digest("hex")
    case "basicAuth":
      return notify.basicAuthorization(String(input["username"]), String(input["password"])).replace("Basic ", "")
    case "eventJSON":
      return notify.printNotification({ ...blank, ...event })
    case "pagerdutySeverity":
      return notify.pagerDutySeverity(text)
    case "datadogTags":
      return notify.datadogTags(event)
    case "duplicateStatus":
      return notify.isDuplicateStatus(newestFirst(input), input["status"] as CommitStatus)
    default:
      throw new Error(`${input.op} of ${input.provider} is not there yet`)
  }
}

const blank = {
  involvedObject: {},
  severity: "",
  message: "",
  reason: "",
  reportingController: "",
} as unknown as Notification

function newestFirst(input: NotifyCase): readonly CommitStatus[] {
  return input["existing"] as readonly CommitStatus[]
}

/** The result, or the expectation itself when an error was expected and thrown. */
function outcome(input: NotifyCase, work: () => unknown): unknown {
  try {
    return work()
  } catch (error) {
    const expected = input.expected as { readonly error?: unknown } | null
    if (error instanceof notify.NotifyError && typeof expected === "object" && expected?.error) return expected
    throw error
  }
}
