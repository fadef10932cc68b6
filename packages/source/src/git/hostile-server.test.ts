import { createGitServer } from "@gitops-toolkit/testing"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { createGit, isSourceError, type GitFetchOptions } from "../index.ts"

/** A server whose every answer is changed by `change`, and what a fetch from it comes to. */
async function outcome(
  change: (body: Buffer, request: number) => Buffer,
  options: Partial<GitFetchOptions> & { readonly protocol?: 0 | 1 | 2 } = {},
): Promise<string> {
  const { protocol = 2, ...fetch } = options
  const honest = createGitServer(
    { tags: { "v1.0.0": { "a/b.yaml": "a: 1\n" }, "v1.1.0": { "a/b.yaml": "a: 2\n" } } },
    { protocol },
  )
  let count = 0
  const server = createGitServer(
    {},
    {
      intercept: async (request) => {
        const answer = await honest.fetch(request.clone())
        const body = change(Buffer.from(await answer.arrayBuffer()), count++)
        return new Response(new Uint8Array(body), { status: answer.status, headers: answer.headers })
      },
    },
  )
  const git = createGit({ transport: () => server.transport })
  try {
    const artifact = await git.fetch({ url: honest.url, ref: { semver: "1.x" }, ...fetch })
    return Buffer.from(await artifact.files.read("a/b.yaml")).toString()
  } catch (error) {
    return isSourceError(error) ? error.code : `${String(error)} ${(error as Error).stack}`
  }
}

const codes = [
  "AuthenticationFailed",
  "InvalidPack",
  "InvalidResponse",
  "LimitExceeded",
  "ReferenceNotFound",
  "RepositoryNotFound",
  "Unreachable",
  "Unsupported",
]

describe("a server that does not mean well", () => {
  it.each([0, 2] as const)(
    "gets no further than a typed error, whatever byte of protocol %i it changes",
    async (protocol) => {
      const edit = fc.record({ request: fc.nat(2), at: fc.nat(), to: fc.nat(255), cut: fc.integer({ min: 0, max: 9 }) })
      await fc.assert(
        fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 4 }), async (edits) => {
          const found = await outcome(
            (body, request) => {
              const changed = Buffer.from(body)
              let length = changed.length
              for (const { at, to, cut } of edits.filter((one) => one.request === request && length > 0)) {
                changed[at % length] = to
                if (cut === 0) length = at % length
              }
              return changed.subarray(0, length)
            },
            { protocol, timeoutMs: 5000 },
          )
          // What arrives is one of the two released states, byte for byte, or nothing.
          expect(["a: 1\n", "a: 2\n", ...codes]).toContain(found)
        }),
        { numRuns: 150 },
      )
    },
  )

  it.each([
    ["nothing at all", Buffer.alloc(0), "InvalidResponse"],
    ["a length that is none", Buffer.from("zzzz"), "InvalidResponse"],
    ["a packet of three bytes", Buffer.from("0003"), "InvalidResponse"],
    ["a packet that is cut off", Buffer.from("00ffabc"), "InvalidResponse"],
    ["an error that names no repository", Buffer.from("001fERR repository not found\n\n\n"), "RepositoryNotFound"],
  ])("sends %s", async (_, bytes, code) => {
    expect(await outcome(() => bytes)).toBe(code)
  })

  it.each([0, 2] as const)(
    "never passes a list of refs that is cut off for a complete one (protocol %i)",
    async (protocol) => {
      const lists = new Set<string>()
      for (let packets = 0; packets < 12; packets++) {
        const cut = (body: Buffer): Buffer => {
          let at = 0
          for (let i = 0; i < packets && at < body.length; i++) {
            at += Math.max(4, Number.parseInt(body.toString("latin1", at, at + 4), 16))
          }
          return body.subarray(0, at)
        }
        lists.add(
          await outcome((body, request) => (request === (protocol === 0 ? 0 : 1) ? cut(body) : body), { protocol }),
        )
      }
      expect([...lists].toSorted()).toEqual(["InvalidResponse", "a: 2\n"])
    },
  )

  it("sends more than is allowed", async () => {
    expect(await outcome((body) => body, { limits: { refBytes: 100 } })).toBe("LimitExceeded")
    expect(await outcome((body) => body, { limits: { packBytes: 100 } })).toBe("LimitExceeded")
    expect(await outcome((body) => body, { limits: { objects: 1 } })).toBe("LimitExceeded")
    expect(await outcome((body) => body, { limits: { objectBytes: 3 } })).toBe("LimitExceeded")
    expect(await outcome((body) => body, { limits: { entries: 1 } })).toBe("LimitExceeded")
    expect(await outcome((body) => body, { limits: { treeDepth: 0 } })).toBe("LimitExceeded")
  })

  it("sends control characters to the terminal", async () => {
    const server = createGitServer(
      {},
      {
        intercept: () => {
          const headers = { "content-type": "application/x-git-upload-pack-advertisement" }
          const line = "ERR \u001b[31mred\u0007 and\nmore"
          return new Response((line.length + 4).toString(16).padStart(4, "0") + line, { headers })
        },
      },
    )
    const work = createGit({ transport: () => server.transport }).fetch({ url: server.url })
    const message = await work.then(
      () => "",
      (error: Error) => error.message,
    )
    expect(message).toContain("red")
    expect(message).not.toMatch(/[\u0000-\u001f]/)
  })
})
