import { execFileSync, spawn } from "node:child_process"
import { createHmac, generateKeyPairSync } from "node:crypto"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { publicAddressesOnly } from "@gitops-toolkit/http"
import ssh2 from "ssh2"
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest"
import { createGit, isSourceError, type GitAuth } from "../../index.ts"
import { hostKeysOf } from "./known-hosts.ts"

vi.setConfig({ testTimeout: 30_000, hookTimeout: 60_000 })

const present = (() => {
  try {
    execFileSync("git", ["--version"])
    return true
  } catch {
    return false
  }
})()
if (!present) console.log("SKIPPED: tests of ssh with the real git-upload-pack, which is not installed here")

const folder = mkdtempSync(join(tmpdir(), "gitops-toolkit-ssh-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const host = ssh2.utils.generateKeyPairSync("ed25519")
const other = ssh2.utils.generateKeyPairSync("ed25519")
const user = ssh2.utils.generateKeyPairSync("ed25519")
const stranger = ssh2.utils.generateKeyPairSync("ed25519")

interface SshServer {
  readonly port: number
  readonly connections: () => number
  /** Breaks all connections. */
  drop(): void
  close(): void
}

/** An SSH server that runs the real git-upload-pack for the one key it knows. */
function serve(takesProtocol: boolean, extraKeys: readonly string[] = []): Promise<SshServer> {
  let connections = 0
  const clients = new Set<ssh2.Connection>()
  const allowed = [user.public, ...extraKeys].map((text) => {
    const key = ssh2.utils.parseKey(text)
    if (key instanceof Error) throw key
    return key.getPublicSSH()
  })
  const server = new ssh2.Server({ hostKeys: [host.private] }, (client) => {
    connections++
    clients.add(client)
    client.on("error", () => undefined)
    client.on("authentication", (context) => {
      const known = context.method === "publickey" && allowed.some((key) => key.equals(context.key.data))
      if (known) context.accept()
      else context.reject(["publickey"])
    })
    client.on("session", (accept) => {
      const session = accept()
      let protocol = ""
      session.on("env", (acceptEnv, _, { key, val }) => {
        if (key === "GIT_PROTOCOL" && takesProtocol) protocol = val
        acceptEnv?.()
      })
      session.on("exec", (acceptExec, _, { command }) => {
        const channel = acceptExec()
        const path = /^git-upload-pack '(.*)'$/.exec(command)?.[1] ?? ""
        const child = spawn("git", ["upload-pack", path.replace(/^\//, "")], {
          cwd: folder,
          env: { PATH: process.env["PATH"] ?? "", GIT_PROTOCOL: protocol, GIT_CONFIG_NOSYSTEM: "1", HOME: folder },
        })
        child.stdin.on("error", () => undefined)
        channel.pipe(child.stdin)
        child.stdout.pipe(channel, { end: false })
        child.stderr.pipe(channel.stderr, { end: false })
        child.on("close", (code) => {
          channel.exit(code ?? 1)
          channel.end()
        })
      })
    })
  })
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      resolve({
        port: (server.address() as AddressInfo).port,
        connections: () => connections,
        drop: () => clients.forEach((client) => client.end()),
        close: () => server.close(),
      })
    })
  })
}

beforeAll(() => {
  if (!present) return
  const git = (...args: string[]): void =>
    void execFileSync("git", ["-c", "user.name=T", "-c", "user.email=t@example.com", ...args], {
      cwd: join(folder, "apps.git"),
    })
  mkdirSync(join(folder, "apps.git"))
  git("init", "-q", "-b", "main")
  writeFileSync(join(folder, "apps.git/cm.yaml"), "a: 1\n")
  git("add", ".")
  git("commit", "-qm", "First")
  git("tag", "v1.0.0+a")
  git("commit", "-q", "--allow-empty", "-m", "Second", "--date=2030-01-01T00:00:00Z")
  git("tag", "v1.0.0+b")
})

const keyLine = (key: string): string => key.trim().split(" ").slice(0, 2).join(" ")

describe.skipIf(!present)("git over ssh", () => {
  const setUp = async (takesProtocol = true, extraKeys: readonly string[] = []) => {
    const server = await serve(takesProtocol, extraKeys)
    const url = `ssh://git@127.0.0.1:${server.port}/apps.git`
    const knownHosts = `[127.0.0.1]:${server.port} ${keyLine(host.public)}\n`
    const auth = { identity: user.private, knownHosts }
    return { server, url, auth, git: createGit() }
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
      setup.server.close()
    }
  }

  it.each([true, false])("fetches, and again (server takes protocol 2: %s)", async (takesProtocol) => {
    const { server, url, auth, git } = await setUp(takesProtocol)
    const first = await git.fetch({ url, auth })
    expect(first.url).toBe(url)
    expect(Buffer.from(await first.files.read("cm.yaml")).toString()).toBe("a: 1\n")
    expect(await git.fetch({ url, auth, previous: first })).toBe(first)
    expect((await git.fetch({ url, auth, ref: { semver: "1.x" } })).revision).toMatch(/^v1\.0\.0\+[ab]@/)
    await Promise.all(Array.from({ length: 5 }, () => git.fetch({ url, auth })))
    expect(server.connections()).toBe(1)
    await git[Symbol.asyncDispose]()
    server.close()
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
    const setup = await setUp(true, [`${parsed.type} ${parsed.getPublicSSH().toString("base64")}`])
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
    expect(second.server.connections()).toBe(0)
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
    const { url, auth, server } = await setUp()
    const git = createGit({ egress: publicAddressesOnly() })
    await expect(git.fetch({ url, auth })).rejects.toMatchObject({ code: "EgressDenied" })
    await expect(git.fetch({ url: "http://127.0.0.1:1/a.git" })).rejects.toMatchObject({ code: "EgressDenied" })
    await expect(git.fetch({ url: "http://localhost:1/a.git" })).rejects.toMatchObject({ code: "EgressDenied" })
    expect(server.connections()).toBe(0)
    server.close()
  })

  it("opens a new connection when the kept one is gone", async () => {
    const { url, auth, server, git } = await setUp()
    const first = await git.fetch({ url, auth })
    server.drop()
    expect(await git.fetch({ url, auth, previous: first })).toBe(first)
    expect(server.connections()).toBe(2)
    await git[Symbol.asyncDispose]()
    server.close()
  })

  it("does not let one caller's abort end another's fetch", async () => {
    const { url, auth, server, git } = await setUp()
    const reason = new Error("enough")
    const controller = new AbortController()
    const aborted = git.fetch({ url, auth, signal: controller.signal }).then(() => "fetched")
    const other = git.fetch({ url, auth }).then(({ revision }) => revision)
    controller.abort(reason)
    await expect(aborted).rejects.toBe(reason)
    expect(await other).toMatch(/^main@/)
    await git[Symbol.asyncDispose]()
    server.close()
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
