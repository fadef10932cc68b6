import { createPrivateKey, createPublicKey, randomBytes, type KeyObject } from "node:crypto"
import { SourceError } from "../../error.ts"
import { wireString } from "../../signature/wire.ts"
import type { SshAuth } from "../auth.ts"

/**
 * A private key in a form that ssh2 reads: PKCS#8 keys are written anew, others stay. Throws `InvalidAuth` for a PKCS#8 key
 * that cannot be opened.
 */
export function readableIdentity({ identity, passphrase }: SshAuth): {
  readonly key: string
  readonly passphrase?: string
} {
  if (!/-----BEGIN (?:ENCRYPTED )?PRIVATE KEY-----/.test(identity)) {
    return passphrase === undefined ? { key: identity } : { key: identity, passphrase }
  }
  const key = openKey(identity, passphrase)
  if (key.asymmetricKeyType === "rsa") return { key: String(key.export({ type: "pkcs1", format: "pem" })) }
  if (key.asymmetricKeyType === "ec") return { key: String(key.export({ type: "sec1", format: "pem" })) }
  if (key.asymmetricKeyType === "ed25519") return { key: opensshKey(key) }
  throw new SourceError("InvalidAuth", `a key of the kind ${key.asymmetricKeyType} is not supported`)
}

function openKey(identity: string, passphrase: string | undefined): KeyObject {
  try {
    return createPrivateKey(passphrase === undefined ? identity : { key: identity, passphrase })
  } catch {
    throw new SourceError(
      "InvalidAuth",
      "the private key cannot be opened: damaged, or the passphrase is missing or wrong",
    )
  }
}

/** An Ed25519 key in OpenSSH's own format (PROTOCOL.key), unencrypted. */
function opensshKey(key: KeyObject): string {
  const { d = "" } = key.export({ format: "jwk" })
  const { x = "" } = createPublicKey(key).export({ format: "jwk" })
  const [seed, point] = [Buffer.from(d, "base64url"), Buffer.from(x, "base64url")]
  const check = randomBytes(4)
  const inner = [check, check, ...["ssh-ed25519", point, Buffer.concat([seed, point]), ""].map(wireString)]
  const length = inner.reduce((sum, part) => sum + part.length, 0)
  const padding = Buffer.from(Array.from({ length: (8 - (length % 8)) % 8 }, (_, i) => i + 1))
  const bytes = Buffer.concat([
    Buffer.from("openssh-key-v1\0"),
    ...["none", "none", ""].map(wireString),
    Buffer.of(0, 0, 0, 1),
    wireString(Buffer.concat(["ssh-ed25519", point].map(wireString))),
    wireString(Buffer.concat([...inner, padding])),
  ])
  const lines = bytes.toString("base64").replace(/.{70}/g, "$&\n")
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${lines}\n-----END OPENSSH PRIVATE KEY-----\n`
}
