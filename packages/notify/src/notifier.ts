import { messageOf, redactText, systemClock, type Clock, type KubeObject } from "@gitops-toolkit/kube"
import type { Channel } from "./channel.ts"
import { createDedupe } from "./delivery/dedupe.ts"
import {
  combineMetadata,
  notificationOf,
  withoutInternalMetadata,
  type AlertMetadata,
  type Notification,
  type ObservedEvent,
} from "./notification.ts"
import { memoryOutbox, type Outbox } from "./outbox.ts"
import { compileRule, type CompiledRule, type Rule } from "./rule.ts"

/** A channel with rules and metadata of its own. */
export interface Route extends AlertMetadata {
  readonly channel: Channel
  /** One of them must pass; absent or empty: everything but traces. */
  readonly rules?: readonly Rule[]
}

/** Options of `createNotifier`. */
export interface NotifierOptions {
  readonly channels: readonly (Channel | Route)[]
  /** Rules for all channels: one of them must pass, and one of the route's own. */
  readonly rules?: readonly Rule[]
  /** Default: `memoryOutbox()`, disposed with the notifier. */
  readonly outbox?: Outbox
  /** The same message to the same channel goes out once in this time, in milliseconds; default 300,000. 0: always. */
  readonly dedupeMs?: number
  /** Texts that must never go out; asked before every message. Well-known tokens are masked anyway. */
  readonly secrets?: () => readonly string[]
  /** Makes notifications of events; default `notificationOf`. `undefined` tells nobody. */
  readonly toNotification?: (event: ObservedEvent, object: KubeObject) => Notification | undefined
  /** Called for every message that was given up; default: one line on stderr. */
  readonly onFailure?: (failure: DeliveryFailure) => void
  readonly clock?: Clock
}

/** A message that was given up. */
export interface DeliveryFailure {
  readonly error: unknown
  readonly channel: string
  readonly notification: Notification
}

/** An observer of events that tells people. */
export interface Notifier extends AsyncDisposable {
  /** Resolves as soon as the messages are in the outbox; never rejects because of a channel. */
  (event: ObservedEvent, object: KubeObject): Promise<void>
  /** Sends a notification that is already made, through the same rules. */
  notify(notification: Notification, context?: { readonly labels?: { readonly [name: string]: string } }): void
  /** Resolves when nothing waits any more. */
  flush(): Promise<void>
}

/**
 * Tells people what happens: makes a notification of each event that deserves one, lets rules decide, masks secrets,
 * leaves out repetitions, and hands it to the outbox. A failed delivery lifts the repetition's mark, so the next one
 * is tried again.
 *
 * Throws `NotifyError` `InvalidConfig` for a broken rule.
 *
 * @example
 * const notifier = createNotifier({ channels: [slackChannel({ url })], rules: [{ severity: "error" }] })
 * await run({ cluster, controllers, observers: [notifier], signal })
 */
export function createNotifier(options: NotifierOptions): Notifier {
  const { outbox = memoryOutbox(), clock = systemClock, onFailure = printFailure } = options
  const { toNotification = notificationOf, dedupeMs = 300_000 } = options
  const common = compileRules(options.rules)
  const routes = options.channels.map((entry) => compileRoute(entry))
  const dedupe = createDedupe({ clock, windowMs: dedupeMs })

  const notify: Notifier["notify"] = (notification, context = {}) => {
    if (!passes(common, notification, context)) return
    const secrets = options.secrets?.() ?? []
    for (const { channel, rules, alert } of routes) {
      if (!passes(rules, notification, context)) continue
      const mark = dedupe.mark(channel, notification)
      if (mark === undefined) continue
      const message = prepare(notification, alert, secrets)
      void outbox.put(channel, message).then((delivery) => {
        if (delivery.outcome === "delivered") return
        mark.release()
        onFailure({ error: delivery.error, channel: channel.name, notification: message })
      })
    }
  }
  const observe = async (event: ObservedEvent, object: KubeObject): Promise<void> => {
    const notification = toNotification(event, object)
    if (notification) notify(notification, labelsOf(object))
  }
  const dispose = async (): Promise<void> => {
    if (options.outbox === undefined) await outbox[Symbol.asyncDispose]()
    await Promise.all(routes.map(({ channel }) => channel[Symbol.asyncDispose]()))
  }
  return Object.assign(observe, { notify, flush: () => outbox.flush(), [Symbol.asyncDispose]: dispose })
}

interface CompiledRoute {
  readonly channel: Channel
  readonly rules: readonly CompiledRule[]
  readonly alert: AlertMetadata
}

function compileRoute(entry: Channel | Route): CompiledRoute {
  if (!("channel" in entry)) return { channel: entry, rules: compileRules([]), alert: {} }
  const { channel, rules, ...alert } = entry
  return { channel, rules: compileRules(rules), alert }
}

function compileRules(rules: readonly Rule[] | undefined): CompiledRule[] {
  return (rules && rules.length > 0 ? rules : [{}]).map((rule) => compileRule(rule))
}

function passes(rules: readonly CompiledRule[], ...input: Parameters<CompiledRule>): boolean {
  return rules.some((rule) => rule(...input))
}

function labelsOf({ metadata }: KubeObject): { readonly labels?: { readonly [name: string]: string } } {
  return metadata.labels === undefined ? {} : { labels: metadata.labels }
}

// Longer messages are refused by most channels, and read by nobody.
const longestMessage = 30_000

function prepare(notification: Notification, alert: AlertMetadata, secrets: readonly string[]): Notification {
  const clean = (text: string): string => redactText(text, { secrets })
  const { metadata: _, ...rest } = notification
  const outgoing = withoutInternalMetadata(notification)
  const { metadata } = combineMetadata(outgoing === undefined ? rest : { ...rest, metadata: outgoing }, alert)
  const entries = Object.entries(metadata ?? {}).map(([key, value]) => [key, clean(value)])
  const message = clean(notification.message)
  const cut = message.length > longestMessage ? `${message.slice(0, longestMessage - 1)}…` : message
  return { ...rest, message: cut, ...(entries.length === 0 ? {} : { metadata: Object.fromEntries(entries) }) }
}

function printFailure({ error, channel, notification }: DeliveryFailure): void {
  const { kind = "", namespace = "", name = "" } = notification.involvedObject
  console.error(
    redactText(`notification about ${kind}/${namespace}/${name} not delivered to ${channel}: ${messageOf(error)}`),
  )
}
