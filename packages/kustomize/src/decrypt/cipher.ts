import { createDecipheriv } from "node:crypto"
import { KustomizeError } from "../error.ts"
import { readScalar } from "./scalar.ts"
import type { Scalar } from "./scalar.ts"

const form =
  /^ENC\[AES256_GCM,data:([A-Za-z0-9+/]+={0,2}),iv:([A-Za-z0-9+/]+={0,2}),tag:([A-Za-z0-9+/]+={0,2}),type:([a-z]+)\]$/
const keyBytes = 32
const tagBytes = 16
const maxIvBytes = 64

/** True for a text that has the form of an encrypted value. */
export const isEncryptedValue = (text: string): boolean => text.startsWith("ENC[AES256_GCM,") && form.test(text)

/** What an encrypted value says: the name of a type and the bytes. */
interface Opened {
  readonly type: string
  readonly bytes: Buffer
}

/**
 * Opens `ENC[AES256_GCM,…]` with the additional data that it was sealed with. Throws `InvalidSops` for another form and
 * `DecryptionFailed` for a value that was changed or moved; neither tells the value.
 */
export function openValue(text: string, key: Uint8Array, additionalData: string): Opened {
  const match = form.exec(text)
  if (match === null) throw new KustomizeError("InvalidSops", "a value that should be encrypted is not")
  const [data, iv, tag] = [match[1]!, match[2]!, match[3]!].map((part) => Buffer.from(part, "base64"))
  if (key.byteLength !== keyBytes) throw new KustomizeError("InvalidSops", `the data key has not ${keyBytes} bytes`)
  if (tag!.byteLength !== tagBytes || iv!.byteLength === 0 || iv!.byteLength > maxIvBytes) {
    throw new KustomizeError("InvalidSops", "an encrypted value has a malformed iv or tag")
  }
  const decipher = createDecipheriv("aes-256-gcm", key, iv!, { authTagLength: tagBytes })
  decipher.setAAD(Buffer.from(additionalData)).setAuthTag(tag!)
  const bytes = decipher.update(data!)
  try {
    decipher.final()
  } catch {
    // OpenSSL's error says no more than this.
    throw new KustomizeError("DecryptionFailed", "a value was changed or moved since it was encrypted")
  }
  return { type: match[4]!, bytes }
}

/** The value of an encrypted text; the empty text stands for itself, as with SOPS. */
export function decryptScalar(text: string, key: Uint8Array, additionalData: string): Scalar {
  if (text === "") return readScalar("str", Buffer.alloc(0))
  const { type, bytes } = openValue(text, key, additionalData)
  return readScalar(type, bytes)
}
