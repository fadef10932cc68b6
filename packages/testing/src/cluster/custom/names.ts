/** The table of CustomResourceDefinitions. */
export const definitionTable: string = "customresourcedefinitions.apiextensions.k8s.io"

/** The finalizer that keeps a definition until its objects are gone. */
export const cleanupFinalizer: string = "customresourcecleanup.apiextensions.k8s.io"
