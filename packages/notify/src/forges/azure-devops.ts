import { basicAuthorization, checkText, type Channel } from "../channel.ts"
import { parseGitAddress } from "../commit-status.ts"
import { NotifyError } from "../error.ts"
import type { Notification } from "../notification.ts"
import { textAt } from "./comment.ts"
import { createStatusChannel, parseMaps, type StatusChannelOptions } from "./status.ts"

/** Options of `azureDevOpsStatusChannel`. */
export interface AzureDevOpsStatusOptions extends StatusChannelOptions {
  /** A personal access token. */
  readonly token: string
}

const version = "api-version=7.1"

/**
 * Sets statuses of commits on Azure DevOps, of the genre `fluxcd` or `fluxcd:<summary>`. Progress is not told. The address
 * is `https://dev.azure.com/organization/project/_git/repository` or `git@ssh.dev.azure.com:v3/organization/project/repository`.
 * Throws `NotifyError` `InvalidConfig` for an address without these parts, and for an empty token.
 *
 * @example
 * const address = "https://dev.azure.com/acme/shop/_git/fleet"
 * const status = azureDevOpsStatusChannel({ address, token: process.env["AZURE_DEVOPS_TOKEN"]! })
 */
export function azureDevOpsStatusChannel(options: AzureDevOpsStatusOptions): Channel {
  const token = checkText(options.token, "azure devops token")
  const commits = commitsUrl(options.address)
  return createStatusChannel({
    name: "azuredevops",
    options,
    states: { info: "succeeded", error: "error" },
    headers: () => Promise.resolve({ authorization: basicAuthorization("", token) }),
    list: (commit) => ({ url: `${commits}/${commit}/statuses?${version}&latestOnly=true` }),
    read: (text, _status, notification) => statusesIn(text, genreOf(notification)),
    create: (commit, { state, context, description }, notification) => ({
      url: `${commits}/${commit}/statuses?${version}`,
      body: { state, description, context: { genre: genreOf(notification), name: context } },
    }),
  })
}

function commitsUrl(address: string): string {
  const { host, id } = parseGitAddress(address)
  const overSsh = host === "https://ssh.dev.azure.com" && id.startsWith("v3/")
  const parts = overSsh ? id.split("/").toSpliced(0, 1).toSpliced(2, 0, "_git") : id.split("/")
  const [organization, project, , repository, ...rest] = parts
  if (!organization || !project || !repository || rest.length > 0) {
    throw new NotifyError("InvalidConfig", `invalid repository id ${JSON.stringify(id)}`)
  }
  return `${overSsh ? "https://dev.azure.com" : host}/${organization}/${project}/_apis/git/repositories/${repository}/commits`
}

function genreOf({ metadata }: Notification): string {
  const summary = metadata?.["summary"]
  return summary === undefined ? "fluxcd" : `fluxcd:${summary}`
}

function statusesIn(
  text: string,
  genre: string,
): { readonly state: string; readonly context: string; readonly description: string }[] {
  const { value } = JSON.parse(text) as { readonly value?: unknown }
  return parseMaps(JSON.stringify(value ?? [])).map((item) => ({
    state: textAt(item, "state"),
    context: textAt(item, "context", "genre") === genre ? textAt(item, "context", "name") : "",
    description: textAt(item, "description"),
  }))
}
