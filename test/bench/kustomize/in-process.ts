import { build, createBuilder } from "@gitops-toolkit/kustomize"
import { memoryFiles } from "@gitops-toolkit/source"
import type { Figure } from "../figure.ts"

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!

async function timed(action: () => Promise<unknown>): Promise<number> {
  const started = performance.now()
  await action()
  return performance.now() - started
}

const object = (i: number, value: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c-${i}\n  labels:\n    app: a\ndata:\n  key: ${value}\n`

const overlays = Array.from({ length: 200 }, (_, i) => `o-${i}`)

function record(): { [path: string]: string } {
  const names = Array.from({ length: 1000 }, (_, i) => `c-${i}.yaml`)
  const content: { [path: string]: string } = {
    "base/kustomization.yaml": `resources:\n${names.map((name) => `- ${name}\n`).join("")}`,
  }
  for (const [i, name] of names.entries()) content[`base/${name}`] = object(i, "v")
  for (const overlay of overlays)
    content[`${overlay}/kustomization.yaml`] = `resources: [../base]\nnamePrefix: ${overlay}-\n`
  return content
}

/** What only a library can do: build again after a change, and many overlays of one base. Both once they are compiled. */
export async function* inProcess(): AsyncGenerator<Figure> {
  const content = record()
  const builder = createBuilder()
  const rebuilds: number[] = []
  for (let round = 0; round < 200; round++) {
    content["base/c-7.yaml"] = object(7, `v${round}`)
    const files = memoryFiles(content)
    rebuilds.push(await timed(() => builder.build(files, "base")))
  }
  const rebuild = median(rebuilds.slice(100))
  yield { name: "rebuild after one changed file of 1000", unit: "ms", ours: rebuild, better: "lower", goal: 5 }
  const files = memoryFiles(content)
  const few = overlays.slice(0, 20)
  const cold = (): Promise<number> =>
    timed(async () => {
      for (const overlay of few) await build(files, overlay)
    })
  const warm = (): Promise<number> =>
    timed(async () => {
      for (const overlay of overlays) await builder.build(files, overlay)
    })
  await cold()
  await warm()
  const [peer, ours] = [(await cold()) * 10, await warm()]
  const name = "200 overlays of one base of 1000, beside 200 cold builds"
  yield { name, unit: "ms", ours, peer, better: "lower", goal: 0.1 }
}
