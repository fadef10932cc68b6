import { createPrivateKey, createPublicKey, X509Certificate } from "node:crypto"
import { once } from "node:events"
import type { AddressInfo } from "node:net"
import { connect, createServer } from "node:tls"
import { expect, test } from "vitest"
import { createAuthority, createSigningKey } from "./certificates.ts"

const now = Date.now()
const authority = createAuthority("test CA", now)
const server = authority.issueServer(["localhost", "127.0.0.1", "a.example.com"])
const client = authority.issueClient("jane", ["dev", "ops"])

test("an authority signs itself and is one", () => {
  const ca = new X509Certificate(authority.cert)
  expect(ca.ca).toBe(true)
  expect(ca.verify(ca.publicKey)).toBe(true)
  expect([ca.subject, ca.issuer]).toEqual(["CN=test CA", "CN=test CA"])
})

test("a server's certificate names what it serves", () => {
  const cert = new X509Certificate(server.cert)
  const ca = new X509Certificate(authority.cert)
  expect(cert.checkIssued(ca) && cert.verify(ca.publicKey)).toBe(true)
  expect(cert.ca).toBe(false)
  expect(cert.checkIP("127.0.0.1")).toBe("127.0.0.1")
  expect(cert.checkHost("a.example.com")).toBe("a.example.com")
  expect(cert.checkHost("b.example.com")).toBeUndefined()
  expect(cert.keyUsage).toEqual(["1.3.6.1.5.5.7.3.1"])
})

test("a client's certificate carries the user and the groups", () => {
  const cert = new X509Certificate(client.cert)
  expect(cert.subject.split("\n").toSorted()).toEqual(["CN=jane", "O=dev", "O=ops"])
  expect(cert.keyUsage).toEqual(["1.3.6.1.5.5.7.3.2"])
  expect(cert.checkPrivateKey(createPrivateKey(client.key))).toBe(true)
})

test("is valid from an hour ago for a week, and no serial number repeats", () => {
  const cert = new X509Certificate(server.cert)
  expect(now - Date.parse(cert.validFrom)).toBeGreaterThanOrEqual(3_600_000)
  expect(Date.parse(cert.validTo) - now).toBeGreaterThan(6 * 24 * 3_600_000)
  const serials = Array.from(
    { length: 50 },
    () => new X509Certificate(authority.issueClient("a", []).cert).serialNumber,
  )
  expect(new Set(serials).size).toBe(50)
})

test("TLS accepts both ends, and nobody else's", async () => {
  const listener = createServer(
    { ...server, ca: authority.cert, requestCert: true, rejectUnauthorized: true },
    (socket) => {
      socket.end(String(socket.getPeerCertificate().subject.CN))
    },
  ).listen(0, "127.0.0.1")
  await once(listener, "listening")
  const { port } = listener.address() as AddressInfo
  const hello = async (ca: string): Promise<string> => {
    const socket = connect({ port, host: "127.0.0.1", ca, ...client })
    const chunks: Buffer[] = []
    for await (const chunk of socket) chunks.push(chunk as Buffer)
    return Buffer.concat(chunks).toString()
  }
  expect(await hello(authority.cert)).toBe("jane")
  await expect(hello(createAuthority("other", now).cert)).rejects.toThrow()
  listener.close()
})

test("the signing key's halves belong together", () => {
  const { publicKey, privateKey } = createSigningKey()
  expect(createPublicKey(privateKey).export({ type: "spki", format: "pem" })).toBe(publicKey)
  expect(privateKey).toContain("BEGIN EC PRIVATE KEY")
})
