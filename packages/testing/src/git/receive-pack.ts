import { readPack } from "./pack.ts"
import { parsePkts, pktLines, sideBand, textOf } from "./pkt-line.ts"
import type { GitRepository } from "./repository.ts"
import { refLines } from "./upload-pack.ts"

const none = "0".repeat(40)

/** What receive-pack says first. */
export function advertiseReceive(repository: GitRepository): Buffer {
  const capabilities = "report-status delete-refs side-band-64k ofs-delta atomic no-thin object-format=sha1"
  return refLines(repository, `${capabilities} agent=gitops-toolkit-testing`, false)
}

interface Command {
  readonly before: string
  readonly after: string
  readonly ref: string
}

/** Takes a push: stores its objects and moves its refs, all of them or none. Answers the client's report. */
export function receivePack(repository: GitRepository, body: Buffer): Buffer {
  const { packets, rest } = parsePkts(body, true)
  const lines = packets.map(textOf).filter((line) => line !== "" && !line.startsWith("shallow "))
  if (lines.length === 0) return Buffer.alloc(0)
  const capabilities = lines[0]!.slice(lines[0]!.indexOf("\0") + 1).split(" ")
  const commands = lines.map(parseCommand)
  const report = pktLines([...runCommands(repository, commands, rest), "flush"])
  return capabilities.includes("side-band-64k") ? Buffer.concat([sideBand(1, report), pktLines(["flush"])]) : report
}

/** Whether a pack follows commands: it does unless all of them delete. */
export function expectsPack(commands: readonly string[]): boolean {
  return commands.some((line) => parseCommand(line).after !== none)
}

function parseCommand(line: string): Command {
  const [before = none, after = none, ref = ""] = line.split("\0")[0]!.split(" ")
  return { before, after, ref }
}

function runCommands(repository: GitRepository, commands: readonly Command[], pack: Buffer): string[] {
  try {
    if (pack.length > 0) for (const object of readPack(pack, repository.object).values()) repository.store(object)
  } catch (error) {
    const reason = (error as Error).message
    return [`unpack ${reason}\n`, ...commands.map(({ ref }) => `ng ${ref} unpacker error\n`)]
  }
  const refusals = commands.map((command) => refusalOf(repository, command))
  const refused = refusals.some((refusal) => refusal !== undefined)
  if (!refused) for (const { ref, after } of commands) repository.setRef(ref, after === none ? undefined : after)
  return [
    "unpack ok\n",
    ...commands.map(({ ref }, i) =>
      refused ? `ng ${ref} ${refusals[i] ?? "another ref was refused"}\n` : `ok ${ref}\n`,
    ),
  ]
}

function refusalOf(repository: GitRepository, { before, after, ref }: Command): string | undefined {
  if ((repository.refs().get(ref) ?? none) !== before) return "fetch first"
  if (after !== none && !repository.object(after)) return "missing necessary objects"
  return ref.startsWith("refs/") ? undefined : "funny refname"
}
