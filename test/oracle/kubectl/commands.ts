// What kubectl is asked, in order. Both servers see the same commands.

/** One command, what it reads, and what happens while it runs. */
export interface Command {
  readonly line: string
  readonly input?: string
  /** Runs until these commands have run and their echo has come, then is ended. */
  readonly during?: readonly string[]
  /** Only the last line counts: those before it tell of the steps that were seen. */
  readonly lastOnly?: boolean
  /** Lines are in no order. */
  readonly unordered?: boolean
  /** Asked again until both answer the same, for at most 10 s. */
  readonly settle?: boolean
}

const configMap = (mode: string): string => `
apiVersion: v1
kind: ConfigMap
metadata: { name: settings, labels: { app: web } }
data: { mode: ${mode} }
`

const web = (image: string, replicas: number): string => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, labels: { app: web } }
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
          env: [{ name: MODE, value: a }]
---
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { selector: { app: web }, ports: [{ name: http, port: 80, targetPort: http }] }
`

const others = `
apiVersion: v1
kind: Secret
metadata: { name: token }
stringData: { key: not-shown }
---
apiVersion: batch/v1
kind: Job
metadata: { name: migrate }
spec:
  template:
    spec: { restartPolicy: Never, containers: [{ name: main, image: app:1 }] }
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: web }
spec:
  rules:
    - host: web.example
      http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: web, port: { name: http } } } }] }
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: { name: data }
spec: { accessModes: [ReadWriteOnce], resources: { requests: { storage: 1Gi } } }
---
apiVersion: apps/v1
kind: StatefulSet
metadata: { name: db }
spec:
  serviceName: db
  replicas: 2
  selector: { matchLabels: { app: db } }
  template:
    metadata: { labels: { app: db } }
    spec: { containers: [{ name: db, image: db:1 }] }
---
apiVersion: batch/v1
kind: CronJob
metadata: { name: nightly }
spec:
  schedule: "0 3 * * *"
  jobTemplate: { spec: { template: { spec: { restartPolicy: Never, containers: [{ name: main, image: app:1 }] } } } }
`

const definition = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: widgets.shop.example }
spec:
  group: shop.example
  scope: Namespaced
  names: { kind: Widget, plural: widgets, singular: widget, shortNames: [wd], categories: [all] }
  versions:
    - name: v1
      served: true
      storage: true
      subresources: { status: {}, scale: { specReplicasPath: .spec.size, statusReplicasPath: .status.size } }
      additionalPrinterColumns: [{ name: Size, type: integer, jsonPath: .spec.size }]
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec:
              type: object
              description: What is wanted of a widget.
              required: [size]
              properties: { size: { type: integer, minimum: 1, description: How large it is. } }
            status: { type: object, properties: { size: { type: integer } } }
`

const widget = (size: string): string => `
apiVersion: shop.example/v1
kind: Widget
metadata: { name: small }
spec: { size: ${size} }
`

const event = `
apiVersion: v1
kind: Event
metadata: { name: web.1, namespace: default }
involvedObject: { apiVersion: apps/v1, kind: Deployment, name: web, namespace: default }
reason: Tested
message: somebody looked at it
type: Normal
count: 1
firstTimestamp: "2026-01-01T00:00:00Z"
lastTimestamp: "2026-01-01T00:00:00Z"
source: { component: tester }
`

const pod = `
apiVersion: v1
kind: Pod
metadata: { name: solo, labels: { app: solo } }
spec: { containers: [{ name: main, image: app:1, ports: [{ containerPort: 80 }] }] }
`

/** The rows of the black box. */
export const commands: readonly Command[] = [
  { line: "create -f -", input: configMap("a") },
  { line: "create -f -", input: configMap("a") },
  { line: "get configmaps" },
  { line: "get cm settings -o wide --show-labels" },
  { line: "get configmap settings -o yaml" },
  { line: "get configmap settings -o json --show-managed-fields" },
  { line: "get configmap settings -o jsonpath={.data.mode}" },
  { line: "get configmap settings -o custom-columns=NAME:.metadata.name,MODE:.data.mode" },
  { line: "get configmap settings -o go-template={{.data.mode}}" },
  { line: "get configmaps -o name" },
  { line: "get configmaps -A -l app=web" },
  { line: "get configmaps --field-selector metadata.name=none" },
  { line: "get configmap absent" },
  { line: "get configmap absent --ignore-not-found" },
  { line: "get sorrow" },
  { line: "describe configmap settings" },
  { line: "diff -f -", input: configMap("b") },
  { line: "apply -f -", input: configMap("b") },
  { line: "apply -f -", input: configMap("b") },
  { line: "diff -f -", input: configMap("b") },
  { line: "apply --server-side -f -", input: configMap("c") },
  { line: "apply --server-side --force-conflicts -f -", input: configMap("c") },
  { line: "apply --server-side --field-manager=other -f -", input: configMap("d") },
  { line: "diff --server-side -f -", input: configMap("c") },
  { line: "apply --dry-run=server -f -", input: configMap("e") },
  { line: "replace -f -", input: configMap("f") },
  { line: 'patch configmap settings --type=merge -p {"data":{"more":"1"}}' },
  { line: 'patch configmap settings --type=json -p [{"op":"remove","path":"/data/more"}]' },
  { line: 'patch configmap settings -p {"data":{"mode":"f"}}' },
  { line: 'patch configmap settings --type=json -p [{"op":"test","path":"/data/mode","value":"x"}]' },
  { line: "label configmap settings tier=front" },
  { line: "label configmap settings tier=back" },
  { line: "label --overwrite configmap settings tier=back" },
  { line: "annotate configmap settings note=hello" },
  { line: "annotate configmap settings note-" },
  { line: "get configmaps -w", during: ["label configmap settings seen=1", "delete configmap settings"] },
  { line: "apply -f -", input: web("web:1", 2) },
  { line: "rollout status deployment/web --timeout=20s" },
  { line: "get deployments,services" },
  { line: "get deployment web -o wide" },
  { line: "get deployment web -o yaml" },
  { line: "describe deployment web" },
  { line: "describe service web" },
  { line: "apply -f -", input: web("web:1", 2).replace("{ name: MODE, value: a }", "{ name: LEVEL, value: b }") },
  { line: "get deployment web -o jsonpath={.spec.template.spec.containers[0].env}" },
  { line: "diff -f -", input: web("web:2", 3) },
  { line: "apply --server-side -f -", input: web("web:2", 3) },
  { line: "scale deployment web --replicas=4" },
  { line: "scale deployment web --replicas=5 --current-replicas=9" },
  { line: "rollout restart deployment/web" },
  { line: "rollout status deployment/web --timeout=20s" },
  { line: "rollout pause deployment/web" },
  { line: "rollout pause deployment/web" },
  { line: "rollout resume deployment/web" },
  { line: "set image deployment/web web=web:3" },
  { line: "set env deployment/web MODE=b" },
  { line: "autoscale deployment web --min=1 --max=3" },
  { line: "get hpa" },
  { line: "expose deployment web --name=web2 --port=81" },
  { line: "wait --for=condition=Available deployment/web --timeout=20s" },
  { line: "wait --for=jsonpath={.spec.replicas}=4 deployment/web --timeout=5s" },
  { line: "wait --for=condition=Never deployment/web --timeout=1s" },
  { line: "apply -f -", input: others },
  { line: "wait --for=condition=Complete job/migrate --timeout=20s" },
  { line: "get secret,job,ingress,pvc,statefulset,cronjob" },
  { line: "describe secret token" },
  { line: "describe job migrate" },
  { line: "describe ingress web" },
  { line: "describe statefulset db" },
  { line: "describe cronjob nightly" },
  { line: "describe pvc data" },
  { line: "apply -f -", input: pod },
  { line: "wait --for=condition=Ready pod/solo --timeout=20s" },
  { line: "get pods -o wide" },
  { line: "describe pod solo" },
  { line: "create -f -", input: event },
  { line: "get events" },
  { line: "events --for deployment/web" },
  { line: "apply -f -", input: definition },
  { line: "wait --for=condition=Established crd/widgets.shop.example --timeout=20s" },
  { line: "get crd" },
  { line: "apply -f -", input: widget("0") },
  { line: "apply -f -", input: widget("3") },
  { line: "apply --server-side -f -", input: widget("large") },
  { line: "get wd" },
  { line: "get widgets small -o yaml" },
  { line: "describe widget small" },
  { line: "scale widget small --replicas=7" },
  { line: "explain widget", settle: true },
  { line: "explain widget.spec" },
  { line: "explain widget.metadata --recursive" },
  { line: "explain deployment" },
  { line: "explain deployment.spec" },
  { line: "explain deployment.spec.strategy" },
  { line: "explain configmap --recursive" },
  { line: "explain pod.spec.containers --recursive" },
  { line: "explain hpa --api-version=autoscaling/v1" },
  { line: "explain deployment.spec --output plaintext-openapiv2" },
  { line: "explain configmap --recursive --output plaintext-openapiv2" },
  { line: "explain widget.spec --output plaintext-openapiv2" },
  { line: "explain pod.spec.nothing" },
  { line: "explain nothing" },
  { line: "api-resources --sort-by=name" },
  { line: "api-resources --api-group=apps -o wide" },
  { line: "api-versions" },
  { line: "version -o json" },
  { line: "auth can-i create deployments" },
  { line: "auth can-i delete pods --as=nobody" },
  { line: "auth whoami" },
  { line: "create namespace prod" },
  { line: "get namespaces" },
  { line: "describe namespace prod" },
  { line: "create configmap made --from-literal=a=1 -n prod" },
  { line: "create secret generic made --from-literal=a=1 -n prod" },
  { line: "create deployment made --image=app:1 -n prod" },
  { line: "create serviceaccount robot -n prod" },
  { line: "create role reader --verb=get --resource=pods -n prod" },
  { line: "create rolebinding reader --role=reader --serviceaccount=prod:robot -n prod" },
  { line: "describe role reader -n prod" },
  { line: "get role,rolebinding,serviceaccount -n prod" },
  { line: "get all -n prod" },
  { line: "run solo --image=app:1 -n prod" },
  {
    line: "create -f - --validate=strict",
    input: "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: x }\ndatta: {}\n",
  },
  { line: "create -f - --validate=warn", input: "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: x }\ndatta: {}\n" },
  { line: "create -f -", input: "apiVersion: v1\nkind: Service\nmetadata: { name: Bad_Name }\nspec: {}\n" },
  { line: "create -f -", input: "apiVersion: nope/v1\nkind: Thing\nmetadata: { name: x }\n" },
  { line: "delete pod solo --grace-period=0 --force" },
  { line: "delete deployment,service web" },
  { line: "delete configmap absent" },
  { line: "delete configmap absent --ignore-not-found" },
  { line: "delete secrets --all" },
  { line: "delete widget small --wait" },
  { line: "delete crd widgets.shop.example" },
  { line: "get --raw /readyz" },
  { line: "get --raw /api" },
  { line: "cluster-info" },
]
