/** One entry of an `Accept` header or a `Content-Type`. */
export interface MediaType {
  readonly type: string
  readonly parameters: ReadonlyMap<string, string>
  readonly quality: number
}

/** The media types of a header, the preferred ones first; entries that are none are left out. */
export function parseMediaTypes(text: string): readonly MediaType[] {
  if (last?.text !== text) last = { text, types: readMediaTypes(text) }
  return last.types
}

/** Clients say the same again and again. */
let last: { readonly text: string; readonly types: readonly MediaType[] } | undefined

function readMediaTypes(text: string): MediaType[] {
  const types: MediaType[] = []
  for (const entry of text.slice(0, 4096).split(",")) {
    const [type = "", ...rest] = entry.split(";").map((part) => part.trim())
    if (!type.includes("/")) continue
    const parameters = new Map<string, string>()
    for (const part of rest) {
      const equals = part.indexOf("=")
      if (equals > 0) parameters.set(part.slice(0, equals).toLowerCase(), part.slice(equals + 1).replaceAll('"', ""))
    }
    const quality = Number(parameters.get("q") ?? 1)
    types.push({ type: type.toLowerCase(), parameters, quality: Number.isNaN(quality) ? 1 : quality })
  }
  return types.toSorted((a, b) => b.quality - a.quality)
}

/** How an answer is to be written. */
export interface Form {
  readonly syntax: "json" | "yaml"
  /** Another shape of the same: a Table, or metadata only. */
  readonly as?: "Table" | "PartialObjectMetadata" | "PartialObjectMetadataList"
  /** The version of `meta.k8s.io` that the shape is in. */
  readonly version?: string
  readonly pretty: boolean
}

const shapes: ReadonlySet<string> = new Set(["Table", "PartialObjectMetadata", "PartialObjectMetadataList"])

/** Why there is no form: no type is known at all, or only shapes that nothing is answered in. */
export type NoForm = "unknownType" | "unknownShape"

/** The first form of `accept` that the server has, or why there is none: a 406. Only objects have other shapes. */
export function chooseForm(
  accept: string | undefined,
  { shaped, pretty, tabled = true }: { readonly shaped: boolean; readonly pretty: boolean; readonly tabled?: boolean },
): Form | NoForm {
  if (accept === undefined || accept === "") return { syntax: "json", pretty }
  let why: NoForm = "unknownType"
  for (const { type, parameters } of parseMediaTypes(accept)) {
    const syntax = syntaxOf(type)
    if (!syntax) continue
    const as = parameters.get("as")
    if (as === undefined) return { syntax, pretty }
    why = "unknownShape"
    const version = parameters.get("v")
    const isKnown =
      shapes.has(as) && parameters.get("g") === "meta.k8s.io" && (version === "v1" || version === "v1beta1")
    if (isKnown && shaped && (tabled || as !== "Table"))
      return { syntax, as: as as NonNullable<Form["as"]>, version, pretty }
  }
  return why
}

function syntaxOf(type: string): Form["syntax"] | undefined {
  if (type === "application/json" || type === "*/*") return "json"
  return type === "application/yaml" ? "yaml" : undefined
}

/** The type of a `Content-Type` header without its parameters; an absent one is JSON. */
export function bareType(text: string | undefined): string {
  return text === undefined || text === "" ? "application/json" : text.split(";")[0]!.trim().toLowerCase()
}
