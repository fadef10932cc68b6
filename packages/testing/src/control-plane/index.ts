export type { TokenUser } from "./api-server.ts"
export { missingBinaries, type Binary, type BinaryOptions } from "./binaries.ts"
export { startControlPlane, type CertificateUser, type ControlPlane, type ControlPlaneOptions } from "./start.ts"
