// Reading and printing YAML beside the library `yaml`: a megabyte of workloads, and one of a CRD's long descriptions.
import { parseYamlDocuments, printManifests } from "@gitops-toolkit/kube/manifest"
import type { KubeObject } from "@gitops-toolkit/kube"
import { parseAllDocuments, stringify } from "yaml"
import type { Figure } from "./figure.ts"

export default async function* bench(): AsyncIterable<Figure> {
  for (const [name, text] of [
    ["workloads", workloads(1_000_000)],
    ["schemas", schemas(1_000_000)],
  ] as const) {
    const objects = parseYamlDocuments(text).map(({ value }) => value as KubeObject)
    const rate = (milliseconds: number): number => text.length / 1000 / milliseconds
    const ours = rate(fastest(8, () => parseYamlDocuments(text, { profile: "kustomize" })))
    const peer = rate(fastest(2, () => parseAllDocuments(text).map((document) => document.toJS() as unknown)))
    yield { name: `yaml-read-${name}`, unit: "MB/s", ours, peer, better: "higher", goal: 20 }
    const printed = rate(fastest(8, () => printManifests(objects)))
    const theirs = rate(fastest(2, () => objects.map((object) => stringify(object, { aliasDuplicateObjects: false }))))
    yield { name: `yaml-print-${name}`, unit: "MB/s", ours: printed, peer: theirs, better: "higher", goal: 5 }
  }
}

function fastest(rounds: number, work: () => unknown): number {
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < rounds; round++) {
    const start = performance.now()
    work()
    best = Math.min(best, performance.now() - start)
  }
  return best
}

function workloads(size: number): string {
  let text = ""
  for (let index = 0; text.length < size; index++) text += workload(`web-${index}`, index)
  return text
}

function workload(name: string, index: number): string {
  return `---
# the ${name} of team ${index % 7}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
  namespace: team-${index % 7}
  labels: {app.kubernetes.io/name: ${name}, app.kubernetes.io/part-of: "shop"}
  annotations:
    prometheus.io/scrape: "true"
    note: 'it''s number ${index}'
spec:
  replicas: ${index % 5}
  selector:
    matchLabels:
      app.kubernetes.io/name: ${name}
  template:
    spec:
      containers:
      - name: ${name}
        image: registry.example.com/shop/${name}:v1.${index}.0   # pinned
        args: ["--port=8080", "--log-level", info]
        env:
        - name: MODE
          value: production
        - {name: LIMIT, value: "1000"}
        ports:
        - containerPort: 8080
        resources:
          limits:
            cpu: 500m
            memory: 128Mi
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: ${name}
data:
  app.properties: |
    name=${name}
    url=https://example.com/${index}?a=b

    # not a comment
    retries=3
`
}

function schemas(size: number): string {
  let text =
    "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata:\n  name: things.example.com\nspec:\n  properties:\n"
  for (let index = 0; text.length < size; index++) {
    text += `    field${index}:
      description: |-
        Field number ${index} holds what the controller has to know about the thing.
        More: https://example.com/docs#field${index}
      properties:
        inner:
          description: The inner one says, in more words than one line has room
            for, what is meant by the outer one.
          type: string
        items:
          type: array
          items: {type: integer, format: int64}
      type: object
      x-kubernetes-preserve-unknown-fields: true
`
  }
  return text
}
