import type { YamlProfile } from "../options.ts"
import { resolvePlain, type Scalar } from "./resolve.ts"
import { normalizeTimestamp } from "./timestamp.ts"

const prefix = "tag:yaml.org,2002:"

/**
 * The value of a scalar with an explicit tag; unknown tags leave the text. `undefined` when the text does not fit.
 */
export function resolveTagged(tag: string, text: string, profile: YamlProfile): Scalar | undefined {
  const name = tag.startsWith(prefix) ? tag.slice(prefix.length) : tag.startsWith("!!") ? tag.slice(2) : ""
  if (name === "binary") return decodeBase64(text)
  const value = resolvePlain(text, profile)
  switch (name) {
    case "int":
      return typeof value === "bigint" || (typeof value === "number" && Number.isInteger(value)) ? value : undefined
    case "float":
      return typeof value === "number" || typeof value === "bigint" ? Number(value) : undefined
    case "bool":
      return typeof value === "boolean" ? value : undefined
    case "null":
      return value === null ? null : undefined
    case "timestamp":
      return profile === "kubectl" ? text : normalizeTimestamp(text)
    default:
      return text
  }
}

function decodeBase64(text: string): string | undefined {
  const compact = text.replace(/\s/g, "")
  if (compact.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(compact)) return undefined
  return Buffer.from(compact, "base64").toString("utf8")
}
