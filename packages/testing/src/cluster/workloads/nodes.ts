import type { KubeObject } from "@gitops-toolkit/kube"

const capacity = { cpu: "32", memory: "256Gi", pods: "110", "ephemeral-storage": "100Gi" }

/** A node that takes Pods. */
function nodeOf(name: string): KubeObject {
  const labels = { "kubernetes.io/arch": "amd64", "kubernetes.io/hostname": name, "kubernetes.io/os": "linux" }
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name, labels },
    status: {
      addresses: [
        { type: "InternalIP", address: "192.168.0.1" },
        { type: "Hostname", address: name },
      ],
      allocatable: capacity,
      capacity,
      conditions: [
        { type: "Ready", status: "True", reason: "KubeletReady", message: "kubelet is posting ready status" },
      ],
      nodeInfo: {
        architecture: "amd64",
        bootID: "",
        containerRuntimeVersion: "",
        kernelVersion: "",
        kubeProxyVersion: "",
        kubeletVersion: "v1.36.3",
        machineID: "",
        operatingSystem: "linux",
        osImage: "",
        systemUUID: "",
      },
      phase: "Running",
    },
  }
}

/** The nodes of a cluster whose workloads are played. */
export const nodes: readonly KubeObject[] = [nodeOf("node-a"), nodeOf("node-b")]
