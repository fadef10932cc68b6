import { laterTurn } from "../controllers/turn.ts"
import type { ServerState } from "../state.ts"
import { act } from "./act.ts"
import { concernedBy } from "./concerns.ts"
import type { AutoReady } from "./options.ts"
import { createRecorder, eventsIn } from "./record.ts"
import { steps } from "./steps/index.ts"
import type { Action } from "./step.ts"
import { createView, indexOwners } from "./view.ts"

/** One object that its controller is to look at. */
interface Work {
  readonly table: string
  readonly key: string
}

/**
 * Plays the workload controllers, the scheduler and the kubelets of two nodes: every change makes the controllers of
 * the objects it concerns look again, in a later turn, and do what their steps say. Returns what stops it; no timer
 * outlives that.
 */
export function playWorkloads(state: ServerState, settings: AutoReady): () => void {
  const owners = indexOwners(
    state,
    new Set(["pods", "replicasets.apps", "jobs.batch", "controllerrevisions.apps", "endpointslices.discovery.k8s.io"]),
  )
  const view = createView(state, owners, settings)
  const ending = new AbortController()
  const works = new Map<string, Work>()
  const queue = laterTurn((id: string) => {
    const work = works.get(id)
    works.delete(id)
    if (work) look(work)
  }, rethrow)
  const add = (table: string, key: string): void => {
    if (!steps.has(table)) return
    const id = `${table} ${key}`
    works.set(id, { table, key })
    queue.add(id)
  }
  const alarms = createAlarms(state, add, ending.signal)
  const look = ({ table, key }: Work): void => {
    for (const step of steps.get(table) ?? []) {
      const object = state.store.get(table, key)
      if (!object) return alarms.forget(table, key)
      carryOut(step(object, view), { table, key })
    }
  }
  const tell = createRecorder(eventsIn(state))
  const carryOut = (actions: readonly Action[], work: Work): void => {
    for (const action of actions) {
      if (action.type === "wake") alarms.set(work.table, work.key, action.atMs)
      else if (action.type === "tell") tell(action.notice)
      else {
        const { next = [], instead } = act(state, action)
        carryOut(instead ?? next, work)
        if (instead) return
      }
    }
  }
  const stop = state.store.subscribeAll((table, { key, object, previous, type }) => {
    if (type !== "DELETED") add(table, key)
    for (const [otherTable, otherKey] of concernedBy(table, [object, previous], view)) add(otherTable, otherKey)
  })
  return () => {
    stop()
    owners.stop()
    queue.stop()
    ending.abort(new Error("the cluster was closed"))
  }
}

/** An error that is no answer is a fault of a step: it must not vanish. */
function rethrow(error: unknown): void {
  queueMicrotask(() => {
    throw error
  })
}

interface Alarms {
  /** Looks again at `atMs`, unless an earlier look is due. */
  set(table: string, key: string, atMs: number): void
  forget(table: string, key: string): void
}

function createAlarms({ clock }: ServerState, ring: (table: string, key: string) => void, signal: AbortSignal): Alarms {
  const due = new Map<string, { readonly atMs: number; readonly ending: AbortController }>()
  const forget = (id: string): void => {
    due.get(id)?.ending.abort(stopped)
    due.delete(id)
  }
  const stopped = new Error("no longer waited for")
  return {
    set(table, key, atMs) {
      const id = `${table} ${key}`
      const known = due.get(id)
      if (signal.aborted || (known && known.atMs <= atMs)) return
      forget(id)
      const ending = new AbortController()
      due.set(id, { atMs, ending })
      const sleep = clock.sleep(Math.max(1, atMs - clock.now()), {
        signal: AbortSignal.any([signal, ending.signal]),
      })
      sleep.then(
        () => {
          due.delete(id)
          ring(table, key)
        },
        // Ended with the cluster, or for an earlier look.
        () => undefined,
      )
    },
    forget: (table, key) => forget(`${table} ${key}`),
  }
}
