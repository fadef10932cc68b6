import { KustomizeError } from "../error.ts"

/** The type of a value as SOPS tells them apart. */
export type ScalarType = "str" | "int" | "float" | "bool" | "time" | "null" | "comment"

/** A value with the bytes that the MAC sees: for a string its own (maybe no UTF-8), for others SOPS's canonical text. */
export interface Scalar {
  readonly type: ScalarType
  readonly bytes: Buffer
}

const scalar = (type: ScalarType, text: string): Scalar => ({ type, bytes: Buffer.from(text) })

/** What stands for nothing; the MAC leaves it out. */
export const nullScalar: Scalar = scalar("null", "")

/** A string. */
export const stringScalar = (text: string): Scalar => scalar("str", text)

/** An integer, as SOPS writes it. */
export const integerScalar = (value: number | bigint): Scalar => scalar("int", String(value))

/** A boolean: `True` and `False`, as SOPS's first version in Python wrote them. */
export const booleanScalar = (value: boolean): Scalar => scalar("bool", value ? "True" : "False")

/** A time in RFC 3339. */
export const timeScalar = (text: string): Scalar => scalar("time", text)

/** A number with a fraction, without an exponent, as Go's `FormatFloat(x, 'f', -1, 64)` writes it. */
export function floatScalar(value: number): Scalar {
  if (Number.isNaN(value)) return scalar("float", "NaN")
  if (!Number.isFinite(value)) return scalar("float", value < 0 ? "-Inf" : "+Inf")
  return scalar("float", Object.is(value, -0) ? "-0" : expandExponent(String(value)))
}

function expandExponent(text: string): string {
  const [, sign = "", first = "", rest = "", exponent] = /^(-?)(\d)(?:\.(\d+))?e([-+]\d+)$/.exec(text) ?? []
  if (exponent === undefined) return text
  const digits = first + rest
  const point = 1 + Number(exponent)
  if (point <= 0) return `${sign}0.${"0".repeat(-point)}${digits}`
  return (
    sign + (digits.length <= point ? digits.padEnd(point, "0") : `${digits.slice(0, point)}.${digits.slice(point)}`)
  )
}

const malformed = (type: string): never => {
  throw new KustomizeError("InvalidSops", `a decrypted value is no ${type}`)
}

const booleans: { readonly [text: string]: boolean } = Object.assign(Object.create(null) as object, {
  ...Object.fromEntries(["1", "t", "T", "TRUE", "true", "True"].map((text) => [text, true])),
  ...Object.fromEntries(["0", "f", "F", "FALSE", "false", "False"].map((text) => [text, false])),
})

const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[-+]\d\d:\d\d)$/
const float = /^[-+]?(?:\d{1,400}(?:\.\d{0,400})?|\.\d{1,400})(?:[eE][-+]?\d{1,4})?$/

const readers: { readonly [type: string]: (bytes: Buffer, text: string) => Scalar } = {
  str: (bytes) => ({ type: "str", bytes }),
  bytes: (bytes) => ({ type: "str", bytes }),
  comment: (bytes) => ({ type: "comment", bytes }),
  int: (_, text) =>
    /^[-+]?\d{1,20}$/.test(text) ? integerScalar(BigInt(text.replace(/^\+/, ""))) : malformed("integer"),
  float: (_, text) => (float.test(text) ? floatScalar(Number(text)) : malformed("number")),
  bool: (_, text) => (booleans[text] === undefined ? malformed("boolean") : booleanScalar(booleans[text])),
  time: (_, text) => (time.test(text) ? timeScalar(text) : malformed("time")),
}

/** The value of a type as an encrypted value names it. Throws `InvalidSops` for unknown types and unfit values. */
export function readScalar(type: string, bytes: Buffer): Scalar {
  if (!Object.hasOwn(readers, type)) throw new KustomizeError("InvalidSops", "an encrypted value has an unknown type")
  return readers[type]!(bytes, bytes.toString())
}

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true, fatal: true })

/** The text of a string; absent when it is no UTF-8. */
export function textOfScalar({ bytes }: Scalar): string | undefined {
  try {
    return utf8.decode(bytes)
  } catch {
    return undefined
  }
}
