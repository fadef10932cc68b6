import { createHmac, generateKeyPairSync } from "node:crypto"
import { publicAddressesOnly } from "@gitops-toolkit/http"
import {
  createGitServer,
  type GitFaultPlan,
  type GitServerOptions,
  type ListenSshOptions,
} from "@gitops-toolkit/testing"
import ssh2 from "ssh2"
import { describe, expect, it, vi } from "vitest"
import { createGit, isSourceError, type GitAuth } from "../../index.ts"
import { hostKeysOf } from "./known-hosts.ts"

vi.setConfig({ testTimeout: 30_000 })

/** A pair by ssh2, which makes Ed25519 keys that nobody can read now and then. */
const keyPair = (): { private: string; public: string } => {
  const pair = ssh2.utils.generateKeyPairSync("ed25519")
  return ssh2.utils.parseKey(pair.private) instanceof Error ? keyPair() : pair
}
const host = keyPair()
const other = keyPair()
const stranger = keyPair()

const keyLine = (key: string): string => key.trim().split(" ").slice(0, 2).join(" ")

describe("git over ssh", () => {
  const setUp = async (options: GitServerOptions = {}, sshOptions: ListenSshOptions = {}) => {
    const server = createGitServer({ repositories: { apps: { files: { "cm.yaml": "a: 1\n" } } } }, options)
    server.repository.tag("v1.0.0+a")
    server.repository.commit({})
    server.repository.tag("v1.0.0+b")
    const ssh = await server.listenSsh({ hostKey: host.private, ...sshOptions })
    const { url, auth } = ssh
    return { server, ssh, url, auth, git: createGit(), close: () => server[Symbol.asyncDispose]() }
  }
  const failure = async (
    setup: Awaited<ReturnType<typeof setUp>>,
    auth: GitAuth,
    path = "",
  ): Promise<[string, string]> => {
    try {
      await setup.git.fetch({ url: setup.url + path, auth })
      return ["fetched", ""]
    } catch (error) {
      if (isSourceError(error)) return [error.code, error.message]
      throw error
    } finally {
      await setup.git[Symbol.asyncDispose]()
      await setup.close()
    }
  }

  it.each([0, 1, 2] as const)("fetches, and again, from a server of protocol %i", async (protocol) => {
    const { ssh, url, auth, git, close } = await setUp({ protocol })
    const first = await git.fetch({ url, auth })
    expect(first.url).toBe(url)
    expect(Buffer.from(await first.files.read("cm.yaml")).toString()).toBe("a: 1\n")
    expect(await git.fetch({ url, auth, previous: first })).toBe(first)
    expect((await git.fetch({ url, auth, ref: { semver: "1.x" } })).revision).toMatch(/^v1\.0\.0\+b@/)
    await Promise.all(Array.from({ length: 5 }, () => git.fetch({ url, auth })))
    expect(ssh.connections).toBe(1)
    await git[Symbol.asyncDispose]()
    await close()
  })

  it.each(["ed25519", "rsa", "ec"] as const)("reads a PKCS#8 key (%s)", async (type) => {
    const { privateKey } =
      type === "rsa"
        ? generateKeyPairSync("rsa", { modulusLength: 2048 })
        : type === "ec"
          ? generateKeyPairSync("ec", { namedCurve: "P-256" })
          : generateKeyPairSync("ed25519")
    const identity = String(privateKey.export({ type: "pkcs8", format: "pem" }))
    const { readableIdentity } = await import("./identity.ts")
    const parsed = ssh2.utils.parseKey(readableIdentity({ identity, knownHosts: "" }).key)
    if (parsed instanceof Error) throw parsed
    const known = `${parsed.type} ${parsed.getPublicSSH().toString("base64")}`
    const setup = await setUp({}, { authorize: ({ publicKey }) => publicKey === known })
    expect(await failure(setup, { ...setup.auth, identity })).toEqual(["fetched", ""])
  })

  it("trusts only the key that is on file, and sends nothing before", async () => {
    const setup = await setUp()
    const knownHosts = setup.auth.knownHosts.replace(keyLine(host.public), keyLine(other.public))
    expect((await failure(setup, { ...setup.auth, knownHosts }))[0]).toBe("HostKeyMismatch")
    const second = await setUp()
    expect((await failure(second, { ...second.auth, knownHosts: `example.com ${keyLine(host.public)}` }))[0]).toBe(
      "HostKeyMismatch",
    )
    expect(second.ssh.connections).toBe(0)
  })

  it.each([
    ["another key", { identity: stranger.private }, "", "AuthenticationFailed"],
    ["a key that is none", { identity: "nonsense" }, "", "InvalidAuth"],
    ["no known hosts", { knownHosts: " " }, "", "InvalidAuth"],
    ["another repository", {}, "x", "RepositoryNotFound"],
  ])("%s", async (_, change, path, code) => {
    const setup = await setUp()
    const [found, message] = await failure(setup, { ...setup.auth, ...change }, path)
    expect(found).toBe(code)
    expect(message).not.toContain("PRIVATE KEY")
  })

  it("reaches only what the egress policy allows", async () => {
    const { url, auth, ssh, close } = await setUp()
    const git = createGit({ egress: publicAddressesOnly() })
    await expect(git.fetch({ url, auth })).rejects.toMatchObject({ code: "EgressDenied" })
    await expect(git.fetch({ url: "http://127.0.0.1:1/a.git" })).rejects.toMatchObject({ code: "EgressDenied" })
    await expect(git.fetch({ url: "http://localhost:1/a.git" })).rejects.toMatchObject({ code: "EgressDenied" })
    expect(ssh.connections).toBe(0)
    await close()
  })

  it("opens a new connection when the kept one is gone", async () => {
    const { url, auth, ssh, git, close } = await setUp()
    const first = await git.fetch({ url, auth })
    ssh.drop()
    expect(await git.fetch({ url, auth, previous: first })).toBe(first)
    expect(ssh.connections).toBe(2)
    await git[Symbol.asyncDispose]()
    await close()
  })

  it("does not let one caller's abort end another's fetch", async () => {
    const { url, auth, git, close } = await setUp()
    const reason = new Error("enough")
    const controller = new AbortController()
    const aborted = git.fetch({ url, auth, signal: controller.signal }).then(() => "fetched")
    const other = git.fetch({ url, auth }).then(({ revision }) => revision)
    controller.abort(reason)
    await expect(aborted).rejects.toBe(reason)
    expect(await other).toMatch(/^main@/)
    await git[Symbol.asyncDispose]()
    await close()
  })

  it.each<[GitFaultPlan, string]>([
    [{ match: { action: "login" }, fault: { type: "unauthorized" } }, "AuthenticationFailed"],
    [{ match: { action: "login" }, fault: { type: "disconnect" } }, "Unreachable"],
    [{ match: { action: "login" }, fault: { type: "stall" } }, "TimedOut"],
    [{ match: { action: "advertise" }, fault: { type: "unauthorized" } }, "AuthenticationFailed"],
    [{ match: { action: "advertise" }, fault: { type: "status", status: 503 } }, "Unreachable"],
    [{ match: { action: "ls-refs" }, fault: { type: "stall" } }, "TimedOut"],
    [{ match: { action: "ls-refs" }, fault: { type: "disconnect" } }, "Unreachable"],
    [{ match: { action: "fetch" }, fault: { type: "stall", afterBytes: 100 } }, "TimedOut"],
    [{ match: { action: "fetch" }, fault: { type: "truncate" } }, "InvalidResponse"],
    [{ match: { action: "fetch" }, fault: { type: "corrupt" } }, "InvalidPack"],
    [{ match: { action: "fetch" }, fault: { type: "disconnect", afterBytes: 100 } }, "Unreachable"],
  ])("%j: %s, and the next fetch is whole", async (plan, code) => {
    const { server, url, auth, git, close } = await setUp()
    server.faults.add(plan)
    const timeoutMs = plan.fault.type === "stall" ? 1500 : 20_000
    await expect(git.fetch({ url, auth, timeoutMs })).rejects.toMatchObject({ code })
    const artifact = await git.fetch({ url, auth })
    expect(Buffer.from(await artifact.files.read("cm.yaml")).toString()).toBe("a: 1\n")
    await git[Symbol.asyncDispose]()
    await close()
  })

  it("wants a key", async () => {
    const setup = await setUp()
    expect((await failure(setup, { username: "me", password: "secret" }))[0]).toBe("InvalidAuth")
  })
})

describe("hostKeysOf", () => {
  const key = keyLine(host.public)
  const hashed = (name: string): string => {
    const salt = Buffer.from("salt")
    return `|1|${salt.toString("base64")}|${createHmac("sha1", salt).update(name).digest("base64")}`
  }
  it.each([
    ["example.com", "example.com", 22, 1],
    ["a,example.com,b", "Example.COM", 22, 1],
    ["*.example.com", "git.example.com", 22, 1],
    ["git?.example.com", "git1.example.com", 22, 1],
    ["*.example.com,!git.example.com", "git.example.com", 22, 0],
    ["example.com", "example.com", 2222, 0],
    ["[example.com]:2222", "example.com", 2222, 1],
    [hashed("example.com"), "example.com", 22, 1],
    [hashed("[example.com]:2222"), "example.com", 2222, 1],
    [hashed("example.com"), "example.org", 22, 0],
    ["@cert-authority example.com", "example.com", 22, 0],
    ["# example.com", "example.com", 22, 0],
  ])("%s for %s:%i", (names, name, port, count) => {
    expect(hostKeysOf(`\n${names} ${key} comment\nbroken line\n`, name, port).trusted).toHaveLength(count)
  })

  it("knows revoked keys", () => {
    const { trusted, revoked } = hostKeysOf(`example.com ${key}\n@revoked * ${key}\n`, "example.com", 22)
    expect([trusted.length, revoked.length]).toEqual([1, 1])
  })
})
