import { formatRef, printJson, refOf, type KubeObject } from "@gitops-toolkit/kube"
import type { ControllerEvent, Observer } from "../event.ts"

/** Where log lines go: a function of one line (without its end), or a stream such as `process.stderr`. */
export type LogTarget = ((line: string) => void) | { write(text: string): unknown }

/** Options of `logTo`. */
export interface LogOptions {
  /** The least important level that is written; default `info`. Begins of reconciles and bare progress are `debug`. */
  readonly level?: "debug" | "info" | "error"
}

const levels = { debug: 0, info: 1, error: 2 }

const quiet = new Set(["reconcile.started", "finalize.started", "reconcile.suspended", "watch.synced", "watch.stopped"])

/**
 * An observer that writes one JSON object a line: `ts`, `level`, `msg` (the event's type, so constant), `controller`,
 * `object`, `namespace`, `name`, `reconcileID`, then the event's own fields. Names follow controller-runtime's logs.
 *
 * @example
 * await run({ cluster, controllers, observers: [logTo(process.stderr)], signal })
 */
export function logTo(target: LogTarget, { level = "info" }: LogOptions = {}): Observer {
  const write = typeof target === "function" ? target : (line: string): void => void target.write(`${line}\n`)
  return (event, object) => {
    const own = levelOf(event)
    if (levels[own] >= levels[level]) write(printJson(lineOf(event, object, own)))
  }
}

function levelOf(event: ControllerEvent): "debug" | "info" | "error" {
  if (event["severity"] === "error") return "error"
  return quiet.has(event.type) ? "debug" : "info"
}

function lineOf(event: ControllerEvent, object: KubeObject, level: string): object {
  const { type, timestamp, controller, reconcileId, severity: _severity, queue: _queue, ...fields } = event
  const { namespace, name } = object.metadata
  return {
    ts: timestamp,
    level,
    msg: type,
    ...(controller === "" ? {} : { controller }),
    ...(name === undefined ? {} : { object: formatRef(refOf(object)), ...(namespace ? { namespace } : {}), name }),
    ...(reconcileId === undefined ? {} : { reconcileID: reconcileId }),
    ...fields,
  }
}
