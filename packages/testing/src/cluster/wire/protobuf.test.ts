import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { readProtobuf } from "./protobuf.ts"

/** A varint. */
function varint(value: number | bigint): number[] {
  const bytes: number[] = []
  let rest = BigInt.asUintN(64, BigInt(value))
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128)
  return [...bytes, Number(rest)]
}

type Part = readonly [number: number, value: number | bigint | string | readonly number[]]

/** A message: numbers as varints, texts and other messages with their length. */
function message(...parts: readonly Part[]): number[] {
  return parts.flatMap(([number, value]) => {
    if (typeof value === "number" || typeof value === "bigint") return [...varint(number * 8), ...varint(value)]
    const bytes = typeof value === "string" ? [...Buffer.from(value)] : value
    return [...varint(number * 8 + 2), ...varint(bytes.length), ...bytes]
  })
}

function envelope(apiVersion: string, kind: string, ...parts: readonly Part[]): Uint8Array {
  const type = message([1, apiVersion], [2, kind])
  return Uint8Array.from([...Buffer.from("k8s\0"), ...message([1, type], [2, message(...parts)], [3, ""], [4, ""])])
}

describe("readProtobuf", () => {
  test("a ConfigMap: what is empty is left out, what is pointed to stays", () => {
    const metadata = message([1, "a"], [2, ""], [3, "default"], [7, 0], [8, []], [11, message([1, "app"], [2, "web"])])
    const bytes = envelope("v1", "ConfigMap", [1, metadata], [2, message([1, "k"], [2, ""])], [4, 0])
    expect(readProtobuf(bytes)).toEqual({
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "a", namespace: "default", labels: { app: "web" } },
      data: { k: "" },
      immutable: false,
    })
  })

  test("numbers, either-ors, amounts, bytes, times and embedded structs", () => {
    const port = message([1, "http"], [3, 80], [4, message([1, 1], [3, "web"])])
    const service = envelope("v1", "Service", [2, message([1, port], [1, message([3, 81], [4, message([2, 8081])])])])
    expect(readProtobuf(service)).toMatchObject({
      spec: {
        ports: [
          { name: "http", port: 80, targetPort: "web" },
          { port: 81, targetPort: 8081 },
        ],
      },
    })
    const selector = message([1, message([1, "settings"])], [2, "k"])
    const env = message([1, "E"], [3, message([3, selector])])
    const limits = message([1, "cpu"], [2, message([1, "500m"])])
    const container = message([1, "c"], [7, env], [8, message([1, limits])])
    const pod = envelope("v1", "Pod", [1, message([8, message([1, 1_700_000_000])])], [2, message([2, container])])
    expect(readProtobuf(pod)).toMatchObject({
      metadata: { creationTimestamp: "2023-11-14T22:13:20Z" },
      spec: {
        containers: [
          {
            name: "c",
            env: [{ name: "E", valueFrom: { configMapKeyRef: { name: "settings", key: "k" } } }],
            resources: { limits: { cpu: "500m" } },
          },
        ],
      },
    })
    const secret = envelope("v1", "Secret", [2, message([1, "k"], [2, [0xff, 0]])])
    expect(readProtobuf(secret)).toMatchObject({ data: { k: "/wA=" } })
    const lease = message([3, message([1, -1n], [2, 5000])])
    expect(readProtobuf(envelope("coordination.k8s.io/v1", "Lease", [2, lease]))).toMatchObject({
      spec: { acquireTime: "1969-12-31T23:59:59.000005Z" },
    })
  })

  test("a key named __proto__ is a key", () => {
    const read = readProtobuf(envelope("v1", "ConfigMap", [2, message([1, "__proto__"], [2, "x"])])) as { data: object }
    expect(Object.keys(read.data)).toEqual(["__proto__"])
    expect(Object.getPrototypeOf(read.data)).toBe(Object.prototype)
  })

  test.each([
    ["no magic number", Uint8Array.from([1, 2, 3])],
    ["an unknown kind", envelope("example.com/v1", "Widget")],
    [
      "a length beyond the end",
      envelope("v1", "ConfigMap")
        .slice(0, -3)
        .map((byte, i) => (i === 5 ? 100 : byte)),
    ],
    ["a text where a message is", envelope("v1", "ConfigMap", [1, 7])],
  ])("refuses %s", (_, bytes) => {
    expect(() => readProtobuf(bytes)).toThrow(/no protobuf of a known kind/)
  })

  test("ends on any bytes", () => {
    const bytes = fc.uint8Array({ maxLength: 200 })
    fc.assert(
      fc.property(bytes, (raw) => {
        const body = Uint8Array.from([...envelope("v1", "Pod"), ...message([2, [...raw]])])
        try {
          readProtobuf(body)
        } catch (error) {
          expect(error).toBeInstanceOf(Error)
          expect(error).not.toBeInstanceOf(RangeError)
        }
      }),
      { numRuns: 500 },
    )
  })
})
