import { generateKeyPairSync, randomBytes, sign, type KeyObject } from "node:crypto"
import { isIPv4 } from "node:net"
import { bits, der, integer, octets, oid, sequence, set, tagged, text, utcTime, yes } from "./der.ts"

/** A certificate and its key, as PEM texts. */
export interface CertifiedKey {
  readonly cert: string
  readonly key: string
}

/** Signs certificates. */
export interface Authority {
  readonly cert: string
  /** A server's certificate for these names and IPv4 addresses. */
  issueServer(names: readonly string[]): CertifiedKey
  /** A client's certificate: Kubernetes takes the common name for the user and the organisations for the groups. */
  issueClient(user: string, groups: readonly string[]): CertifiedKey
}

interface Subject {
  readonly commonName: string
  readonly organizations?: readonly string[]
}

interface Request {
  readonly subject: Subject
  readonly issuer: Subject
  readonly publicKey: KeyObject
  readonly signer: KeyObject
  readonly extensions: readonly Uint8Array[]
  readonly nowMs: number
}

const ecdsaWithSha256 = sequence(oid("1.2.840.10045.4.3.2"))
const lifetimeMs = 7 * 24 * 3600 * 1000

/** A fresh certificate authority (ECDSA P-256), valid for a week from an hour before `nowMs`. */
export function createAuthority(commonName: string, nowMs: number): Authority {
  const { publicKey, privateKey } = newKey()
  const self = { commonName }
  const extensions = [basicConstraints(true), keyUsage(0b1010_0100)]
  const cert = issue({ subject: self, issuer: self, publicKey, signer: privateKey, extensions, nowMs })
  const issueFor = (subject: Subject, own: readonly Uint8Array[]): CertifiedKey => {
    const key = newKey()
    const all = [basicConstraints(false), keyUsage(0b1010_0000), ...own]
    const request = { subject, issuer: self, publicKey: key.publicKey, signer: privateKey, extensions: all, nowMs }
    return { cert: issue(request), key: key.privateKey.export({ type: "pkcs8", format: "pem" }) as string }
  }
  return {
    cert,
    issueServer: (names) =>
      issueFor({ commonName: names[0] ?? "server" }, [extendedUse("1.3.6.1.5.5.7.3.1"), alternativeNames(names)]),
    issueClient: (user, groups) =>
      issueFor({ commonName: user, organizations: groups }, [extendedUse("1.3.6.1.5.5.7.3.2")]),
  }
}

/** A key pair for signing service account tokens, as PEM texts. */
export function createSigningKey(): { readonly publicKey: string; readonly privateKey: string } {
  const { publicKey, privateKey } = newKey()
  return {
    publicKey: publicKey.export({ type: "spki", format: "pem" }) as string,
    privateKey: privateKey.export({ type: "sec1", format: "pem" }) as string,
  }
}

function newKey(): { readonly publicKey: KeyObject; readonly privateKey: KeyObject } {
  return generateKeyPairSync("ec", { namedCurve: "P-256" })
}

/** An X.509 v3 certificate (RFC 5280 4.1) as PEM. */
function issue({ subject, issuer, publicKey, signer, extensions, nowMs }: Request): string {
  const tbs = sequence(
    tagged(0, integer(Buffer.from([2]))),
    integer(serialNumber()),
    ecdsaWithSha256,
    nameOf(issuer),
    sequence(utcTime(new Date(nowMs - 3_600_000)), utcTime(new Date(nowMs + lifetimeMs))),
    nameOf(subject),
    publicKey.export({ type: "spki", format: "der" }),
    tagged(3, sequence(...extensions)),
  )
  const signed = sequence(tbs, ecdsaWithSha256, bits(0, sign("sha256", tbs, signer)))
  const lines = signed
    .toString("base64")
    .replace(/(.{64})/g, "$1\n")
    .trimEnd()
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`
}

/** Positive and without leading zeros. */
function serialNumber(): Buffer {
  const bytes = randomBytes(16)
  bytes[0] = (bytes[0]! & 0x3f) | 0x40
  return bytes
}

function nameOf({ commonName, organizations = [] }: Subject): Buffer {
  const part = (type: string, value: string): Buffer => set(sequence(oid(type), text(value)))
  return sequence(...organizations.map((name) => part("2.5.4.10", name)), part("2.5.4.3", commonName))
}

function basicConstraints(authority: boolean): Buffer {
  return sequence(oid("2.5.29.19"), yes, octets(authority ? sequence(yes) : sequence()))
}

/** `flags`: the nine bits of RFC 5280 4.2.1.3 from the left, digitalSignature first. */
function keyUsage(flags: number): Buffer {
  return sequence(
    oid("2.5.29.15"),
    yes,
    octets(bits(Math.min(7, Math.clz32(flags & -flags) ^ 31), Buffer.from([flags]))),
  )
}

function extendedUse(purpose: string): Buffer {
  return sequence(oid("2.5.29.37"), octets(sequence(oid(purpose))))
}

function alternativeNames(names: readonly string[]): Buffer {
  const entries = names.map((name) =>
    isIPv4(name) ? der(0x87, Buffer.from(name.split(".").map(Number))) : der(0x82, Buffer.from(name, "ascii")),
  )
  return sequence(oid("2.5.29.17"), octets(sequence(...entries)))
}
