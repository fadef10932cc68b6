import { finish } from "@gitops-toolkit/kube"
import { expect, test } from "vitest"
import { script, status, type Reply } from "../test/script.ts"
import { createClient } from "./index.ts"

const kind = { apiVersion: "v1", kind: "ConfigMap" }
const line = "GET /api/v1/configmaps"
const item = (name: string): object => ({ metadata: { name, namespace: "ns" } })
const page = (version: string, names: string, next = ""): Reply => ({
  body: {
    kind: "ConfigMapList",
    metadata: { resourceVersion: version, continue: next },
    items: names.split("").map(item),
  },
})
const expired = status(410, "Expired", { metadata: { continue: "inconsistent" } })

async function namesOf(
  replies: readonly Reply[],
): Promise<{ readonly all: string; readonly pages: string[]; readonly asked: string[] }> {
  const server = script({ [line]: replies })
  const pages: string[] = []
  const names = (objects: readonly { readonly metadata: { readonly name?: string } }[]): string =>
    objects.map(({ metadata }) => metadata.name).join("")
  const list = createClient({ transport: server.transport }).list(kind, { pageSize: 2 })
  const result = await finish(list, ({ objects }) => pages.push(names(objects)))
  return {
    all: `${names(result.objects)}@${result.resourceVersion}`,
    pages,
    asked: server.lines().map((asked) => asked.slice(line.length)),
  }
}

test("follows the pages to the end", async () => {
  expect(await namesOf([page("7", "ab", "t1"), page("7", "cd", "t2"), page("7", "e")])).toEqual({
    all: "abcde@7",
    pages: ["ab", "cd", "e"],
    asked: ["?limit=2", "?limit=2&continue=t1", "?limit=2&continue=t2"],
  })
})

test("begins anew when the server forgets the list, and holds nothing twice", async () => {
  expect(await namesOf([page("7", "ab", "t1"), expired, page("9", "bc", "t2"), page("9", "d")])).toEqual({
    all: "bcd@9",
    pages: ["ab", "bc", "d"],
    asked: ["?limit=2", "?limit=2&continue=t1", "?limit=2", "?limit=2&continue=t2"],
  })
})

test("asks for all in one piece when pages keep expiring", async () => {
  const forgetful = [page("7", "ab", "t1"), expired, page("8", "ab", "t1"), expired, page("9", "ab", "t1"), expired]
  const { all, asked } = await namesOf([...forgetful, page("10", "abc")])
  expect(all).toBe("abc@10")
  expect(asked.at(-1)).toBe("")
})

test("gives items the kind that lists leave out, and leaves fields alone", async () => {
  const server = script({
    [line]: { body: { metadata: { resourceVersion: "1" }, items: [{ metadata: { name: "a" }, data: { k: "v" } }] } },
  })
  const { objects } = await createClient({ transport: server.transport }).list(kind)
  expect(objects).toEqual([{ ...kind, metadata: { name: "a" }, data: { k: "v" } }])
})

test("sends selectors and a version with the first page only", async () => {
  const server = script({ "GET /api/v1/namespaces/ns/configmaps": [page("1", "a", "t"), page("1", "b")] })
  const options = { namespace: "ns", labelSelector: "app=web", fieldSelector: "metadata.name!=x", resourceVersion: "0" }
  await createClient({ transport: server.transport }).list(kind, options)
  const selectors = "labelSelector=app=web&fieldSelector=metadata.name!=x&limit=500"
  expect(server.lines().map((asked) => asked.split("?")[1])).toEqual([
    `${selectors}&resourceVersion=0`,
    `${selectors}&continue=t`,
  ])
})

test.each([
  ["items: null is an empty list", { body: { metadata: { resourceVersion: "1" }, items: null } }, "0"],
  ["no list is an error", { body: { items: [] } }, "InternalError"],
  ["forbidden is an error", status(403, "Forbidden"), "Forbidden"],
  ["a kind that is not served is an error", { status: 404, body: "404 page not found" }, "KindNotFound"],
])("%s", async (_, reply, expected) => {
  const server = script({ [line]: reply })
  const outcome = await createClient({ transport: server.transport })
    .list(kind)
    .then(
      ({ objects }) => String(objects.length),
      (error: { readonly code: string }) => error.code,
    )
  expect(outcome).toBe(expected)
})
