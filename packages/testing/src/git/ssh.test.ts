import { execFile } from "node:child_process"
import { randomBytes } from "node:crypto"
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import ssh2 from "ssh2"
import { afterAll, describe, expect, it, vi } from "vitest"
import { createGitServer, type GitServerOptions, type GitSshAddress, type ListenSshOptions } from "./index.ts"
import { writePack } from "./pack.ts"
import { pktLines } from "./pkt-line.ts"

vi.setConfig({ testTimeout: 30_000 })

const run = promisify(execFile)
const starts = (command: string, flag: string): Promise<boolean> =>
  run(command, [flag]).then(
    () => true,
    () => false,
  )
const missing = [!(await starts("git", "--version")) && "git", !(await starts("ssh", "-V")) && "ssh"].filter(Boolean)
if (missing.length > 0) console.log(`SKIPPED: the git server over SSH with the real clients: ${missing.join(" and ")}`)

const folder = await mkdtemp(join(tmpdir(), "gitops-toolkit-git-ssh-"))
afterAll(() => rm(folder, { recursive: true, force: true }))

/** A pair by ssh2, which makes Ed25519 keys that nobody can read now and then. */
const keyPair = (type: string, bits?: number): { private: string; public: string } => {
  const pair = ssh2.utils.generateKeyPairSync(type as "rsa", bits ? { bits } : (undefined as never))
  return ssh2.utils.parseKey(pair.private) instanceof Error ? keyPair(type, bits) : pair
}

const seed = {
  repositories: {
    "team/it's!": { tags: { "v1.0.0": { "cm.yaml": "a: 1\n" }, "v1.1.0": { "cm.yaml": "a: 2\n", "b/c": "c\n" } } },
    other: { files: { x: "y" } },
  },
}

/** A server that listens, and git commands that use its key. */
async function setUp(options: GitServerOptions = {}, sshOptions: ListenSshOptions = {}) {
  const server = createGitServer(seed, options)
  const ssh = await server.listenSsh(sshOptions)
  const home = await mkdtemp(join(folder, "home-"))
  await writeFile(join(home, "key"), ssh.auth.identity, { mode: 0o600 })
  await writeFile(join(home, "known_hosts"), ssh.auth.knownHosts)
  const command = ["ssh -F /dev/null -o BatchMode=yes -o IdentitiesOnly=yes -o StrictHostKeyChecking=yes"]
  command.push(`-o UserKnownHostsFile=${join(home, "known_hosts")} -i ${join(home, "key")}`)
  const env = {
    PATH: process.env["PATH"] ?? "",
    HOME: home,
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_SSH_COMMAND: command.join(" "),
  }
  const git = async (cwd: string, ...args: string[]): Promise<string> => {
    const identity = ["-c", "user.name=Test", "-c", "user.email=test@example.com"]
    return (await run("git", [...identity, ...args], { cwd, env })).stdout.trim()
  }
  return { server, ssh, git, home, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
}

describe.skipIf(missing.length > 0)("listenSsh, with the real git and ssh", () => {
  it.each(["0", "1", "2"])("clones whole and shallow over protocol %s, deepens, pulls", async (version) => {
    await using setup = await setUp()
    const { git, home, ssh, server } = setup
    const speak = ["-c", `protocol.version=${version}`]
    const work = join(home, "work")
    await git(home, ...speak, "clone", "-q", ssh.url, work)
    await git(work, "fsck", "--strict")
    expect(await git(work, "log", "--format=%s")).toBe("Release v1.1.0\nRelease v1.0.0")
    const shallow = join(home, "shallow")
    await git(home, ...speak, "clone", "-q", "--depth=1", ssh.url, shallow)
    expect(await git(shallow, "rev-list", "--count", "HEAD")).toBe("1")
    await git(shallow, ...speak, "fetch", "-q", "--unshallow")
    expect(await git(shallow, "rev-list", "--count", "HEAD")).toBe("2")
    await git(work, "commit", "-q", "--allow-empty", "-m", "Not on the server")
    server.repository.commit({ "cm.yaml": "a: 3\n" })
    await git(work, ...speak, "fetch", "-q")
    expect(await git(work, "show", "origin/main:cm.yaml")).toBe("a: 3")
    expect(server.requests.at(-1)).toMatchObject({ method: "SSH", action: "fetch", status: 200 })
    const partial = join(home, "partial")
    await git(home, ...speak, "clone", "-q", "--filter=blob:none", ssh.url, partial)
    expect(await readFile(join(partial, "cm.yaml"), "utf8")).toBe("a: 3\n")
  })

  it("speaks no newer protocol than it is told", async () => {
    await using setup = await setUp({ protocol: 0 })
    await setup.git(setup.home, "clone", "-q", setup.ssh.url, "work")
    expect(setup.server.requests.map(({ action }) => action)).toEqual(["advertise", "fetch"])
  })

  it("takes pushes and deletions, and refuses one that is not based on its tip", async () => {
    await using setup = await setUp()
    const { git, home, ssh, server } = setup
    const work = join(home, "work")
    await git(home, "clone", "-q", ssh.url, work)
    await writeFile(join(work, "new.txt"), "new\n")
    await git(work, "add", ".")
    await git(work, "commit", "-qm", "New file")
    await git(work, "tag", "-a", "v1.2.0", "-m", "release")
    await git(work, "push", "-q", "origin", "main", "v1.2.0")
    expect(server.repository.files()).toMatchObject({ "new.txt": "new\n", "cm.yaml": "a: 2\n" })
    await git(work, "push", "-q", "origin", "--delete", "v1.2.0")
    expect([...server.repository.refs().keys()]).not.toContain("refs/tags/v1.2.0")
    server.repository.commit({ "other.txt": "other" })
    await git(work, "commit", "-q", "--allow-empty", "-m", "Late")
    await expect(git(work, "push", "-q", "origin", "main")).rejects.toThrow("rejected")
  })

  it("carries more than a channel's window, both ways", async () => {
    await using setup = await setUp()
    const { git, home, ssh, server } = setup
    const bytes = randomBytes(5_000_000)
    server.repository.commit({ large: bytes })
    const work = join(home, "work")
    await git(home, "clone", "-q", ssh.url, work)
    expect((await readFile(join(work, "large"))).equals(bytes)).toBe(true)
    await writeFile(join(work, "larger"), randomBytes(6_000_000))
    await git(work, "add", ".")
    await git(work, "commit", "-qm", "Larger")
    await git(work, "push", "-q", "origin", "main")
    expect(server.repository.refs().get("refs/heads/main")).toBe(await git(work, "rev-parse", "HEAD"))
  })

  it("serves several repositories, and tells which one is absent", async () => {
    await using setup = await setUp()
    const { git, home, ssh, server } = setup
    expect(await git(home, "ls-remote", ssh.urlOf("other"))).toContain("refs/heads/main")
    server.repositoryAt("late").commit({ c: "3" })
    expect(await git(home, "ls-remote", ssh.urlOf("late"))).toContain("refs/heads/main")
    await expect(git(home, "ls-remote", ssh.urlOf("absent"))).rejects.toThrow("does not appear to be a git repository")
    expect(ssh.connections).toBe(3)
  })

  it("shows the key it is given, whose fingerprint is that of ssh-keygen", async () => {
    const key = keyPair("ed25519")
    await using setup = await setUp({}, { hostKey: key.private })
    const { git, home, ssh } = setup
    expect(ssh.auth.knownHosts).toContain(key.public.split(" ")[1])
    await git(home, "ls-remote", ssh.url)
    const { stdout } = await run("ssh-keygen", ["-l", "-f", join(home, "known_hosts")])
    expect(stdout).toContain(` ${ssh.fingerprint} `)
  })
})

interface Attempt extends ssh2.ConnectConfig {
  /** Bytes to send without closing; default a flush, and the end. */
  readonly input?: Buffer
}

/** How an attempt to run a command ends: its exit code and words, or why it fails. */
function attempt(ssh: GitSshAddress, { input, ...config }: Attempt, command: string): Promise<string> {
  return new Promise((resolve) => {
    const client = new ssh2.Client()
    const { hostname, port } = new URL(ssh.url)
    client.on("error", (error) => resolve(error.message))
    client.on("close", () => resolve("closed"))
    client.on("ready", () =>
      client.exec(command, (error, channel) => {
        if (error) return resolve(error.message)
        let words = ""
        channel.stderr.on("data", (chunk: Buffer) => (words += chunk))
        channel.on("exit", (code) => (words = `${code} ${words}`))
        channel.on("close", () => {
          resolve(words.trim())
          client.end()
        })
        channel.resume()
        if (input) channel.write(input)
        else channel.end("0000")
      }),
    )
    client.connect({ host: hostname, port: Number(port), username: "git", ...config })
  })
}

describe("listenSsh", () => {
  const command = "git-upload-pack 'other.git'"

  it("lets in its own key and no other", async () => {
    await using server = createGitServer(seed)
    const ssh = await server.listenSsh()
    const stranger = keyPair("ed25519").private
    expect(await attempt(ssh, { privateKey: ssh.auth.identity }, command)).toBe("0")
    expect(await attempt(ssh, { privateKey: stranger }, command)).toContain("authentication methods failed")
    expect(await attempt(ssh, { password: "secret" }, command)).toContain("authentication methods failed")
  })

  it.each([
    ["ed25519", undefined],
    ["ecdsa", 256],
    ["rsa", 2048],
  ])("shows who knocks to authorize (%s)", async (type, bits) => {
    const user = keyPair(type, bits)
    await using server = createGitServer(seed)
    const ssh = await server.listenSsh({
      authorize: ({ user: name, publicKey, password }) =>
        name === "git" && (password === "secret" || publicKey === user.public.split(" ").slice(0, 2).join(" ")),
    })
    expect(await attempt(ssh, { privateKey: user.private }, command)).toBe("0")
    expect(await attempt(ssh, { password: "secret" }, command)).toBe("0")
    expect(await attempt(ssh, { privateKey: ssh.auth.identity }, command)).toContain("authentication methods failed")
  })

  it("runs nothing but the two commands of git", async () => {
    await using server = createGitServer(seed)
    const ssh = await server.listenSsh()
    const login = { privateKey: ssh.auth.identity }
    expect(await attempt(ssh, login, "ls /")).toBe(
      "128 fatal: the server runs only git-upload-pack and git-receive-pack",
    )
    expect(await attempt(ssh, login, "git upload-pack '/other.git'")).toBe("0")
  })

  it("takes a push whose client does not close its side behind the pack", async () => {
    await using server = createGitServer(seed)
    const ssh = await server.listenSsh()
    const repository = server.repositoryAt("other")
    const tip = repository.refs().get("refs/heads/main")!
    const order = pktLines([`${"0".repeat(40)} ${tip} refs/heads/copy\0report-status`, "flush"])
    const input = Buffer.concat([order, writePack([])])
    expect(await attempt(ssh, { privateKey: ssh.auth.identity, input }, "git-receive-pack 'other.git'")).toBe("0")
    expect(repository.refs().get("refs/heads/copy")).toBe(tip)
  })

  it("rejects a host key that cannot be read", async () => {
    await using server = createGitServer(seed)
    await expect(server.listenSsh({ hostKey: "nonsense" })).rejects.toMatchObject({ code: "InvalidOptions" })
  })

  it("names the package it needs", async () => {
    vi.doMock("ssh2", () => {
      throw new Error("Cannot find package 'ssh2'")
    })
    await using server = createGitServer(seed)
    await expect(server.listenSsh()).rejects.toMatchObject({
      code: "PackageMissing",
      message: expect.stringContaining("npm install --save-dev ssh2"),
    })
    vi.doUnmock("ssh2")
  })

  it("closes although a client is connected, and ends all with the server", async () => {
    const server = createGitServer(seed)
    const ssh = await server.listenSsh()
    server.faults.add({ match: { action: "advertise" }, fault: { type: "stall" } })
    const hanging = attempt(ssh, { privateKey: ssh.auth.identity }, command)
    await vi.waitFor(() => expect(server.requests).toHaveLength(1))
    await server[Symbol.asyncDispose]()
    expect(await hanging).not.toMatch(/^\d/)
  })
})
