// Takes out of what kubectl prints what differs from server to server and from run to run.

interface Text {
  readonly code: number | string
  readonly stdout: string
  readonly stderr: string
}

const rules: readonly (readonly [RegExp, string])[] = [
  [/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, "UID"],
  [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)/g, "TIME"],
  [/(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d \w{3} \d{4} \d\d:\d\d:\d\d [+-]\d{4}/g, "TIME"],
  [/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?/g, "TIME"],
  [/"?resourceVersion"?: "\d+"|Resource Version: +\d+/g, "resourceVersion: RV"],
  [/\b10\.0\.\d+\.\d+\b/g, "IP"],
  // A repair loop of the real server tells of Services now and then, whenever it comes round.
  [/^.*ClusterIPNotAllocated.*\n?/gm, ""],
  [/<invalid>|(?<![\w.:-])(?:\d+[ydhms]){1,3}(?![\w-])/g, "AGE"],
  [/(\/tmp\/|\/)?(?:[\w./-]*)(LIVE|MERGED)-\d+/g, "$2"],
  [/\b[EWI]\d{4} \d\d:\d\d:\d\d\.\d+ +\d+ \w+\.go:\d+\]/g, "LOG"],
  [/\b\d+\.\d+\.\d+\.\d+:\d{4,5}\b/g, "SERVER"],
  [/"gitCommit": ".*"/g, "gitCommit: BUILD"],
  // How the administrator signs in differs: a certificate and a token.
  [/^(?:Extra: authentication\.|UID ).*\n/gm, ""],
  [/ {2,}/g, "  "],
  [/[ \t]+$/gm, ""],
]

/** What differs where workloads are at work. */
const playing: readonly (readonly [RegExp, string])[] = [
  [/\b(web|x|agent|db|good|bad|by-hand)-[a-z0-9]{7,10}-[a-z0-9]{5}\b/g, "$1-HASH-SFX"],
  [/\b(web|x|agent|db)-(?=[a-z0-9]*\d)[a-z0-9]{7,10}\b/g, "$1-HASH"],
  [/\b(agent|web|good|bad|by-hand)-(?!HASH|hand)[a-z0-9]{5}\b/g, "$1-SFX"],
  [/((?:pod-template-|controller-revision-)?hash[=:]\s*)(?:db-)?[a-z0-9]{7,10}\b/g, "$1HASH"],
  [/((?:controller|batch\.kubernetes\.io\/controller)-uid=)UID/g, "$1UID"],
  [/\b(?:10\.244|192\.168)\.\d+\.\d+\b/g, "IP"],
  [/\bnode-[ab]\b/g, "NODE"],
  [/lookup NODE(?: on [\d.:]+)?: no such host/g, "lookup NODE: no such host"],
  // The real server says it within the web socket that it accepted.
  [/^Error from server \(InternalError\): (?=Internal error occurred: error sending request)/gm, "error: "],
  [/from \d+ to \d+$/gm, "from N to M"],
  [/\(x\d+ over AGE\)/g, ""],
  [/\(combined from similar events\): /g, ""],
  [/containerd:\/\/[0-9a-f]{64}/g, "CONTAINER"],
  [/^E\d{4}.*"Unhandled Error".*\n/gm, ""],
  [/ {2,}/g, "  "],
  [/[ \t]+$/gm, ""],
]

/** Events come in the order of times that are whole seconds; how many there are of one kind is a race. */
function sortEvents(text: string): string {
  return text.replaceAll(/^( *)Events:\n((?:\1? +.*\n?)+)/gm, (_, indent: string, rows: string) => {
    const lines = rows.split("\n").filter((line) => line.trim() !== "")
    const told = lines.slice(2).map((line) => line.replace(/ AGE +/, " AGE  "))
    return `${indent}Events:\n${[...lines.slice(0, 2), ...new Set(told.toSorted())].join("\n")}\n`
  })
}

function clean(text: string, url: string): string {
  let result = text.replaceAll(url, "URL")
  for (const [pattern, by] of rules) result = result.replaceAll(pattern, by)
  return result
}

/** The same text for the same behaviour of workloads that are at work. */
export function normalisePlay({ code, stdout, stderr }: Text, url: string): Text {
  const play = (text: string): string =>
    sortEvents(playing.reduce((result, [pattern, by]) => result.replaceAll(pattern, by), clean(text, url)))
  return { code, stdout: play(stdout), stderr: play(stderr) }
}

/** The same text for the same behaviour. */
export function normalise({ code, stdout, stderr }: Text, url: string): Text {
  return { code, stdout: clean(stdout, url), stderr: clean(stderr, url) }
}
