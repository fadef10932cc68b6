import type { Cause } from "../../answer.ts"
import { invalid, isMap, listOf, mapOf, type Members, required, unsupported } from "./causes.ts"

const hostPathTypes = [
  "",
  "BlockDevice",
  "CharDevice",
  "Directory",
  "DirectoryOrCreate",
  "File",
  "FileOrCreate",
  "Socket",
]

const noParents = "must not contain '..'"

function parentsCauses(path: string, field: string): Cause[] {
  return path.split("/").includes("..") ? [invalid(field, path, noParents)] : []
}

/** What is wrong with a path that must stay within a volume. */
export function localPathCauses(path: string, field: string): Cause[] {
  const absolute = path.startsWith("/") ? [invalid(field, path, "must be a relative path")] : []
  return [...absolute, ...parentsCauses(path, field)]
}

/** What is wrong with where a volume comes from, beyond what it must name. */
export function volumeSourceCauses(volume: Members, field: string): Cause[] {
  const { hostPath, configMap, secret } = volume
  const causes: Cause[] = []
  if (isMap(hostPath)) {
    const { path = "", type = "" } = hostPath
    causes.push(...parentsCauses(String(path), `${field}.hostPath.path`))
    if (!hostPathTypes.includes(type as string)) causes.push(unsupported(`${field}.hostPath.type`, type, hostPathTypes))
  }
  for (const [name, source] of Object.entries({ configMap, secret })) {
    if (isMap(source)) causes.push(...itemCauses(source, `${field}.${name}`))
  }
  return causes
}

function itemCauses(source: Members, field: string): Cause[] {
  const mode = (value: unknown, at: string): Cause[] =>
    value === undefined || (Number(value) >= 0 && Number(value) <= 0o777)
      ? []
      : [invalid(at, value, "must be a number between 0 and 0777 (octal), both inclusive")]
  return [
    ...mode(mapOf(source)["defaultMode"], `${field}.defaultMode`),
    ...listOf(source["items"]).flatMap(({ key = "", path = "", mode: own }, index) => {
      const at = `${field}.items[${index}]`
      return [
        ...(key === "" ? [required(`${at}.key`)] : []),
        ...(path === "" ? [required(`${at}.path`)] : localPathCauses(String(path), `${at}.path`)),
        ...mode(own, `${at}.mode`),
      ]
    }),
  ]
}
