import {
  ClusterError,
  isClusterError,
  type KindInfo,
  type KubeObject,
  type ListOptions,
  type ListPage,
} from "@gitops-toolkit/kube"
import { parseAnswer, recordOf, textOf } from "./error.ts"
import { selectRequest } from "./request.ts"
import type { Wire } from "./wire.ts"

const defaultPageSize = 500
/** How often a list that expires between two pages begins anew before it is asked for in one piece. */
const maxRestarts = 2

interface RawPage extends ListPage {
  readonly next: string
}

/**
 * The pages of a list; the result is the whole list at one version. When the server forgets the list between two
 * pages (410) it begins anew, so pages may come again: the result never holds an object twice.
 */
export async function* listPages(
  wire: Wire,
  kind: KindInfo,
  options: ListOptions,
): AsyncGenerator<ListPage, ListPage, void> {
  for (let restarts = 0; ; restarts++) {
    try {
      return yield* listOnce(wire, kind, restarts > maxRestarts ? { ...options, pageSize: 0 } : options)
    } catch (error) {
      if (restarts > maxRestarts || !isClusterError(error, "Gone")) throw error
    }
  }
}

async function* listOnce(wire: Wire, kind: KindInfo, options: ListOptions): AsyncGenerator<ListPage, ListPage, void> {
  const objects: KubeObject[] = []
  const limit = String(options.pageSize ?? defaultPageSize)
  let next = ""
  do {
    const parameters = next === "" ? { limit, resourceVersion: options.resourceVersion } : { limit, continue: next }
    const page = await fetchPage(wire, kind, {
      options,
      parameters: limit === "0" ? { ...parameters, limit: undefined } : parameters,
    })
    for (const object of page.objects) objects.push(object)
    next = page.next
    const { resourceVersion } = page
    yield { objects: page.objects, resourceVersion }
    if (next === "") return { objects, resourceVersion }
  } while (true)
}

async function fetchPage(
  wire: Wire,
  kind: KindInfo,
  request: { readonly options: ListOptions; readonly parameters: { readonly [name: string]: string | undefined } },
): Promise<RawPage> {
  const { options, parameters } = request
  const { signal, timeoutMs } = options
  const { text } = await wire.send(selectRequest(kind, options, parameters), { subject: kind, signal, timeoutMs })
  const list = recordOf(parseAnswer(text, kind))
  const metadata = recordOf(list?.["metadata"])
  const items = list?.["items"]
  if (!metadata || !(Array.isArray(items) || items === null)) {
    throw new ClusterError("InternalError", `${kind.kind}: the answer is not a list`)
  }
  return {
    objects: (items ?? []).map((item) => withKind(item, kind)),
    resourceVersion: textOf(metadata["resourceVersion"]),
    next: textOf(metadata["continue"]),
  }
}

/** Items of a list come without `apiVersion` and `kind`. */
function withKind(item: unknown, { apiVersion, kind }: KindInfo): KubeObject {
  return { apiVersion, kind, ...(item as object) } as KubeObject
}
