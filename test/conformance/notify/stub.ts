import type { FetchOptions, Fetcher } from "@gitops-toolkit/http"
import type { Answer } from "./case.ts"

/** A request that a channel sent. */
export interface Sent {
  readonly method: string
  readonly url: URL
  readonly headers: { readonly [name: string]: string }
  readonly body: string
}

export const base = "http://stub.example"

/** A fetcher that answers from a list, in order (then 200 without a body), and remembers what it was sent. */
export function stubFetcher(answers: readonly Answer[]): { readonly fetcher: Fetcher; readonly sent: Sent[] } {
  const sent: Sent[] = []
  const fetcher = async (url: string | URL, options: FetchOptions = {}) => {
    const { method = "GET", headers = {}, body = "" } = options
    sent.push({ method, url: new URL(url), headers: headers as Sent["headers"], body: String(body) })
    const given = answers[sent.length - 1]
    const { status = 200 } = given ?? {}
    const text =
      given?.body === undefined ? "" : typeof given.body === "string" ? given.body : JSON.stringify(given.body)
    const bytes = new TextEncoder().encode(text)
    return {
      url: String(url),
      status,
      headers: {},
      body: (async function* () {
        yield bytes
      })(),
      bytes: () => Promise.resolve(bytes),
      text: () => Promise.resolve(text),
    }
  }
  return { fetcher: Object.assign(fetcher, { [Symbol.asyncDispose]: () => Promise.resolve() }), sent }
}
