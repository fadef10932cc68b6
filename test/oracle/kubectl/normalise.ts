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

function clean(text: string, url: string): string {
  let result = text.replaceAll(url, "URL")
  for (const [pattern, by] of rules) result = result.replaceAll(pattern, by)
  return result
}

/** The same text for the same behaviour. */
export function normalise({ code, stdout, stderr }: Text, url: string): Text {
  return { code, stdout: clean(stdout, url), stderr: clean(stderr, url) }
}
