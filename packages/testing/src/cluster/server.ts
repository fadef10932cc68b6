import { randomUUID } from "node:crypto"
import type { Transport, TransportRequest, TransportResponse } from "@gitops-toolkit/http"
import type { Clock } from "@gitops-toolkit/kube"
import { messageOf } from "@gitops-toolkit/kube"
import type { TokenUser } from "../control-plane/api-server.ts"
import { TestingError } from "../error.ts"
import { type Answer, answerOf, internalError } from "./answer.ts"
import { startControllers } from "./controllers/index.ts"
import { type Call, headersOf, queryOf, segmentsOf, type User } from "./wire/request.ts"
import { createRegistry } from "./resource.ts"
import { admit } from "./serve/access/admit.ts"
import { respond, textResponse } from "./serve/respond.ts"
import { type Route, routeOf, serveRoute } from "./serve/route.ts"
import { type LoggedRequest, type ServerState, timestampOf, uidFrom } from "./state.ts"
import { Store } from "./store.ts"
import { readYaml } from "./wire/yaml.ts"
import type { AutoReady } from "./workloads/options.ts"

/** What an API server is made with. */
export interface ServerOptions {
  readonly clock: Clock
  readonly random?: (() => number) | undefined
  readonly controllers: boolean
  readonly autoReady: AutoReady | undefined
  readonly users: readonly TokenUser[]
  readonly history: number
  readonly onRequest: (request: LoggedRequest) => void
}

/** An API server: its state, and the function that answers requests. */
export interface ApiServer {
  readonly state: ServerState
  readonly serve: Transport
  /** What a request is about. */
  subjectOf(request: TransportRequest): Pick<Route, "target" | "verb">
  /** Ends watches and controllers. */
  close(): void
}

/** Makes an API server over an empty store with the namespaces that every cluster has. */
export function createServer(options: ServerOptions): ApiServer {
  const { clock, random } = options
  const state: ServerState = {
    store: new Store(options.history),
    registry: createRegistry(),
    clock,
    random: random ?? Math.random,
    timestamp: timestampOf(clock),
    newUid: random ? () => uidFrom(random) : randomUUID,
    controllers: options.controllers,
    autoReady: options.autoReady,
    users: options.users,
  }
  const closing = new AbortController()
  const stop = startControllers(state)
  return {
    state,
    serve: (request) => serve(state, request, { options, closing: closing.signal }),
    subjectOf: (request) => routeOf(state, callOf(request, closing.signal)),
    close: () => {
      stop()
      closing.abort(new TestingError("ServerClosed", "the cluster was closed"))
    },
  }
}

interface Serving {
  readonly options: ServerOptions
  readonly closing: AbortSignal
}

async function serve(
  state: ServerState,
  request: TransportRequest,
  { options, closing }: Serving,
): Promise<TransportResponse> {
  if (closing.aborted) throw new TestingError("ServerClosed", "the cluster was closed")
  const call = callOf(request, closing)
  const route = routeOf(state, call)
  let answer: Answer
  try {
    call.user = admit(state, call, route)
    answer = isReadable(call) ? serveRoute(state, call, { route, readYaml }) : malformed
  } catch (error) {
    answer = answerOf(error) ?? answerOf(internalError(messageOf(error)))!
  }
  let response: TransportResponse
  try {
    response = respond(state, call, { answer, route })
  } catch (error) {
    const refused = answerOf(error)
    if (!refused) throw error
    response = textResponse(call, refused)
  }
  options.onRequest({
    method: call.method,
    path: call.path,
    verb: route.target ? route.verb : "",
    status: response.status,
  })
  return response
}

/** What Go's HTTP server answers when it cannot read the path. */
const malformed: Answer = { status: 400, text: "400 Bad Request", contentType: "text/plain; charset=utf-8" }

function isReadable({ path }: Call): boolean {
  return !path.includes("%") || segmentsOf(path) !== undefined
}

const nobody: User = { name: "", groups: [] }

function callOf(request: TransportRequest, closing: AbortSignal): Call & { user: User } {
  return {
    method: request.method,
    path: request.path,
    query: queryOf(request.query),
    headers: headersOf(request),
    body: request.body,
    signal: () => (request.signal ? AbortSignal.any([request.signal, closing]) : closing),
    user: nobody,
    warnings: [],
  }
}
