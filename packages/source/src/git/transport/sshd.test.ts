import { execFileSync, spawn, type ChildProcess } from "node:child_process"
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createServer, type AddressInfo } from "node:net"
import { tmpdir, userInfo } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest"
import { createGit } from "../../index.ts"

vi.setConfig({ testTimeout: 30_000, hookTimeout: 60_000 })

const sshd = "/usr/sbin/sshd"
const missing = [sshd, "/usr/bin/ssh-keygen", "/usr/bin/git"].filter((path) => !existsSync(path))
if (missing.length > 0) console.log(`SKIPPED: fetching from a real sshd; not installed here: ${missing.join(", ")}`)

const folder = mkdtempSync(join(tmpdir(), "gitops-toolkit-sshd-"))
const running = new Set<ChildProcess>()
afterAll(async () => {
  for (const child of running) await stop(child)
  rmSync(folder, { recursive: true, force: true })
})

const git = (...args: string[]): void => {
  const env = { PATH: process.env["PATH"] ?? "", HOME: folder, GIT_CONFIG_NOSYSTEM: "1" }
  const identity = ["-c", "user.name=T", "-c", "user.email=t@example.com"]
  execFileSync("git", [...identity, ...args], { cwd: join(folder, "apps"), env })
}

const makeKey = (name: string, ...options: string[]): string => {
  const path = join(folder, name)
  execFileSync("ssh-keygen", ["-q", "-N", "", ...options, "-C", "", "-f", path])
  return readFileSync(`${path}.pub`, "utf8").trim()
}

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const { port } = probe.address() as AddressInfo
      probe.close(() => resolve(port))
    })
  })

function stop(child: ChildProcess): Promise<void> {
  running.delete(child)
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve()
    child.once("exit", () => resolve())
    child.kill("SIGTERM")
  })
}

interface Daemon extends AsyncDisposable {
  readonly url: string
  readonly knownHosts: string
}

/** An sshd in the foreground on a free port of the loopback interface, for the keys of `authorized_keys`. */
async function startSshd(extra = ""): Promise<Daemon> {
  const port = await freePort()
  const config = join(folder, `sshd-${port}.conf`)
  const lines = [
    `Port ${port}`,
    "ListenAddress 127.0.0.1",
    `HostKey ${join(folder, "host")}`,
    `AuthorizedKeysFile ${join(folder, "authorized_keys")}`,
    "PidFile none",
    "StrictModes no",
    "UsePAM no",
    "PasswordAuthentication no",
    "KbdInteractiveAuthentication no",
    "PermitRootLogin prohibit-password",
    extra,
  ]
  writeFileSync(config, `${lines.join("\n")}\n`)
  if (process.getuid?.() === 0) mkdirSync("/run/sshd", { recursive: true, mode: 0o755 }) // as its service would
  const child = spawn(sshd, ["-D", "-e", "-f", config], { stdio: ["ignore", "ignore", "pipe"] })
  running.add(child)
  await new Promise<void>((resolve, reject) => {
    let words = ""
    child.stderr.on("data", (chunk: Buffer) => {
      words += chunk.toString()
      if (words.includes("Server listening on")) resolve()
    })
    child.once("exit", (code) => reject(new Error(`sshd ended with ${code}: ${words}`)))
  })
  const url = `ssh://${userInfo().username}@127.0.0.1:${port}${join(folder, "apps")}`
  const [type, key] = readFileSync(join(folder, "host.pub"), "utf8").split(" ")
  return { url, knownHosts: `[127.0.0.1]:${port} ${type} ${key}`, [Symbol.asyncDispose]: () => stop(child) }
}

describe.skipIf(missing.length > 0)("git over ssh from a real sshd", () => {
  beforeAll(() => {
    mkdirSync(join(folder, "apps"))
    git("init", "-q", "-b", "main")
    writeFileSync(join(folder, "apps/cm.yaml"), "a: 1\n")
    git("add", ".")
    git("commit", "-qm", "First")
    git("tag", "v1.0.0")
    makeKey("host", "-t", "ed25519")
    const keys = [
      makeKey("ed25519", "-t", "ed25519"),
      makeKey("ecdsa", "-t", "ecdsa"),
      makeKey("rsa", "-t", "rsa", "-b", "2048"),
      makeKey("locked", "-t", "ed25519", "-N", "passphrase"),
    ]
    writeFileSync(join(folder, "authorized_keys"), `${keys.join("\n")}\n`)
    makeKey("stranger", "-t", "ed25519")
  })

  it.each([
    ["2", "AcceptEnv GIT_PROTOCOL"],
    ["0", ""],
  ])("fetches over protocol %s on one connection, and only what changed", async (_, config) => {
    await using daemon = await startSshd(config)
    await using client = createGit()
    const { url, knownHosts } = daemon
    const auth = { identity: readFileSync(join(folder, "ed25519"), "utf8"), knownHosts }
    const first = await client.fetch({ url, auth })
    expect(Buffer.from(await first.files.read("cm.yaml")).toString()).toBe("a: 1\n")
    expect(await client.fetch({ url, auth, previous: first })).toBe(first)
    expect((await client.fetch({ url, auth, ref: { semver: "1.x" } })).revision).toMatch(/^v1\.0\.0@/)
    git("commit", "-q", "--allow-empty", "-m", "Again")
    expect((await client.fetch({ url, auth, previous: first })).revision).not.toBe(first.revision)
  })

  it.each([
    ["ecdsa", {}, "fetched"],
    ["rsa", {}, "fetched"],
    ["locked", { passphrase: "passphrase" }, "fetched"],
    ["locked", { passphrase: "wrong" }, "InvalidAuth"],
    ["stranger", {}, "AuthenticationFailed"],
  ])("enters with the key %s %o: %s", async (name, more, outcome) => {
    await using daemon = await startSshd()
    await using client = createGit()
    const auth = { identity: readFileSync(join(folder, name), "utf8"), knownHosts: daemon.knownHosts, ...more }
    const fetched = client.fetch({ url: daemon.url, auth }).then(
      () => "fetched",
      ({ code }) => code,
    )
    expect(await fetched).toBe(outcome)
  })

  it("names a repository that is absent, and a host that shows another key", async () => {
    await using daemon = await startSshd()
    await using client = createGit()
    const identity = readFileSync(join(folder, "ed25519"), "utf8")
    const { url, knownHosts } = daemon
    await expect(client.fetch({ url: `${url}-absent`, auth: { identity, knownHosts } })).rejects.toMatchObject({
      code: "RepositoryNotFound",
    })
    const [type, key] = readFileSync(join(folder, "stranger.pub"), "utf8").split(" ")
    const others = `${knownHosts.split(" ")[0]} ${type} ${key}`
    await expect(client.fetch({ url, auth: { identity, knownHosts: others } })).rejects.toMatchObject({
      code: "HostKeyMismatch",
    })
  })
})
