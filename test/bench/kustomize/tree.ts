import { mkdirSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"

/** What a tree holds: objects in its base (ten kinds an app), and folders on top of each other, the base included. */
export interface TreeSize {
  readonly objects: number
  readonly layers: number
}

type Document = (name: string, index: number) => string

const tiers = ["web", "api", "worker", "db"]
const tierOf = (index: number): string => tiers[index % tiers.length]!
const labelled = (name: string): string => `metadata:\n  name: ${name}\n  labels:\n    app: ${name}\n`

/** The ten objects of an app; they refer to each other by name. */
const documents: readonly Document[] = [
  (name) => `apiVersion: v1
kind: ConfigMap
${labelled(`${name}-config`)}data:
  LOG_LEVEL: info
  RETRIES: "3"
  app.properties: |
    server.port=8080
    server.name=${name}
`,
  (name, index) => `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
  labels:
    app: ${name}
    tier: ${tierOf(index)}
spec:
  replicas: ${1 + (index % 5)}
  selector:
    matchLabels:
      app: ${name}
  template:
    metadata:
      labels:
        app: ${name}
    spec:
      serviceAccountName: ${name}
      containers:
      - name: main
        image: registry.example.com/team/${tierOf(index)}:1.${index % 7}.0
        args:
        - --name=${name}
        ports:
        - containerPort: 8080
          name: http
        envFrom:
        - configMapRef:
            name: ${name}-config
        env:
        - name: PASSWORD
          valueFrom:
            secretKeyRef:
              name: ${name}-secret
              key: password
        - name: HOST
          value: placeholder
        resources:
          requests:
            cpu: 100m
            memory: 128Mi
        volumeMounts:
        - name: config
          mountPath: /etc/config
      - name: sidecar
        image: nginx:1.25
      volumes:
      - name: config
        configMap:
          name: ${name}-config
      - name: shared
        configMap:
          name: shared-files
`,
  (name) => `apiVersion: v1
kind: Service
${labelled(name)}spec:
  selector:
    app: ${name}
  ports:
  - name: http
    port: 80
    targetPort: http
`,
  (name) => `apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: ${name}\n`,
  (name) =>
    `apiVersion: v1\nkind: Secret\nmetadata:\n  name: ${name}-secret\ntype: Opaque\nstringData:\n  password: placeholder\n`,
  (name) => `apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: ${name}
rules:
- apiGroups: [""]
  resources: ["configmaps"]
  resourceNames: ["${name}-config"]
  verbs: ["get", "watch"]
`,
  (name) => `apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: ${name}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: Role
  name: ${name}
subjects:
- kind: ServiceAccount
  name: ${name}
`,
  (name) => `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: ${name}
spec:
  rules:
  - host: ${name}.example.com
    http:
      paths:
      - path: /
        pathType: Prefix
        backend:
          service:
            name: ${name}
            port:
              name: http
`,
  (name) => `apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: ${name}
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: ${name}
  minReplicas: 1
  maxReplicas: 10
`,
  (name) => `apiVersion: batch/v1
kind: CronJob
metadata:
  name: ${name}-cleanup
spec:
  schedule: "*/15 * * * *"
  jobTemplate:
    spec:
      template:
        spec:
          serviceAccountName: ${name}
          restartPolicy: OnFailure
          containers:
          - name: cleanup
            image: busybox:1.36
            command: ["sh", "-c", "echo ${name}"]
`,
]

const list = (items: readonly string[], indent = ""): string => items.map((item) => `${indent}- ${item}\n`).join("")

function write(root: string, path: string, text: string): void {
  const file = join(root, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}

function writeBase(root: string, objects: number): void {
  const files: string[] = []
  for (let written = 0; written < objects; written += documents.length) {
    const index = files.length
    const name = `app-${String(index).padStart(5, "0")}`
    const parts = documents.slice(0, Math.min(documents.length, objects - written))
    write(root, `base/${name}.yaml`, parts.map((document) => document(name, index)).join("---\n"))
    files.push(`${name}.yaml`)
  }
  const labels = "labels:\n- pairs:\n    app.kubernetes.io/part-of: bench\n"
  write(root, "base/kustomization.yaml", `${labels}resources:\n${list(files)}`)
}

const sharedFiles = Array.from({ length: 20 }, (_, i) => `files/file-${i}.properties`)

function writeLayer(root: string, layer: number): void {
  const folder = `overlays/l${layer}`
  const bottom = layer === 1
  // The name, and above the first layer the namespace, that the first Deployment has one layer below.
  const below = `${Array.from({ length: layer - 1 }, (_, i) => `l${layer - 1 - i}-`).join("")}app-00000`
  if (bottom)
    for (const [i, file] of sharedFiles.entries())
      write(root, `${folder}/${file}`, `key=${i}\n`.repeat(1) + `size=${i * 7919}\n`)
  write(
    root,
    `${folder}/patch-first.yaml`,
    `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${below}
${bottom ? "" : "  namespace: bench\n"}spec:
  template:
    spec:
      containers:
      - name: main
        env:
        - name: LAYER_${layer}
          value: "${layer}"
`,
  )
  write(
    root,
    `${folder}/patch-web.yaml`,
    `- op: replace\n  path: /spec/template/spec/containers/1/image\n  value: nginx:1.25.${layer}\n`,
  )
  const generator = bottom
    ? `  files:\n${list(sharedFiles, "  ")}`
    : `  namespace: bench\n  behavior: merge\n  literals:\n  - layer${layer}=${layer}\n`
  write(
    root,
    `${folder}/kustomization.yaml`,
    `namePrefix: l${layer}-
${bottom ? "namespace: bench\n" : ""}labels:
- pairs:
    layer-${layer}: "yes"
  includeSelectors: true
commonAnnotations:
  note-${layer}: generated
resources:
- ${bottom ? "../../base" : `../l${layer - 1}`}
images:
- name: registry.example.com/team/web
  newTag: 2.${layer}.0
- name: busybox
  newName: mirror.example.com/busybox
replicas:
- name: ${below}
  count: ${10 + layer}
patches:
- path: patch-first.yaml
- path: patch-web.yaml
  target:
    kind: Deployment
    labelSelector: tier=web
configMapGenerator:
- name: shared-files
${generator}replacements:
- source:
    kind: ConfigMap
    name: app-00000-config
    fieldPath: data.LOG_LEVEL
  targets:
  - select:
      kind: Deployment
    fieldPaths:
    - spec.template.spec.containers.[name=main].env.[name=HOST].value
`,
  )
}

/** Writes a tree of kustomizations and returns the folder to build. The same size gives the same bytes. */
export function writeTree(root: string, { objects, layers }: TreeSize): string {
  writeBase(root, objects)
  for (let layer = 1; layer < layers; layer++) writeLayer(root, layer)
  return join(root, `overlays/l${layers - 1}`)
}
