import { redactText, retry, systemClock, messageOf, type Backoff, type Clock } from "@gitops-toolkit/kube"
import type { Channel } from "./channel.ts"
import { NotifyError } from "./error.ts"
import type { Notification } from "./notification.ts"

/** What became of a message. */
export type Delivery =
  | { readonly outcome: "delivered"; readonly attempts: number }
  | { readonly outcome: "failed"; readonly error: unknown }

/** Holds messages until they are delivered. */
export interface Outbox extends AsyncDisposable {
  /**
   * Takes a message for a channel; resolves, and never rejects, when it was delivered or given up. Messages of one
   * channel go out in order, one at a time.
   */
  put(channel: Channel, notification: Notification): Promise<Delivery>
  /** Resolves when nothing waits any more. */
  flush(): Promise<void>
}

/** Options of `memoryOutbox`. */
export interface OutboxOptions extends Backoff {
  /** Messages that may wait for one channel; the newest beyond it are given up with `OutboxFull`. Default 1,000. */
  readonly capacity?: number
  /** Tries of each message; default 5. Delays begin at 2 s and double up to 30 s, as Flux's; `Retry-After` counts. */
  readonly attempts?: number
  readonly clock?: Clock
  readonly random?: () => number
}

interface Waiting {
  readonly notification: Notification
  readonly settle: (delivery: Delivery) => void
}

/**
 * An outbox in memory: bounded, retrying, in order for each channel. Messages are lost with the process. Disposing it
 * gives up what still waits.
 *
 * @example
 * await using outbox = memoryOutbox({ capacity: 100 })
 */
export function memoryOutbox(options: OutboxOptions = {}): Outbox {
  const { capacity = 1000 } = options
  const queues = new Map<Channel, Waiting[]>()
  const running = new Map<Channel, Promise<void>>()
  const stop = new AbortController()
  const drain = async (channel: Channel, queue: Waiting[]): Promise<void> => {
    for (let next = queue[0]; next !== undefined; next = queue[0]) {
      next.settle(await deliver(channel, next.notification, { ...options, signal: stop.signal }))
      queue.shift()
    }
    running.delete(channel)
  }
  return {
    put(channel, notification) {
      const queue = queues.get(channel) ?? []
      queues.set(channel, queue)
      if (stop.signal.aborted) return Promise.resolve(failedWith("the outbox was disposed", channel))
      if (queue.length >= capacity) return Promise.resolve(failedWith(`more than ${capacity} messages wait`, channel))
      return new Promise((settle) => {
        queue.push({ notification, settle })
        if (!running.has(channel)) running.set(channel, drain(channel, queue))
      })
    },
    async flush() {
      while (running.size > 0) await Promise.all(running.values())
    },
    async [Symbol.asyncDispose]() {
      stop.abort(new NotifyError("DeliveryFailed", "the outbox was disposed"))
      await this.flush()
    },
  }
}

function failedWith(why: string, { name }: Channel): Delivery {
  return { outcome: "failed", error: new NotifyError("OutboxFull", `${name}: ${why}`) }
}

async function deliver(
  channel: Channel,
  notification: Notification,
  options: OutboxOptions & { readonly signal: AbortSignal },
): Promise<Delivery> {
  const { attempts = 5, clock = systemClock, random = Math.random, signal, baseMs = 2000, maxMs = 30_000 } = options
  let tried = 0
  try {
    const send = (): Promise<void> => {
      tried++
      return channel.send(notification, { signal })
    }
    await retry(send, { ...options, attempts, clock, random, signal, baseMs, maxMs })
    return { outcome: "delivered", attempts: tried }
  } catch (cause) {
    const known = cause instanceof NotifyError
    const error = known ? cause : new NotifyError("DeliveryFailed", redactText(messageOf(cause)), { cause })
    return { outcome: "failed", error }
  }
}
