import { ToolkitError } from "@gitops-toolkit/kube"

/**
 * Why no connection could be set up: `NoCluster` (neither a kubeconfig nor a pod's service account was found),
 * `KubeconfigInvalid` (a file that is missing, no YAML, or names what it does not hold), `CredentialsUnavailable` (a token
 * or certificate file, or a credential plug-in, failed), `NotSupported` (a kind of login that this client lacks).
 */
export type ConnectErrorCode = "CredentialsUnavailable" | "KubeconfigInvalid" | "NoCluster" | "NotSupported"

/**
 * The error of `connect`. Messages name files, contexts and users, never credentials. While requests are made, a login
 * that fails is the `cause` of a `ClusterError` `Unauthorized`.
 */
export class ConnectError extends ToolkitError<ConnectErrorCode> {}
