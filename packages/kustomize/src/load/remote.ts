const schemes = ["ssh://", "https://", "http://", "file://"]

/** True for a path that kustomize takes for a git repository or a file on the web. */
export function isRemote(path: string): boolean {
  if (path.startsWith("/")) return false
  const [beforeQuery = ""] = path.replace(/^git::/i, "").split("?")
  const scheme = schemes.find((candidate) => beforeQuery.toLowerCase().startsWith(candidate))
  let rest = scheme === undefined ? beforeQuery : beforeQuery.slice(scheme.length)
  const user = /^([a-zA-Z][a-zA-Z0-9-]*)@/.exec(rest)?.[0] ?? ""
  rest = rest.slice(user.length)
  const lower = rest.toLowerCase()
  const isGithub = lower.startsWith("github.com/") || lower.startsWith("github.com:")
  if (scheme === undefined && user === "" && !isGithub) return false
  if (scheme === "file://") return rest !== ""
  const slash = rest.indexOf("/")
  const colon = scheme === undefined ? rest.indexOf(":") : -1
  const separator = colon > 0 && (slash < 0 || colon < slash) ? colon : slash
  return separator >= 0 && hasRepository(rest.slice(separator + 1))
}

function hasRepository(path: string): boolean {
  const marked = path.includes("_git/") || path.indexOf("//") > 0 || path.includes(".git")
  return (marked || path.split("/").length >= 2) && !path.split("//").at(-1)!.startsWith("../")
}
