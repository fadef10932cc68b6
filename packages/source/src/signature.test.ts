import { createHash, generateKeyPairSync, sign, type KeyObject } from "node:crypto"
import { collect } from "@gitops-toolkit/kube"
import { createGitServer } from "@gitops-toolkit/testing"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import {
  createGit,
  isSourceError,
  parseAuthorizedKeys,
  signatureFormat,
  splitSignature,
  verifySignature,
} from "./index.ts"
import { curves, wireString } from "./signature/wire.ts"

const number = (base64url: string): Buffer => {
  const bytes = Buffer.from(base64url, "base64url")
  return bytes[0]! & 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes
}

interface Signer {
  readonly blob: Buffer
  readonly line: string
  readonly sign: (payload: Buffer, namespace?: string) => string
}

function signer(type: string): Signer {
  const curve = curves.get(type)
  const { privateKey, publicKey } = curve
    ? generateKeyPairSync("ec", { namedCurve: curve.crv })
    : type === "ssh-rsa"
      ? generateKeyPairSync("rsa", { modulusLength: 2048 })
      : generateKeyPairSync("ed25519")
  const { x = "", y = "", n = "", e = "" } = publicKey.export({ format: "jwk" })
  const point = Buffer.concat([Buffer.of(4), Buffer.from(x, "base64url"), Buffer.from(y, "base64url")])
  const parts = curve
    ? [type.slice("ecdsa-sha2-".length), point]
    : type === "ssh-rsa"
      ? [number(e), number(n)]
      : [Buffer.from(x, "base64url")]
  const blob = Buffer.concat([type, ...parts].map(wireString))
  return {
    blob,
    line: `${type} ${blob.toString("base64")} me@example.com`,
    sign: (payload, namespace = "git") => {
      const fields = [namespace, "", "sha512"]
      const digest = createHash("sha512").update(payload).digest()
      const signed = Buffer.concat([Buffer.from("SSHSIG"), ...[...fields, digest].map(wireString)])
      const [algorithm, raw] = signatureOf(type, privateKey, signed)
      const body = [blob, ...fields, Buffer.concat([wireString(algorithm), wireString(raw)])].map(wireString)
      const bytes = Buffer.concat([Buffer.from("SSHSIG\0\0\0\u0001", "latin1"), ...body]).toString("base64")
      return `-----BEGIN SSH SIGNATURE-----\n${bytes.replace(/.{70}/g, "$&\n")}\n-----END SSH SIGNATURE-----`
    },
  }
}

function signatureOf(type: string, key: KeyObject, signed: Buffer): [algorithm: string, raw: Buffer] {
  const curve = curves.get(type)
  if (!curve)
    return type === "ssh-rsa" ? ["rsa-sha2-512", sign("sha512", signed, key)] : [type, sign(null, signed, key)]
  const raw = sign(curve.hash, signed, { key, dsaEncoding: "ieee-p1363" })
  const half = [raw.subarray(0, curve.bytes), raw.subarray(curve.bytes)]
  return [type, Buffer.concat(half.map((part) => wireString(number(part.toString("base64url")))))]
}

const me = signer("ssh-ed25519")
const stranger = signer("ssh-ed25519")
const payload = Buffer.from("tree 1\n\nhello\n")
const refusal = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "verified",
    (error: unknown) => (isSourceError(error, "InvalidSignature") ? error.rawMessage : String(error)),
  )

describe("verifySignature", () => {
  it.each(["ssh-ed25519", "ssh-rsa", ...curves.keys()])("knows the signer by %s", async (type) => {
    const own = signer(type)
    const keys = [stranger.line, `# comment\n\n${own.line}\n`]
    const { format, key } = await verifySignature({ payload, signature: own.sign(payload), keys })
    expect([format, key]).toEqual(["ssh", parseAuthorizedKeys(own.line)[0]!.fingerprint])
    expect(
      await refusal(verifySignature({ payload: Buffer.from("other"), signature: own.sign(payload), keys })),
    ).toContain("unable to verify payload with any")
  })

  it.each([
    ["another key", me.sign(payload), [stranger.line], "with any of the given authorized keys"],
    ["no key", me.sign(payload), [], "with any of the given authorized keys"],
    ["another namespace", me.sign(payload, "file"), [me.line], "namespace 'file', not 'git'"],
    ["no signature", "", [me.line], "signature is empty"],
    ["no end", me.sign(payload).replace(/-----END.*/s, ""), [me.line], "unable to unarmor"],
    ["X.509", "-----BEGIN SIGNED MESSAGE-----", [me.line], "format x509"],
    ["keys that cannot be read", me.sign(payload), ["nonsense"], "unable to parse authorized key"],
    [
      "a PGP ring for an SSH signature",
      me.sign(payload),
      ["-----BEGIN PGP PUBLIC KEY BLOCK-----"],
      "with any of the given authorized keys",
    ],
  ])("refuses %s", async (_, signature, keys, reason) => {
    expect(await refusal(verifySignature({ payload, signature, keys }))).toContain(reason)
  })

  it("refuses whatever byte of the signature is changed", async () => {
    const good = me.sign(payload)
    const body = Buffer.from(good.split("\n").slice(1, -1).join(""), "base64")
    await fc.assert(
      fc.asyncProperty(fc.nat(body.length - 1), fc.integer({ min: 1, max: 255 }), async (at, bits) => {
        const changed = Buffer.from(body)
        changed[at]! ^= bits
        const signature = `-----BEGIN SSH SIGNATURE-----\n${changed.toString("base64")}\n-----END SSH SIGNATURE-----`
        expect(await refusal(verifySignature({ payload, signature, keys: [me.line] }))).not.toBe("verified")
      }),
    )
  })
})

describe("splitSignature", () => {
  it("gives back a commit without its signature, and the signature", () => {
    const head = "tree 1\nauthor a\ncommitter b\n"
    const raw = `${head}gpgsig -----BEGIN SSH SIGNATURE-----\n abc\n \n -----END SSH SIGNATURE-----\n\ngpgsig in the message\n`
    expect(splitSignature(Buffer.from(raw), "commit")).toEqual({
      payload: Buffer.from(`${head}\ngpgsig in the message\n`),
      signature: "-----BEGIN SSH SIGNATURE-----\nabc\n\n-----END SSH SIGNATURE-----",
    })
  })

  it("keeps bytes that are not UTF-8", () => {
    const raw = Buffer.concat([
      Buffer.from("tree 1\nauthor "),
      Buffer.of(0xe9, 0xff),
      Buffer.from("\n\nmessage "),
      Buffer.of(0xe9),
    ])
    expect(splitSignature(raw, "commit").payload.equals(raw)).toBe(true)
  })

  it("ends a tag's message at the last armour", () => {
    const text = "object 1\n\nmessage\n"
    const { payload: message, signature } = splitSignature(Buffer.from(`${text}${me.sign(payload)}`), "tag")
    expect([message.toString(), signatureFormat(signature)]).toEqual([text, "ssh"])
    expect(splitSignature(Buffer.from(text), "tag").signature).toBe("")
  })
})

describe("git.fetch with verify", () => {
  const keys = [me.line]
  const setUp = (sign: { readonly commit?: boolean; readonly tag?: boolean; readonly tagName?: string }) => {
    const server = createGitServer({ "cm.yaml": "a: 1\n" })
    const { repository } = server
    let target = repository.refs().get("refs/heads/main")!
    if (sign.commit) {
      const raw = repository.object(target)!.data
      const signature = me.sign(raw).replaceAll("\n", "\n ")
      const end = raw.indexOf("\n\n") + 1
      const data = Buffer.concat([raw.subarray(0, end), Buffer.from(`gpgsig ${signature}\n`), raw.subarray(end)])
      target = repository.store({ type: "commit", data })
      repository.setRef("refs/heads/main", target)
    }
    const name = sign.tagName ?? "v1.0.0"
    const text = Buffer.from(`object ${target}\ntype commit\ntag ${name}\ntagger a <a> 1 +0000\n\nrelease\n`)
    const data = sign.tag ? Buffer.concat([text, Buffer.from(`${me.sign(text)}\n`)]) : text
    repository.setRef("refs/tags/v1.0.0", repository.store({ type: "tag", data }))
    repository.setRef("refs/tags/light", target)
    return { server, git: createGit({ transport: () => server.transport }) }
  }

  it.each([
    ["HEAD", { commit: true }, { branch: "main" }, ["commit"]],
    ["HEAD", { commit: true }, { semver: "1.x" }, ["commit"]],
    ["Tag", { tag: true }, { tag: "v1.0.0" }, ["tag"]],
    ["Tag", { tag: true }, { name: "refs/tags/v1.0.0" }, ["tag"]],
    ["TagAndHEAD", { tag: true, commit: true }, { semver: "1.x" }, ["tag", "commit"]],
  ] as const)("mode %s, signed %j, ref %j", async (mode, signed, ref, verified) => {
    const { server, git } = setUp(signed)
    const { events, result } = await collect(git.fetch({ url: server.url, ref, verify: { mode, keys } }))
    expect(events.flatMap((event) => (event.type === "source.verified" ? [event.object] : []))).toEqual(verified)
    expect(await git.fetch({ url: server.url, ref, verify: { mode, keys }, previous: result })).toBe(result)
  })

  it.each([
    ["HEAD", {}, { branch: "main" }, "InvalidSignature", "signature is empty"],
    ["TagAndHEAD", { tag: true }, { tag: "v1.0.0" }, "InvalidSignature", "signature is empty"],
    ["Tag", {}, { tag: "v1.0.0" }, "InvalidSignature", "signature is empty"],
    ["Tag", { tag: true }, { tag: "light" }, "InvalidSignature", "is lightweight"],
    [
      "Tag",
      { tag: true, tagName: "v0.9.0" },
      { tag: "v1.0.0" },
      "InvalidSignature",
      "is signed under the name 'v0.9.0'",
    ],
    ["Tag", { tag: true }, { branch: "main" }, "InvalidReference", "needs a ref that is a tag"],
  ] as const)("mode %s, signed %j, ref %j is refused", async (mode, signed, ref, code, reason) => {
    const { server, git } = setUp(signed)
    const unverified = await git.fetch({ url: server.url, ref })
    const work = git.fetch({ url: server.url, ref, verify: { mode, keys }, previous: unverified })
    await expect(work.then(() => "fetched")).rejects.toMatchObject({ code })
    await expect(work.then(() => "fetched")).rejects.toThrow(reason)
  })
})
