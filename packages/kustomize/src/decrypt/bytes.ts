import { KustomizeError } from "../error.ts"
import type { Decryption } from "./document.ts"
import { decryptDotenv } from "./dotenv.ts"
import { decryptJson } from "./json.ts"
import { decryptYaml } from "./yaml.ts"

const marker = "ENC[AES256_GCM,"

/** True when SOPS may have encrypted these bytes; false for nearly all others. */
export function mayBeEncrypted(bytes: Uint8Array): boolean {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return buffer.includes(marker) && buffer.includes("sops")
}

/**
 * The bytes of a file decrypted, or `bytes` itself where SOPS did not encrypt it. The name's ending tells the format
 * (`.yaml`, `.yml`, `.json`, `.env`); without one of these the content does: files of any kind (which SOPS wraps in
 * JSON), variables, YAML.
 */
export async function decryptBytes(bytes: Uint8Array, name: string, decryption: Decryption): Promise<Uint8Array> {
  if (!mayBeEncrypted(bytes)) return bytes
  const text = textOf(bytes)
  if (text === undefined) return bytes
  const format = formatOf(name, text)
  if (format === "ini") return refuseIni(text, bytes)
  if (format === "dotenv") return (await decryptDotenv(text, decryption)) ?? bytes
  if (format !== "yaml") return (await decryptJson(text, decryption, { binary: format === "binary" })) ?? bytes
  const decrypted = await decryptYaml(text, decryption)
  return decrypted === text ? bytes : Buffer.from(decrypted)
}

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true, fatal: true })

// What SOPS writes is always UTF-8.
function textOf(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes)
  } catch {
    return undefined
  }
}

type Format = "yaml" | "json" | "dotenv" | "binary" | "ini"

function formatOf(name: string, text: string): Format {
  const ending = name.slice(name.lastIndexOf(".") + 1).toLowerCase()
  if (ending === "yaml" || ending === "yml") return "yaml"
  if (ending === "json") return "json"
  if (/^sops_mac=/m.test(text)) return "dotenv"
  if (/^\s*\{/.test(text)) return "binary"
  return ending === "ini" ? "ini" : "yaml"
}

function refuseIni(text: string, bytes: Uint8Array): Uint8Array {
  if (!/^\[sops\]/m.test(text)) return bytes
  throw new KustomizeError("NotSupported", "INI files that SOPS encrypted are not supported")
}
