import { expect, test } from "vitest"
import { echo, listen, startProxy } from "../test/loopback.ts"
import { createFetcher, createHttpTransport, environmentProxy, publicAddressesOnly, readText } from "./index.ts"

const env = { HTTPS_PROXY: "http://secure:3128", http_proxy: "plain:8080" }

test.each([
  ["https://example.com", "", "http://secure:3128"],
  ["http://example.com", "", "http://plain:8080"],
  ["ftp://example.com", "", undefined],
  ["https://localhost", "", undefined],
  ["https://127.1.2.3", "", undefined],
  ["https://[::1]:6443", "", undefined],
  ["https://example.com", "*", undefined],
  ["https://example.com", "other.com, example.com", undefined],
  ["https://a.example.com", "example.com", undefined],
  ["https://EXAMPLE.com", "Example.COM", undefined],
  ["https://notexample.com", "example.com", "http://secure:3128"],
  ["https://example.com", ".example.com", "http://secure:3128"],
  ["https://a.example.com", ".example.com", undefined],
  ["https://a.example.com", "*.example.com", undefined],
  ["https://example.com", "*.example.com", "http://secure:3128"],
  ["https://example.com:8443", "example.com:443", "http://secure:3128"],
  ["https://example.com", "example.com:443", undefined],
  ["https://10.1.2.3", "10.0.0.0/8", undefined],
  ["https://11.1.2.3", "10.0.0.0/8", "http://secure:3128"],
  ["https://10.1.2.3:6443", "10.1.2.3", undefined],
  ["https://10.1.2.3:6443", "10.1.2.3:443", "http://secure:3128"],
  ["https://[fd00::1]", "fd00::/8", undefined],
  ["https://[fd00::1]:6443", "[fd00::1]:6443", undefined],
  ["https://[fd00::2]", "fd00::1", "http://secure:3128"],
  ["https://example.com", "10.0.0.0/99,/,::,:443", "http://secure:3128"],
])("%s with NO_PROXY=%j goes through %s", (url, NO_PROXY, proxy) => {
  expect(environmentProxy({ ...env, NO_PROXY })(new URL(url))).toBe(proxy)
})

test("nothing set, nothing used; a CGI program does not trust HTTP_PROXY", () => {
  expect(environmentProxy({})(new URL("https://example.com"))).toBeUndefined()
  expect(environmentProxy({ HTTP_PROXY: "x", REQUEST_METHOD: "GET" })(new URL("http://example.com"))).toBeUndefined()
})

test("a transport goes through its proxy, with user name, password and array headers", async () => {
  await using server = await listen(echo)
  await using proxy = await startProxy()
  await using transport = createHttpTransport({ url: server.url, proxy: proxy.url.replace("//", "//me:p%40ss@") })
  const headers = { "impersonate-group": ["a", "b"] }
  for (const stream of [false, true]) {
    const response = await transport({ method: "GET", path: "/x", headers, stream })
    const text = await readText(response.body)
    expect(text).toContain('["impersonate-group","a"],["impersonate-group","b"]')
    expect(text).not.toMatch(/proxy-authorization/i)
  }
  expect(proxy.asked).toEqual([`GET ${server.url}/x`, `GET ${server.url}/x`])
  expect(proxy.logins[0]).toBe(`Basic ${Buffer.from("me:p@ss").toString("base64")}`)
})

test("a fetcher asks the proxy of each URL, and still checks literal addresses", async () => {
  await using server = await listen(echo)
  await using proxy = await startProxy()
  await using fetcher = createFetcher({ proxy: (url) => (url.pathname === "/far" ? proxy.url : undefined) })
  expect((await fetcher(`${server.url}/near`)).status).toBe(200)
  expect((await fetcher(`${server.url}/far`)).status).toBe(200)
  expect(proxy.asked).toEqual([`GET ${server.url}/far`])
  await using careful = createFetcher({ proxy: () => proxy.url, egress: publicAddressesOnly() })
  await expect(careful(server.url)).rejects.toMatchObject({ code: "EgressDenied" })
})

test("what is no proxy is refused without being quoted", async () => {
  const proxy = "gopher://user:hunter2@proxy"
  expect(() => createHttpTransport({ url: "http://x", proxy })).toThrow(/InvalidRequest.*no http/)
  const error = await createFetcher({ proxy: () => proxy })("http://x").catch(String)
  expect(error).toContain("InvalidRequest")
  expect(error).not.toContain("hunter2")
})
