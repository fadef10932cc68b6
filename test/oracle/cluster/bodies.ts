// Objects that say much, so that leaving out or bending one member reaches a rule of validation or defaulting.

/** A JSON map. */
export type Json = { [name: string]: unknown }

/** An object and the collection that it is posted to. */
export interface Body {
  readonly path: string
  readonly body: Json
}

/** The namespace of every object here. */
export const namespace = "fuzz"

const labels = { app: "web" }
const term = { labelSelector: { matchLabels: labels }, topologyKey: "kubernetes.io/hostname" }
const expression = { key: "zone", operator: "In", values: ["a", "b"] }
const memory = { requests: { cpu: "100m", memory: "64Mi" }, limits: { cpu: "1", memory: "128Mi" } }
const probe = { periodSeconds: 5, timeoutSeconds: 1, failureThreshold: 3 }

const container = {
  name: "web",
  image: "nginx:1.27",
  imagePullPolicy: "IfNotPresent",
  command: ["nginx"],
  args: ["-g"],
  workingDir: "/srv",
  ports: [
    { name: "http", containerPort: 8080, protocol: "TCP" },
    { name: "dns", containerPort: 53, hostPort: 5353, protocol: "UDP", hostIP: "127.0.0.1" },
  ],
  env: [
    { name: "A", value: "1" },
    { name: "B", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
    { name: "C", valueFrom: { configMapKeyRef: { name: "settings", key: "c", optional: true } } },
    { name: "D", valueFrom: { secretKeyRef: { name: "secret", key: "d" } } },
    { name: "E", valueFrom: { resourceFieldRef: { containerName: "web", resource: "limits.cpu", divisor: "1" } } },
  ],
  envFrom: [{ prefix: "P_", configMapRef: { name: "settings" } }, { secretRef: { name: "secret" } }],
  volumeMounts: [
    { name: "data", mountPath: "/data", subPath: "a" },
    { name: "tmp", mountPath: "/tmp", readOnly: true },
    { name: "settings", mountPath: "/etc/settings", mountPropagation: "None" },
  ],
  resources: memory,
  readinessProbe: {
    ...probe,
    httpGet: { path: "/ready", port: "http", scheme: "HTTP", httpHeaders: [{ name: "X-A", value: "1" }] },
  },
  livenessProbe: { ...probe, tcpSocket: { port: 8080 }, terminationGracePeriodSeconds: 5 },
  startupProbe: { ...probe, exec: { command: ["true"] } },
  lifecycle: { preStop: { exec: { command: ["sleep", "1"] } }, postStart: { httpGet: { path: "/", port: 8080 } } },
  securityContext: {
    runAsUser: 1000,
    runAsGroup: 1000,
    runAsNonRoot: true,
    readOnlyRootFilesystem: true,
    allowPrivilegeEscalation: false,
    privileged: false,
    capabilities: { drop: ["ALL"], add: ["NET_BIND_SERVICE"] },
    seccompProfile: { type: "RuntimeDefault" },
    procMount: "Default",
  },
  terminationMessagePath: "/dev/termination-log",
  terminationMessagePolicy: "File",
}

const volumes = [
  { name: "data", persistentVolumeClaim: { claimName: "data" } },
  { name: "tmp", emptyDir: { medium: "Memory", sizeLimit: "1Gi" } },
  {
    name: "settings",
    configMap: { name: "settings", defaultMode: 420, items: [{ key: "a", path: "a/b", mode: 256 }] },
  },
  { name: "secret", secret: { secretName: "secret", defaultMode: 256, items: [{ key: "a", path: "a" }] } },
  { name: "host", hostPath: { path: "/var", type: "Directory" } },
  { name: "down", downwardAPI: { items: [{ path: "labels", fieldRef: { fieldPath: "metadata.labels" } }] } },
  {
    name: "all",
    projected: {
      sources: [
        { serviceAccountToken: { path: "token", expirationSeconds: 3600, audience: "a" } },
        { configMap: { name: "settings" } },
        { secret: { name: "secret" } },
      ],
    },
  },
  { name: "csi", csi: { driver: "a.example.com", volumeAttributes: { a: "b" } } },
  { name: "nfs", nfs: { server: "nfs.example.com", path: "/a" } },
  {
    name: "scratch",
    ephemeral: {
      volumeClaimTemplate: {
        spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } }, storageClassName: "fast" },
      },
    },
  },
]

const podSpec = {
  restartPolicy: "Always",
  dnsPolicy: "None",
  dnsConfig: { nameservers: ["10.0.0.1"], searches: ["a.example.com"], options: [{ name: "ndots", value: "2" }] },
  serviceAccountName: "web",
  automountServiceAccountToken: false,
  nodeSelector: { zone: "a" },
  hostname: "web",
  subdomain: "web",
  terminationGracePeriodSeconds: 30,
  enableServiceLinks: false,
  schedulerName: "default-scheduler",
  imagePullSecrets: [{ name: "pull" }],
  hostAliases: [{ ip: "127.0.0.1", hostnames: ["a.local"] }],
  readinessGates: [{ conditionType: "example.com/ready" }],
  securityContext: {
    runAsUser: 1000,
    runAsGroup: 1000,
    fsGroup: 2000,
    supplementalGroups: [3000],
    fsGroupChangePolicy: "OnRootMismatch",
    seccompProfile: { type: "RuntimeDefault" },
    sysctls: [{ name: "net.ipv4.tcp_syncookies", value: "1" }],
    runAsNonRoot: true,
  },
  tolerations: [
    { key: "a", operator: "Equal", value: "b", effect: "NoSchedule" },
    { key: "c", operator: "Exists", effect: "NoExecute", tolerationSeconds: 10 },
  ],
  topologySpreadConstraints: [
    {
      maxSkew: 1,
      topologyKey: "zone",
      whenUnsatisfiable: "DoNotSchedule",
      labelSelector: { matchLabels: labels },
      minDomains: 2,
      nodeAffinityPolicy: "Honor",
      nodeTaintsPolicy: "Ignore",
    },
  ],
  affinity: {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [
          { matchExpressions: [expression], matchFields: [{ key: "metadata.name", operator: "In", values: ["n"] }] },
        ],
      },
      preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, preference: { matchExpressions: [expression] } }],
    },
    podAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 10, podAffinityTerm: term }] },
    podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ ...term, namespaces: ["a"] }] },
  },
  volumes,
  initContainers: [
    { name: "init", image: "busybox", command: ["true"], volumeMounts: [{ name: "tmp", mountPath: "/tmp" }] },
    { name: "side", image: "busybox", restartPolicy: "Always", startupProbe: { exec: { command: ["true"] } } },
  ],
  containers: [container, { name: "second", image: "busybox", resources: { requests: { cpu: "1" } } }],
}

const smallSpec = { containers: [{ name: "web", image: "nginx" }] }
const template = { metadata: { labels }, spec: smallSpec }
const core = `/api/v1/namespaces/${namespace}`
const group = (name: string): string => `/apis/${name}/namespaces/${namespace}`

const object = (apiVersion: string, kind: string, rest: Json): Json => ({
  apiVersion,
  kind,
  metadata: { name: "base", labels, annotations: { note: "a" } },
  ...rest,
})

const pods: readonly Body[] = [
  { path: `${core}/pods`, body: object("v1", "Pod", { spec: podSpec }) },
  { path: `${core}/pods`, body: { ...object("v1", "Pod", { spec: smallSpec }), metadata: { name: "small" } } },
]

const workloads: readonly Body[] = [
  {
    path: `${group("apps/v1")}/deployments`,
    body: object("apps/v1", "Deployment", {
      spec: {
        replicas: 2,
        minReadySeconds: 1,
        progressDeadlineSeconds: 60,
        revisionHistoryLimit: 3,
        paused: false,
        selector: { matchLabels: labels, matchExpressions: [{ key: "app", operator: "In", values: ["web"] }] },
        strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: "25%" } },
        template: { metadata: { labels, annotations: { a: "b" } }, spec: { ...podSpec, hostname: "web" } },
      },
    }),
  },
  {
    path: `${group("apps/v1")}/replicasets`,
    body: object("apps/v1", "ReplicaSet", {
      spec: { replicas: 1, minReadySeconds: 1, selector: { matchLabels: labels }, template },
    }),
  },
  {
    path: `${group("apps/v1")}/statefulsets`,
    body: object("apps/v1", "StatefulSet", {
      spec: {
        replicas: 2,
        serviceName: "web",
        podManagementPolicy: "Parallel",
        revisionHistoryLimit: 2,
        minReadySeconds: 1,
        ordinals: { start: 1 },
        updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 1 } },
        persistentVolumeClaimRetentionPolicy: { whenDeleted: "Delete", whenScaled: "Retain" },
        selector: { matchLabels: labels },
        template,
        volumeClaimTemplates: [
          {
            metadata: { name: "data" },
            spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
          },
        ],
      },
    }),
  },
  {
    path: `${group("apps/v1")}/daemonsets`,
    body: object("apps/v1", "DaemonSet", {
      spec: {
        minReadySeconds: 1,
        revisionHistoryLimit: 2,
        updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } },
        selector: { matchLabels: labels },
        template,
      },
    }),
  },
]

const jobSpec = {
  parallelism: 1,
  completions: 2,
  completionMode: "Indexed",
  backoffLimitPerIndex: 1,
  maxFailedIndexes: 1,
  activeDeadlineSeconds: 60,
  ttlSecondsAfterFinished: 60,
  suspend: false,
  podReplacementPolicy: "Failed",
  podFailurePolicy: {
    rules: [
      { action: "FailJob", onExitCodes: { containerName: "web", operator: "In", values: [1, 2] } },
      { action: "Ignore", onPodConditions: [{ type: "DisruptionTarget", status: "True" }] },
    ],
  },
  successPolicy: { rules: [{ succeededIndexes: "0", succeededCount: 1 }] },
  template: { metadata: { labels }, spec: { ...smallSpec, restartPolicy: "Never" } },
}

const batch: readonly Body[] = [
  { path: `${group("batch/v1")}/jobs`, body: object("batch/v1", "Job", { spec: jobSpec }) },
  {
    path: `${group("batch/v1")}/jobs`,
    body: {
      ...object("batch/v1", "Job", { spec: { backoffLimit: 2, template: jobSpec.template } }),
      metadata: { name: "small" },
    },
  },
  {
    path: `${group("batch/v1")}/cronjobs`,
    body: object("batch/v1", "CronJob", {
      spec: {
        schedule: "*/5 1-3 * JAN mon",
        timeZone: "Europe/Berlin",
        concurrencyPolicy: "Forbid",
        startingDeadlineSeconds: 10,
        suspend: true,
        successfulJobsHistoryLimit: 1,
        failedJobsHistoryLimit: 1,
        jobTemplate: {
          metadata: { labels },
          spec: { backoffLimit: 1, template: { spec: { ...smallSpec, restartPolicy: "OnFailure" } } },
        },
      },
    }),
  },
]

const ports = [
  { name: "http", port: 80, targetPort: "http", protocol: "TCP", appProtocol: "http" },
  { name: "https", port: 443, targetPort: 8443, nodePort: 30443 },
]

const services: readonly Body[] = [
  {
    path: `${core}/services`,
    body: object("v1", "Service", {
      spec: {
        selector: labels,
        ports: ports.slice(0, 1),
        sessionAffinity: "ClientIP",
        sessionAffinityConfig: { clientIP: { timeoutSeconds: 60 } },
        internalTrafficPolicy: "Local",
      },
    }),
  },
  {
    path: `${core}/services`,
    body: {
      ...object("v1", "Service", {
        spec: {
          type: "LoadBalancer",
          selector: labels,
          ports,
          externalTrafficPolicy: "Local",
          loadBalancerSourceRanges: ["10.0.0.0/8"],
          allocateLoadBalancerNodePorts: true,
          loadBalancerClass: "example.com/a",
          externalIPs: ["1.2.3.4"],
          ipFamilyPolicy: "SingleStack",
          ipFamilies: ["IPv4"],
          publishNotReadyAddresses: true,
          trafficDistribution: "PreferClose",
        },
      }),
      metadata: { name: "balanced" },
    },
  },
  {
    path: `${core}/services`,
    body: {
      ...object("v1", "Service", { spec: { type: "ExternalName", externalName: "a.example.com" } }),
      metadata: { name: "outside" },
    },
  },
  {
    path: `${core}/services`,
    body: {
      ...object("v1", "Service", { spec: { clusterIP: "None", selector: labels } }),
      metadata: { name: "headless" },
    },
  },
  {
    path: `${core}/endpoints`,
    body: object("v1", "Endpoints", {
      subsets: [
        { addresses: [{ ip: "10.1.2.3", hostname: "a" }], ports: [{ name: "http", port: 80, protocol: "TCP" }] },
      ],
    }),
  },
  {
    path: `${group("discovery.k8s.io/v1")}/endpointslices`,
    body: object("discovery.k8s.io/v1", "EndpointSlice", {
      addressType: "IPv4",
      endpoints: [{ addresses: ["10.1.2.3"], conditions: { ready: true }, hostname: "a", nodeName: "n" }],
      ports: [{ name: "http", port: 80, protocol: "TCP" }],
    }),
  },
]

const service = { service: { name: "web", port: { number: 80 } } }

const network: readonly Body[] = [
  {
    path: `${group("networking.k8s.io/v1")}/ingresses`,
    body: object("networking.k8s.io/v1", "Ingress", {
      spec: {
        ingressClassName: "nginx",
        defaultBackend: service,
        tls: [{ hosts: ["a.example.com", "*.example.com"], secretName: "tls" }],
        rules: [
          {
            host: "a.example.com",
            http: {
              paths: [
                { path: "/a", pathType: "Prefix", backend: service },
                { path: "/b", pathType: "Exact", backend: { service: { name: "web", port: { name: "http" } } } },
              ],
            },
          },
          {
            host: "*.example.com",
            http: {
              paths: [
                {
                  pathType: "ImplementationSpecific",
                  backend: { resource: { apiGroup: "a.example.com", kind: "Bucket", name: "b" } },
                },
              ],
            },
          },
        ],
      },
    }),
  },
  {
    path: "/apis/networking.k8s.io/v1/ingressclasses",
    body: object("networking.k8s.io/v1", "IngressClass", {
      spec: {
        controller: "example.com/a",
        parameters: { apiGroup: "a.example.com", kind: "P", name: "p", scope: "Namespace", namespace: "a" },
      },
    }),
  },
  {
    path: `${group("networking.k8s.io/v1")}/networkpolicies`,
    body: object("networking.k8s.io/v1", "NetworkPolicy", {
      spec: {
        podSelector: { matchLabels: labels, matchExpressions: [expression] },
        policyTypes: ["Ingress", "Egress"],
        ingress: [
          {
            from: [
              { ipBlock: { cidr: "10.0.0.0/8", except: ["10.1.0.0/16"] } },
              { podSelector: {}, namespaceSelector: { matchLabels: labels } },
            ],
            ports: [{ port: 80, protocol: "TCP", endPort: 90 }, { port: "http" }],
          },
        ],
        egress: [{ to: [{ ipBlock: { cidr: "fd00::/8" } }] }],
      },
    }),
  },
]

const storage: readonly Body[] = [
  {
    path: `${core}/persistentvolumeclaims`,
    body: object("v1", "PersistentVolumeClaim", {
      spec: {
        accessModes: ["ReadWriteOnce"],
        resources: { requests: { storage: "1Gi" }, limits: { storage: "2Gi" } },
        storageClassName: "fast",
        volumeMode: "Filesystem",
        volumeName: "v",
        selector: { matchLabels: labels },
        dataSource: { apiGroup: "snapshot.storage.k8s.io", kind: "VolumeSnapshot", name: "s" },
      },
    }),
  },
  {
    path: "/api/v1/persistentvolumes",
    body: object("v1", "PersistentVolume", {
      spec: {
        capacity: { storage: "1Gi" },
        accessModes: ["ReadWriteOnce"],
        persistentVolumeReclaimPolicy: "Retain",
        storageClassName: "fast",
        volumeMode: "Filesystem",
        mountOptions: ["ro"],
        hostPath: { path: "/data", type: "" },
        claimRef: { namespace: "fuzz", name: "a" },
        nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [expression] }] } },
      },
    }),
  },
  {
    path: "/apis/storage.k8s.io/v1/storageclasses",
    body: object("storage.k8s.io/v1", "StorageClass", {
      provisioner: "example.com/a",
      parameters: { a: "b" },
      reclaimPolicy: "Delete",
      volumeBindingMode: "WaitForFirstConsumer",
      allowVolumeExpansion: true,
      mountOptions: ["ro"],
      allowedTopologies: [{ matchLabelExpressions: [{ key: "zone", values: ["a"] }] }],
    }),
  },
]

const rbac = "rbac.authorization.k8s.io"
const rules = [
  { apiGroups: ["apps"], resources: ["deployments"], verbs: ["get"], resourceNames: ["a"] },
  { apiGroups: [""], resources: ["pods"], verbs: ["list"] },
]
const subjects = [
  { kind: "ServiceAccount", name: "a", namespace: "default" },
  { kind: "User", name: "b", apiGroup: rbac },
  { kind: "Group", name: "c", apiGroup: rbac },
]
const roleRef = { apiGroup: rbac, kind: "ClusterRole", name: "view" }

const access: readonly Body[] = [
  { path: `${group(`${rbac}/v1`)}/roles`, body: object(`${rbac}/v1`, "Role", { rules }) },
  {
    path: `/apis/${rbac}/v1/clusterroles`,
    body: object(`${rbac}/v1`, "ClusterRole", { rules: [...rules, { nonResourceURLs: ["/healthz"], verbs: ["get"] }] }),
  },
  {
    path: `/apis/${rbac}/v1/clusterroles`,
    body: {
      ...object(`${rbac}/v1`, "ClusterRole", {
        aggregationRule: { clusterRoleSelectors: [{ matchLabels: labels }] },
        rules: null,
      }),
      metadata: { name: "sum" },
    },
  },
  { path: `${group(`${rbac}/v1`)}/rolebindings`, body: object(`${rbac}/v1`, "RoleBinding", { roleRef, subjects }) },
  {
    path: `/apis/${rbac}/v1/clusterrolebindings`,
    body: object(`${rbac}/v1`, "ClusterRoleBinding", { roleRef, subjects }),
  },
  {
    path: `${core}/serviceaccounts`,
    body: object("v1", "ServiceAccount", {
      secrets: [{ name: "a" }],
      imagePullSecrets: [{ name: "b" }],
      automountServiceAccountToken: true,
    }),
  },
]

const policies: readonly Body[] = [
  {
    path: `${group("autoscaling/v2")}/horizontalpodautoscalers`,
    body: object("autoscaling/v2", "HorizontalPodAutoscaler", {
      spec: {
        minReplicas: 1,
        maxReplicas: 5,
        scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web" },
        metrics: [
          { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 50 } } },
          {
            type: "Pods",
            pods: {
              metric: { name: "rps", selector: { matchLabels: labels } },
              target: { type: "AverageValue", averageValue: "10" },
            },
          },
          {
            type: "Object",
            object: {
              metric: { name: "m" },
              describedObject: { kind: "Service", name: "a", apiVersion: "v1" },
              target: { type: "Value", value: "10" },
            },
          },
          {
            type: "External",
            external: { metric: { name: "m" }, target: { type: "AverageValue", averageValue: "10" } },
          },
          {
            type: "ContainerResource",
            containerResource: {
              name: "cpu",
              container: "web",
              target: { type: "Utilization", averageUtilization: 50 },
            },
          },
        ],
        behavior: {
          scaleDown: {
            stabilizationWindowSeconds: 60,
            selectPolicy: "Min",
            policies: [{ type: "Percent", value: 10, periodSeconds: 60 }],
          },
          scaleUp: { policies: [{ type: "Pods", value: 4, periodSeconds: 15 }] },
        },
      },
    }),
  },
  {
    path: `${group("policy/v1")}/poddisruptionbudgets`,
    body: object("policy/v1", "PodDisruptionBudget", {
      spec: {
        minAvailable: "50%",
        selector: { matchLabels: labels, matchExpressions: [expression] },
        unhealthyPodEvictionPolicy: "AlwaysAllow",
      },
    }),
  },
  {
    path: `${group("coordination.k8s.io/v1")}/leases`,
    body: object("coordination.k8s.io/v1", "Lease", {
      spec: {
        holderIdentity: "a",
        leaseDurationSeconds: 15,
        leaseTransitions: 1,
        acquireTime: "2026-01-02T03:04:05.000006Z",
        renewTime: "2026-01-02T03:04:05.000006Z",
      },
    }),
  },
  {
    path: `${core}/limitranges`,
    body: object("v1", "LimitRange", {
      spec: {
        limits: [
          {
            type: "Container",
            min: { cpu: "1m" },
            max: { cpu: "8" },
            default: { cpu: "4" },
            defaultRequest: { cpu: "2m" },
          },
          { type: "PersistentVolumeClaim", min: { storage: "1" }, max: { storage: "10Ti" } },
        ],
      },
    }),
  },
  {
    path: `${core}/resourcequotas`,
    body: object("v1", "ResourceQuota", {
      spec: {
        hard: { "requests.cpu": "1000", "count/secrets": "10000", pods: "10000" },
        scopes: ["NotTerminating"],
        scopeSelector: { matchExpressions: [{ scopeName: "PriorityClass", operator: "In", values: ["high"] }] },
      },
    }),
  },
  {
    path: "/apis/scheduling.k8s.io/v1/priorityclasses",
    body: object("scheduling.k8s.io/v1", "PriorityClass", {
      value: 100,
      globalDefault: false,
      description: "a",
      preemptionPolicy: "Never",
    }),
  },
  { path: "/api/v1/namespaces", body: object("v1", "Namespace", { spec: { finalizers: ["kubernetes"] } }) },
]

const data: readonly Body[] = [
  {
    path: `${core}/configmaps`,
    body: object("v1", "ConfigMap", { data: { "a.txt": "1", b: "2" }, binaryData: { c: "AAE=" } }),
  },
  {
    path: `${core}/configmaps`,
    body: { ...object("v1", "ConfigMap", { data: { a: "1" }, immutable: true }), metadata: { name: "fixed" } },
  },
  {
    path: `${core}/secrets`,
    body: object("v1", "Secret", { type: "Opaque", data: { a: "YQ==" }, stringData: { b: "c" } }),
  },
  {
    path: `${core}/secrets`,
    body: {
      ...object("v1", "Secret", { type: "kubernetes.io/tls", data: { "tls.crt": "YQ==", "tls.key": "YQ==" } }),
      metadata: { name: "tls" },
    },
  },
  {
    path: `${core}/secrets`,
    body: {
      ...object("v1", "Secret", { type: "kubernetes.io/dockerconfigjson", data: { ".dockerconfigjson": "e30=" } }),
      metadata: { name: "docker" },
    },
  },
  {
    path: `${core}/secrets`,
    body: {
      ...object("v1", "Secret", { type: "kubernetes.io/basic-auth", stringData: { username: "a", password: "b" } }),
      metadata: { name: "basic" },
    },
  },
  {
    path: `${core}/secrets`,
    body: {
      ...object("v1", "Secret", { type: "kubernetes.io/ssh-auth", stringData: { "ssh-privatekey": "a" } }),
      metadata: { name: "ssh" },
    },
  },
]

/** Objects of the kinds that people deploy. */
export const builtIn: readonly Body[] = [
  ...pods,
  ...workloads,
  ...batch,
  ...services,
  ...network,
  ...storage,
  ...access,
  ...policies,
  ...data,
]
