import type { Clock } from "@gitops-toolkit/kube"
import { groupOf } from "@gitops-toolkit/kube"
import type { Channel } from "../channel.ts"
import type { Notification } from "../notification.ts"

/** Remembers what was sent lately. */
export interface Dedupe {
  /** Marks a message as sent; `undefined` when it already is. */
  mark(channel: Channel, notification: Notification): { release(): void } | undefined
}

const mostKeys = 10_000

/** A memory of messages for `windowMs` each, at most 10,000 of them; the oldest go first. */
export function createDedupe({ clock, windowMs }: { readonly clock: Clock; readonly windowMs: number }): Dedupe {
  const sent = new Map<string, number>()
  const ids = new Map<Channel, number>()
  const idOf = (channel: Channel): number => {
    const id = ids.get(channel) ?? ids.size
    ids.set(channel, id)
    return id
  }
  return {
    mark(channel, notification) {
      const now = clock.now()
      for (const [key, at] of sent) {
        if (now - at < windowMs && sent.size < mostKeys) break
        sent.delete(key)
      }
      const key = `${idOf(channel)} ${keyOfMessage(notification)}`
      if (sent.has(key)) return undefined
      if (windowMs > 0) sent.set(key, now)
      return { release: () => void sent.delete(key) }
    },
  }
}

// Flux's key, but for durations, which would make every message new.
function keyOfMessage(notification: Notification): string {
  const { involvedObject, severity, reason, message, metadata = {} } = notification
  const group = groupOf(involvedObject.apiVersion ?? "")
  const valueOf = (key: string): string => metadata[`${group}/${key}`] ?? metadata[key] ?? ""
  const { kind = "", namespace = "", name = "", uid = "" } = involvedObject
  const revisions = [valueOf("originRevision"), valueOf("revision"), valueOf("token")]
  const text = message.replace(/\b(?:\d+(?:\.\d+)?(?:h|ms|m|s|µs|ns))+\b/g, "0s")
  return JSON.stringify([kind, namespace, name, uid, severity, reason, text, ...revisions])
}
