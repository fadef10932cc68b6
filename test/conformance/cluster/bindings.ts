/** What the placeholders of one case stand for so far. */
export interface Bindings {
  readonly values: ReadonlyMap<string, string>
  /** Binds a placeholder; false when its value does not fit with what is bound already. */
  bind(kind: string, number: string, value: string): boolean
  /** A copy to try with. */
  fork(): Bindings
  /** Takes over what a fork bound. */
  adopt(fork: Bindings): void
}

/** Placeholders and what they may stand for. */
export const placeholders: { readonly [kind: string]: string } = {
  microtime: String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z`,
  continue: "[A-Za-z0-9_=-]+",
  server: String.raw`\S+`,
  time: String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ`,
  hash: "[A-Za-z0-9_=-]+",
  port: String.raw`\d+`,
  uid: "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
  sfx: "[a-z0-9]{5}",
  lrv: String.raw`\d+`,
  age: String.raw`(?:<invalid>|(?:\d+[ydhms])+)`,
  any: "[^]*",
  ip: "[0-9a-f.:]+",
  rv: String.raw`[1-9]\d*`,
}

const unbound = new Set(["time", "microtime", "age", "server", "hash", "any"])

/** Bindings with nothing in them: the same placeholder, the same value; another, another; versions in their order. */
export function newBindings(from: Iterable<readonly [string, string]> = []): Bindings {
  let values = new Map(from)
  const fits = (kind: string, number: string, value: string): boolean => {
    if (kind === "lrv") return true
    for (const [other, bound] of values) {
      const [, otherKind, otherNumber] = /^([a-z]+)(\d+)$/.exec(other)!
      if (otherKind !== kind) continue
      if (bound === value) return false
      if (kind === "rv" && Number(otherNumber) < Number(number) !== BigInt(bound) < BigInt(value)) return false
    }
    return true
  }
  return {
    get values() {
      return values
    },
    bind(kind, number, value) {
      if (unbound.has(kind) || number === "") return true
      const known = values.get(kind + number)
      if (known !== undefined) return known === value
      if (!fits(kind, number, value)) return false
      values.set(kind + number, value)
      return true
    },
    fork: () => newBindings(values),
    adopt: (fork) => void (values = new Map(fork.values)),
  }
}
