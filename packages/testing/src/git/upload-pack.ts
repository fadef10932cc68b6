import { parsePkts, pkt, pktLines, sideBand, textOf, type Pkt } from "./pkt-line.ts"
import { writePack } from "./pack.ts"
import { peel, type GitRepository } from "./repository.ts"
import { selectObjects, type Selected, type Selection } from "./select-objects.ts"

/** How far the fetching side of the server goes. */
export interface UploadPackOptions {
  /** The newest protocol version it speaks; default 2. */
  readonly protocol?: 0 | 1 | 2
  /** Whether partial clones (`filter`) are served; default true. */
  readonly filter?: boolean
  /** Whether any object may be wanted by its id under protocol 0 and 1 (2 always allows it); default true. */
  readonly anyOid?: boolean
}

const agent = "agent=gitops-toolkit-testing"

/** What upload-pack says first. `version` is what the client asks for. */
export function advertise(repository: GitRepository, version: number, options: UploadPackOptions = {}): Buffer {
  const speaks = Math.min(version, options.protocol ?? 2)
  if (speaks === 2) {
    const features = `fetch=shallow wait-for-done${options.filter === false ? "" : " filter"}`
    const lines = ["version 2\n", `${agent}\n`, "ls-refs=unborn\n", `${features}\n`, "object-format=sha1\n", "flush"]
    return pktLines(lines)
  }
  const refs = repository.refs()
  const names = ["multi_ack_detailed", "side-band-64k", "ofs-delta", "shallow", "no-progress", "include-tag"]
  if (options.filter !== false) names.push("filter")
  if (options.anyOid !== false) names.push("allow-tip-sha1-in-want", "allow-reachable-sha1-in-want")
  const head = refs.get(repository.head)
  if (head) names.push(`symref=HEAD:${repository.head}`)
  return Buffer.concat([
    speaks === 1 ? pkt("version 1\n") : Buffer.alloc(0),
    refLines(repository, `${names.join(" ")} object-format=sha1 ${agent}`),
  ])
}

/** The refs of protocol 0, with the capabilities behind the first one. */
export function refLines(repository: GitRepository, capabilities: string, peeled = true): Buffer {
  const refs = repository.refs()
  const lines: string[] = []
  const head = refs.get(repository.head)
  if (head && peeled) lines.push(`${head} HEAD`)
  for (const [name, oid] of refs) {
    lines.push(`${oid} ${name}`)
    const target = peel({ get: repository.object }, oid)
    if (peeled && target !== oid) lines.push(`${target} ${name}^{}`)
  }
  if (lines.length === 0) lines.push(`${"0".repeat(40)} capabilities^{}`)
  return pktLines([...lines.map((line, i) => (i === 0 ? `${line}\0${capabilities}\n` : `${line}\n`)), "flush"])
}

/** The answer to one request: a command of protocol 2, or a stateless round of the older ones. */
export function uploadPack(repository: GitRepository, body: Buffer, version: number): Buffer {
  const { packets } = parsePkts(body)
  try {
    if (version < 2) return fetchV0(repository, packets)
    const lines = packets.map(textOf)
    if (lines[0] === "command=ls-refs") return listRefs(repository, lines)
    if (lines[0] === "command=fetch") return fetchV2(repository, lines)
    return pkt(`ERR unknown command '${lines[0] ?? ""}'`)
  } catch (error) {
    return pkt(`ERR ${(error as Error).message}`)
  }
}

function listRefs(repository: GitRepository, lines: readonly string[]): Buffer {
  const prefixes = lines.filter((line) => line.startsWith("ref-prefix ")).map((line) => line.slice(11))
  const wanted = (name: string): boolean => prefixes.length === 0 || prefixes.some((prefix) => name.startsWith(prefix))
  const refs = repository.refs()
  const answer: string[] = []
  const head = refs.get(repository.head)
  if (wanted("HEAD")) {
    const target = lines.includes("symrefs") ? ` symref-target:${repository.head}` : ""
    if (head) answer.push(`${head} HEAD${target}\n`)
    else if (lines.includes("unborn")) answer.push(`unborn HEAD${target}\n`)
  }
  for (const [name, oid] of refs) {
    if (!wanted(name)) continue
    const target = peel({ get: repository.object }, oid)
    answer.push(`${oid} ${name}${lines.includes("peel") && target !== oid ? ` peeled:${target}` : ""}\n`)
  }
  return pktLines([...answer, "flush"])
}

/** A fetch request, read. */
export interface FetchArguments extends Selection {
  readonly done: boolean
}

/** What the lines of a fetch request ask for. */
export function argumentsOf(lines: readonly string[]): FetchArguments {
  const values = (name: string): string[] =>
    lines.filter((line) => line.startsWith(`${name} `)).map((line) => line.slice(name.length + 1).split(" ")[0]!)
  const depth = values("deepen")[0]
  const filter = values("filter")[0]
  return {
    wants: values("want"),
    haves: values("have"),
    clientShallow: new Set(values("shallow")),
    depth: depth === undefined ? undefined : Number(depth),
    filter: filter === "blob:none" || filter === "tree:0" ? filter : undefined,
    done: lines.includes("done"),
  }
}

/** How the client's shallow boundary moves, as lines. */
export function shallowLines(selected: Selected): string[] {
  return [
    ...selected.shallow.map((oid) => `shallow ${oid}\n`),
    ...selected.unshallow.map((oid) => `unshallow ${oid}\n`),
  ]
}

function fetchV2(repository: GitRepository, lines: readonly string[]): Buffer {
  const wanted = argumentsOf(lines)
  const common = wanted.haves.filter((oid) => repository.object(oid))
  const parts: (string | Buffer)[] = []
  if (!wanted.done) {
    parts.push("acknowledgments\n", ...common.map((oid) => `ACK ${oid}\n`))
    if (common.length === 0) return pktLines([...parts, "NAK\n", "flush"])
    if (lines.includes("wait-for-done")) return pktLines([...parts, "flush"])
    parts.push("ready\n", "delim")
  }
  const selected = selectObjects(repository, wanted)
  if (wanted.depth !== undefined) parts.push("shallow-info\n", ...shallowLines(selected), "delim")
  parts.push("packfile\n")
  return Buffer.concat([pktLines(parts), sideBand(1, writePack(selected.objects)), pktLines(["flush"])])
}

function fetchV0(repository: GitRepository, packets: readonly Pkt[]): Buffer {
  const lines = packets.map(textOf)
  const wanted = argumentsOf(lines)
  if (wanted.wants.length === 0) return Buffer.alloc(0)
  const capabilities = capabilitiesOf(lines)
  const selected = selectObjects(repository, wanted)
  const answer: string[] = []
  if (wanted.depth !== undefined) answer.push(...shallowLines(selected), "flush")
  const common = wanted.haves.filter((oid) => repository.object(oid))
  const detailed = capabilities.includes("multi_ack_detailed")
  if (detailed) answer.push(...common.map((oid) => `ACK ${oid} common\n`))
  if (!wanted.done) {
    if (!answer.length && wanted.haves.length === 0) return Buffer.alloc(0)
    if (detailed && common.length > 0) answer.push(`ACK ${common.at(-1)!} ready\n`)
    const deepening = wanted.depth !== undefined && wanted.haves.length === 0
    return pktLines(deepening ? answer : [...answer, "NAK\n"])
  }
  const last = common.at(-1)
  answer.push(last === undefined ? "NAK\n" : `ACK ${last}\n`)
  return Buffer.concat([pktLines(answer), packAnswer(selected, capabilities)])
}

/** The capabilities that a client of protocol 0 or 1 names behind its first want. */
export function capabilitiesOf(lines: readonly string[]): readonly string[] {
  return lines.find((line) => line.startsWith("want "))?.split(" ") ?? []
}

/** The pack of protocol 0 and 1, in side-band packets when the client takes them. */
export function packAnswer({ objects }: Selected, capabilities: readonly string[]): Buffer {
  const pack = writePack(objects)
  return capabilities.includes("side-band-64k") ? Buffer.concat([sideBand(1, pack), pktLines(["flush"])]) : pack
}
