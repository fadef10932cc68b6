import { isSet, mapOf, mapsOf, type Members, textOf } from "../../validation/walk.ts"

interface File {
  readonly path: string
  /** What it comes from; empty where that is plain. */
  readonly source: string
}

const filesOf = (items: unknown, source: string): File[] =>
  mapsOf(items).map(({ path }) => ({ path: textOf(path).replace(/\/+$/, ""), source }))

const told = ({ path, source }: File): string =>
  source === "" ? JSON.stringify(path) : `${JSON.stringify(path)} (${source})`

const overlaps = (a: string, b: string): boolean => a === b || a.startsWith(`${b}/`) || b.startsWith(`${a}/`)

/** Each file beside those before it. */
function overlapping(files: readonly File[]): string[] {
  return files.flatMap((file, index) =>
    file.path === ""
      ? []
      : files
          .slice(0, index)
          .filter((other) => overlaps(file.path, other.path))
          .map((other) => `${told(file)} with ${told(other)}`),
  )
}

function projectedFiles(source: Members): File[] {
  const { configMap, secret, downwardAPI, serviceAccountToken: token, podCertificate } = source
  const named = (kind: string, from: unknown): string => `${kind} ${JSON.stringify(textOf(mapOf(from)["name"]))}`
  if (isSet(mapOf(configMap)["items"])) return filesOf(mapOf(configMap)["items"], named("ConfigMap", configMap))
  if (isSet(mapOf(secret)["items"])) return filesOf(mapOf(secret)["items"], named("Secret", secret))
  if (isSet(mapOf(downwardAPI)["items"])) return filesOf(mapOf(downwardAPI)["items"], "DownwardAPI")
  if (isSet(token)) return filesOf([token], "ServiceAccountToken")
  const { certificateChainPath, keyPath, credentialBundlePath } = mapOf(podCertificate)
  return [
    ...filesOf([{ path: certificateChainPath }], "PodCertificate chain"),
    ...filesOf([{ path: keyPath }], "PodCertificate key"),
    ...filesOf([{ path: credentialBundlePath }], "PodCertificate credential bundle"),
  ].filter(({ path }) => path !== "")
}

/** What is said of a volume that puts two files at one path, or one below another. */
export function pathWarnings(volume: Members): string[] {
  const { configMap, secret, downwardAPI, projected } = volume
  const about = (source: string, files: readonly File[]): string[] =>
    overlapping(files).map((text) => `volume ${JSON.stringify(volume["name"])} (${source}): overlapping paths: ${text}`)
  const of = (kind: string, from: unknown, name: string): string[] =>
    about(`${kind} ${JSON.stringify(textOf(mapOf(from)[name]))}`, filesOf(mapOf(from)["items"], ""))
  const sources = mapsOf(mapOf(projected)["sources"])
  const empty = sources.filter((source) => Object.values(source).every((value) => !isSet(value)))
  return [
    ...(configMap ? of("ConfigMap", configMap, "name") : []),
    ...(secret ? of("Secret", secret, "secretName") : []),
    ...(downwardAPI ? about("DownwardAPI", filesOf(mapOf(downwardAPI)["items"], "")) : []),
    ...empty.map(() => `volume ${JSON.stringify(volume["name"])} (Projected) has no sources provided`),
    ...about(
      "Projected",
      sources.flatMap((source) => projectedFiles(source)),
    ),
  ]
}
