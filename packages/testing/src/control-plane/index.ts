export type { TokenUser } from "./api-server.ts"
export { missingBinaries, type Binary, type BinaryOptions } from "./binaries.ts"
export type { CertificateUser, ControlPlane, ListeningPlane } from "./plane.ts"
export { startControlPlane, type ControlPlaneOptions } from "./start.ts"
