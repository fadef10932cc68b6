import { expect, test } from "vitest"
import { createProbes } from "../probes.ts"
import { listen } from "./serve.ts"

test("serves probes over HTTP, until it is closed", async () => {
  const server = await listen(createProbes({ metrics: () => "m 1\n" }), { port: 0, host: "127.0.0.1" })
  const url = `http://127.0.0.1:${server.port}`
  const ask = async (path: string, options: RequestInit = {}): Promise<string> => {
    const answer = await fetch(`${url}${path}`, options)
    return `${answer.status} ${await answer.text()}`
  }
  expect(await ask("/readyz")).toBe("200 ok")
  expect(await ask("/metrics?x=1")).toBe("200 m 1\n")
  expect(await ask("/healthz", { method: "HEAD" })).toBe("200 ")
  expect(await ask("/healthz", { method: "POST", body: "x" })).toBe("405 method not allowed")
  await expect(listen(createProbes(), { port: server.port, host: "127.0.0.1" })).rejects.toThrow("EADDRINUSE")
  await server.close()
  await expect(ask("/healthz")).rejects.toThrow()
})
