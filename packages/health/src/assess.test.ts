import type { KubeObject } from "@gitops-toolkit/kube"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { parse } from "yaml"
import { assess } from "./assess.ts"
import { healthConditions, writeHealthConditions } from "./conditions.ts"
import { current } from "./health.ts"
import { defineRule } from "./rule.ts"
import { completedJob } from "./rules/job.ts"
import { summarize } from "./summarize.ts"

const object = (text: string): KubeObject => parse(text) as KubeObject
const now = Date.parse("2026-01-01T00:01:00Z")
const verdict = (text: string): string => {
  const { status, reason } = assess(object(text), [], { now })
  return reason ? `${status} ${reason}` : status
}

const workload = (kind: string, spec: string, status: string): string =>
  `{ apiVersion: apps/v1, kind: ${kind}, metadata: { name: a, generation: 1 }, spec: ${spec}, status: ${status} }`
const job = (spec: string, status: string): string =>
  `{ apiVersion: batch/v1, kind: Job, metadata: { name: a }, spec: ${spec}, status: ${status} }`
const pod = (status: string): string =>
  `{ apiVersion: v1, kind: Pod, metadata: { name: a, creationTimestamp: "2026-01-01T00:00:00Z" }, status: ${status} }`
const any = (kind: string, rest: string): string => `{ kind: ${kind}, metadata: { name: a, generation: 2 }, ${rest} }`
const thing = (status: string): string => any("Thing", `apiVersion: x.io/v1, status: ${status}`)

describe("assess", () => {
  test.each([
    ["no rule, no status", thing("{}"), "Current"],
    ["being deleted", "{ apiVersion: v1, kind: Pod, metadata: { deletionTimestamp: x } }", "Terminating"],
    ["generation not seen", thing("{ observedGeneration: 1 }"), "InProgress LatestGenerationNotObserved"],
    ["generation of the future", thing("{ observedGeneration: 3 }"), "InProgress LatestGenerationNotObserved"],
    ["generation is text", thing('{ observedGeneration: "2" }'), "Unknown InvalidGeneration"],
    ["reconciling", thing("{ conditions: [{ type: Reconciling, status: 'True', reason: R }] }"), "InProgress R"],
    [
      "the first of the two decides",
      thing("{ conditions: [{ type: Stalled, status: 'True', reason: S }, { type: Reconciling, status: 'True' }] }"),
      "Failed S",
    ],
    ["ready", thing("{ conditions: [{ type: Ready, status: 'True' }] }"), "Current"],
    ["not ready", thing("{ conditions: [{ type: Ready, status: 'False', reason: N }] }"), "InProgress N"],
    ["a strange readiness is passed over", thing("{ conditions: [{ type: Ready, status: Maybe }] }"), "Current"],
    ["hostile conditions", thing("{ conditions: [null, 1, { type: 7 }, [] ] }"), "Current"],
    ["conditions that are no list", thing("{ conditions: broken }"), "Unknown InvalidConditions"],
    ["hostile status", thing("[]"), "Current"],
    ["deployment, nothing yet", workload("Deployment", "{}", "{}"), "InProgress LessReplicas"],
    [
      "deployment, deadline missed",
      workload("Deployment", "{}", "{ conditions: [{ type: Progressing, reason: ProgressDeadlineExceeded }] }"),
      "Failed ProgressDeadlineExceeded",
    ],
    [
      "deployment, scaled to zero, not available",
      workload("Deployment", "{ replicas: 0 }", "{}"),
      "InProgress DeploymentNotAvailable",
    ],
    [
      "deployment, old pods left",
      workload("Deployment", "{ replicas: 1 }", "{ replicas: 2, updatedReplicas: 1 }"),
      "InProgress ExtraPods",
    ],
    [
      "replica counts as text count as absent",
      workload("Deployment", '{ replicas: "9" }', "{ replicas: 1 }"),
      "InProgress LessUpdated",
    ],
    ["stateful set, on delete", workload("StatefulSet", "{ updateStrategy: { type: OnDelete } }", "{}"), "Current"],
    [
      "stateful set, partition 0 counts as set",
      workload(
        "StatefulSet",
        "{ updateStrategy: { rollingUpdate: { partition: 0 } } }",
        "{ replicas: 1, readyReplicas: 1 }",
      ),
      "InProgress PartitionRollout",
    ],
    [
      "stateful set, two revisions",
      workload(
        "StatefulSet",
        "{}",
        "{ replicas: 1, readyReplicas: 1, currentReplicas: 1, currentRevision: a, updateRevision: b }",
      ),
      "InProgress RevisionMismatch",
    ],
    ["daemon set, not seen", workload("DaemonSet", "{}", "{}"), "InProgress NoObservedGeneration"],
    [
      "daemon set, no nodes",
      workload("DaemonSet", "{}", "{ observedGeneration: 1, desiredNumberScheduled: 0 }"),
      "Current",
    ],
    [
      "replica set, failure",
      workload("ReplicaSet", "{}", "{ conditions: [{ type: ReplicaFailure, status: 'True' }] }"),
      "InProgress ReplicaFailure",
    ],
    [
      "claim, unbound",
      any("PersistentVolumeClaim", "apiVersion: v1, status: { phase: Pending }"),
      "InProgress NotBound",
    ],
    [
      "load balancer without address",
      any("Service", "apiVersion: v1, spec: { type: LoadBalancer }"),
      "InProgress NoIPAssigned",
    ],
    ["pod, failed", pod("{ phase: Failed }"), "Current"],
    ["pod, of another world", pod("{ phase: Unknown }"), "Unknown UnknownPhase"],
    [
      "pod, crash loop",
      pod("{ phase: Running, containerStatuses: [{ name: c, state: { waiting: { reason: CrashLoopBackOff } } }] }"),
      "Failed ContainerCrashLooping",
    ],
    [
      "pod, nowhere to go for a minute",
      pod("{ phase: Pending, conditions: [{ type: PodScheduled, status: 'False', reason: Unschedulable }] }"),
      "Failed PodUnschedulable",
    ],
    ["job, running", job("{}", "{ startTime: x, active: 1 }"), "Current"],
    ["job, failed", job("{}", "{ conditions: [{ type: Failed, status: 'True' }] }"), "Failed JobFailed"],
    [
      "definition, names refused",
      any(
        "CustomResourceDefinition",
        "apiVersion: apiextensions.k8s.io/v1, status: { conditions: [{ type: NamesAccepted, status: 'False', reason: ListKindConflict }] }",
      ),
      "Failed ListKindConflict",
    ],
    [
      "definition, new",
      any("CustomResourceDefinition", "apiVersion: apiextensions.k8s.io/v1"),
      "InProgress Installing",
    ],
  ])("%s", (_name, text, wanted) => expect(verdict(text)).toBe(wanted))

  test("an absent object is NotFound", () => expect(assess(undefined).status).toBe("NotFound"))

  test("nothing is judged by age without a clock", () => {
    const lost = pod("{ phase: Pending, conditions: [{ type: PodScheduled, status: 'False', reason: Unschedulable }] }")
    expect(assess(object(lost)).status).toBe("InProgress")
  })

  test("never throws, whatever the object holds", () => {
    const kinds = ["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "Pod", "Service", "Thing"]
    const apiVersions = ["v1", "apps/v1", "batch/v1", "x.io/v1"]
    fc.assert(
      fc.property(
        fc.constantFrom(...kinds),
        fc.constantFrom(...apiVersions),
        fc.jsonValue(),
        fc.jsonValue(),
        (kind, apiVersion, spec, status) => {
          const health = assess({ apiVersion, kind, metadata: { name: "a" }, spec, status }, [completedJob], { now })
          expect(typeof health.message).toBe("string")
        },
      ),
    )
  })
})

describe("rules", () => {
  const paused = defineRule({
    group: "x.io",
    kind: "Thing",
    assess: (one) => ((one.spec as { paused?: boolean } | undefined)?.paused ? current("paused") : undefined),
  })

  test("come before the built-in ones, and pass on what they do not know", () => {
    const notReady = { conditions: [{ type: "Ready", status: "False" }] }
    const make = (isPaused: boolean): KubeObject => ({
      apiVersion: "x.io/v9",
      kind: "Thing",
      metadata: { name: "a" },
      spec: { paused: isPaused },
      status: notReady,
    })
    expect(assess(make(true), [paused])).toEqual({ status: "Current", message: "paused" })
    expect(assess(make(false), [paused]).status).toBe("InProgress")
  })

  test("come after the generation, unless they ask to be first", () => {
    const stale = object(any("Thing", "apiVersion: x.io/v1, spec: { paused: true }, status: { observedGeneration: 1 }"))
    expect(assess(stale, [paused]).status).toBe("InProgress")
    expect(assess(stale, [{ ...paused, first: true }]).status).toBe("Current")
  })

  test("may be for all kinds of a group", () => {
    expect(
      assess(object(thing("{ observedGeneration: 2 }")), [{ group: "x.io", assess: () => current("any") }]).message,
    ).toBe("any")
  })

  test("name a group, not a version", () => {
    expect(() => defineRule({ group: "x.io/v1", assess: () => undefined })).toThrow(TypeError)
  })

  test.each([
    ["running", job("{}", "{ startTime: x }"), "InProgress JobInProgress"],
    ["suspended", job("{ suspend: true }", "{ conditions: [{ type: Failed, status: 'True' }] }"), "Current"],
    ["complete", job("{}", "{ conditions: [{ type: Complete, status: 'True' }] }"), "Current"],
    ["not started", job("{ parallelism: 2 }", "{}"), "InProgress JobNotStarted"],
  ])("a Job that has to complete: %s", (_name, text, wanted) => {
    const { status, reason } = assess(object(text), [completedJob])
    expect(reason ? `${status} ${reason}` : status).toBe(wanted)
  })
})

describe("conditions", () => {
  test("follow the status, keep their transition time, and are never removed", () => {
    const [at, later] = [new Date("2026-01-01T00:00:00Z"), new Date("2026-01-01T00:00:09Z")]
    const fresh = object(workload("Deployment", "{}", "{}"))
    const once = writeHealthConditions(fresh, assess(fresh), at)
    const twice = writeHealthConditions(once, { status: "InProgress", reason: "Other", message: "m" }, later)
    expect((twice.status as { conditions: unknown }).conditions).toEqual([
      {
        type: "Reconciling",
        status: "True",
        reason: "Other",
        message: "m",
        lastUpdateTime: "2026-01-01T00:00:09Z",
        lastTransitionTime: "2026-01-01T00:00:00Z",
      },
    ])
    expect(writeHealthConditions(twice, current("ok"), later)).toBe(twice)
    expect(healthConditions({ status: "Failed", reason: "R", message: "m" })).toEqual([
      { type: "Stalled", status: "True", reason: "R", message: "m" },
    ])
  })
})

test.each([
  ["", "Current"],
  ["Current Current", "Current"],
  ["Current InProgress", "InProgress"],
  ["Current Terminating NotFound", "InProgress"],
  ["Unknown InProgress", "Unknown"],
  ["Unknown Failed", "Failed"],
])("summary of '%s'", (statuses, wanted) => {
  const healths = statuses.split(" ").flatMap((status) => (status ? [{ status: status as "Current" }] : []))
  expect(summarize(healths)).toBe(wanted)
})
