// What kubectl is asked of workloads that are at work. Both servers see the same commands, in order; the real one is a
// whole control plane, and on both the same steps play the kubelets.
import type { Command } from "./commands.ts"

const web = (image: string, replicas: number): string => `
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: { name: web }
spec: { minAvailable: 1, selector: { matchLabels: { app: web } } }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, labels: { app: web }, annotations: { kubernetes.io/change-cause: "run ${image}" } }
spec:
  replicas: ${replicas}
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers:
        - name: web
          image: ${image}
          ports: [{ name: http, containerPort: 8080 }]
          resources: { requests: { cpu: 100m, memory: 64Mi } }
---
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { selector: { app: web }, ports: [{ name: http, port: 80, targetPort: http }] }
`

const others = (image: string): string => `
apiVersion: apps/v1
kind: StatefulSet
metadata: { name: db }
spec:
  serviceName: db
  replicas: 2
  selector: { matchLabels: { app: db } }
  template:
    metadata: { labels: { app: db } }
    spec: { containers: [{ name: db, image: "${image}" }] }
---
apiVersion: apps/v1
kind: DaemonSet
metadata: { name: agent }
spec:
  selector: { matchLabels: { app: agent } }
  template:
    metadata: { labels: { app: agent } }
    spec: { containers: [{ name: agent, image: "${image}" }] }
`

const jobs = `
apiVersion: batch/v1
kind: Job
metadata: { name: good }
spec: { completions: 2, template: { spec: { restartPolicy: Never, containers: [{ name: main, image: app:1 }] } } }
---
apiVersion: batch/v1
kind: Job
metadata: { name: bad }
spec: { backoffLimit: 0, template: { spec: { restartPolicy: Never, containers: [{ name: main, image: app:error }] } } }
---
apiVersion: batch/v1
kind: CronJob
metadata: { name: nightly }
spec:
  schedule: "0 3 * * *"
  jobTemplate: { spec: { template: { spec: { restartPolicy: Never, containers: [{ name: main, image: app:1 }] } } } }
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: { name: data }
spec: { accessModes: [ReadWriteOnce], storageClassName: "", resources: { requests: { storage: 1Gi } } }
---
apiVersion: v1
kind: ResourceQuota
metadata: { name: most }
spec: { hard: { pods: 50, services: 5 } }
`

/** How Pods with these images fail. */
export const failures = [
  { match: { image: "app:crash" }, kind: "CrashLoopBackOff" },
  { match: { image: "app:absent" }, kind: "ImagePullBackOff" },
  { match: { image: "app:homeless" }, kind: "Pending" },
  { match: { image: "app:error" }, kind: "Error" },
] as const

const settled = "rollout status deployment/web --timeout=30s"
/** kubectl tells of each step that it sees. */
const done: Partial<Command> = { lastOnly: true }

/** The rows of the black box for workloads. */
export const rollouts: readonly Command[] = [
  { line: "get nodes -o name" },
  { line: "create quota early --hard=count/secrets=2" },
  { line: "apply -f -", input: web("web:1", 2) },
  { line: settled, ...done },
  { line: "rollout history deployment/web" },
  { line: "apply -f -", input: web("web:2", 2) },
  { line: settled, ...done },
  { line: "rollout history deployment/web" },
  { line: "rollout history deployment/web --revision=2" },
  { line: "rollout undo deployment/web" },
  { line: settled, ...done },
  { line: "rollout history deployment/web" },
  { line: "rollout undo deployment/web --to-revision=2" },
  { line: settled, ...done },
  { line: "rollout undo deployment/web --to-revision=9" },
  { line: "rollout pause deployment/web" },
  { line: "set image deployment/web web=web:3" },
  { line: "rollout undo deployment/web" },
  { line: "get deployment web" },
  { line: "rollout resume deployment/web" },
  { line: settled, ...done },
  { line: "rollout restart deployment/web" },
  { line: settled, ...done },
  { line: "scale deployment web --replicas=3" },
  { line: settled, ...done },
  { line: "wait --for=delete pod -l app=web,none=such --timeout=5s" },
  { line: "wait --for=condition=Ready pod -l app=web --timeout=20s" },
  { line: "get deployments,replicasets -o wide", settle: true, unordered: true },
  { line: "get pods -l app=web", settle: true },
  { line: "get pods -l app=web -o wide", settle: true },
  { line: "describe deployment web" },
  { line: "describe replicaset -l app=web", unordered: true },
  { line: "describe pod -l app=web" },
  { line: "describe service web" },
  { line: "describe pdb web" },
  { line: "get endpoints,endpointslices -l !none" },
  { line: "get pdb" },
  { line: "apply -f -", input: others("app:1") },
  { line: "rollout status statefulset/db --timeout=30s", ...done },
  { line: "rollout status daemonset/agent --timeout=30s", ...done },
  { line: "apply -f -", input: others("app:2") },
  { line: "rollout status statefulset/db --timeout=30s", ...done },
  { line: "rollout status daemonset/agent --timeout=30s", ...done },
  { line: "rollout history statefulset/db" },
  { line: "rollout history daemonset/agent" },
  { line: "rollout history daemonset/agent --revision=1" },
  { line: "rollout undo statefulset/db" },
  { line: "rollout status statefulset/db --timeout=30s", ...done },
  { line: "rollout undo daemonset/agent" },
  { line: "rollout status daemonset/agent --timeout=30s", ...done },
  { line: "rollout restart statefulset/db" },
  { line: "rollout status statefulset/db --timeout=30s", ...done },
  { line: "get statefulsets,daemonsets,controllerrevisions", settle: true, unordered: true },
  { line: "describe statefulset db" },
  { line: "describe daemonset agent" },
  { line: "describe pod db-0" },
  { line: "apply -f -", input: jobs },
  { line: "wait --for=condition=Complete job/good --timeout=20s" },
  { line: "wait --for=condition=Failed job/bad --timeout=20s" },
  { line: "get jobs,cronjobs,pvc", settle: true },
  { line: "get pods -l job-name", settle: true, unordered: true },
  { line: "describe job good" },
  { line: "describe job bad" },
  { line: "create job by-hand --from=cronjob/nightly" },
  { line: "wait --for=condition=Complete job/by-hand --timeout=20s" },
  { line: "describe cronjob nightly" },
  { line: "describe pvc data" },
  { line: "describe quota most", settle: true },
  { line: "run crash --image=app:crash" },
  { line: "run absent --image=app:absent" },
  { line: "run homeless --image=app:homeless" },
  { line: "run once --image=app:error --restart=Never" },
  { line: "get pods crash absent homeless once", settle: true },
  { line: "describe pod absent" },
  { line: "describe pod homeless" },
  { line: "logs homeless" },
  { line: "logs crash" },
  { line: "logs deployment/web --tail=3" },
  { line: "logs once --previous -c none" },
  { line: "exec crash -- date" },
  { line: "exec homeless -- date" },
  { line: "attach crash" },
  { line: "port-forward pod/homeless 18080:80" },
  { line: "cp crash:/etc/hostname /dev/null" },
  { line: "top pods" },
  { line: "top nodes" },
  { line: "get events --for deployment/web", unordered: true },
  { line: "events --for deployment/web", unordered: true },
  { line: "delete statefulset db --cascade=orphan" },
  { line: "get pods -l app=db", settle: true },
  { line: "delete pod -l app=db" },
  { line: "delete job good bad by-hand" },
  { line: "delete pod crash absent homeless once --now" },
  { line: "cordon node-a" },
  { line: "get node node-a" },
  { line: "drain node-a --ignore-daemonsets --force --timeout=30s", unordered: true },
  { line: "uncordon node-a" },
  { line: settled, ...done },
  { line: "delete deployment,service,pdb web" },
  { line: "wait --for=delete pod -l app=web --timeout=20s", unordered: true },
  { line: "create namespace brief" },
  { line: "create deployment x --image=app:1 -n brief" },
  { line: "rollout status deployment/x -n brief --timeout=20s", ...done },
  { line: "get serviceaccounts,configmaps -n brief", settle: true },
  { line: "delete namespace brief --timeout=30s" },
]
