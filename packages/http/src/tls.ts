/** TLS material of a connection; PEM texts. */
export interface TlsOptions {
  /** The authorities to trust instead of the system's. */
  readonly ca?: string
  /** The client's certificate chain and key. */
  readonly cert?: string
  readonly key?: string
  /** The name to ask for and to check, when it is not the URL's host. */
  readonly serverName?: string
  /** Do not check the server's certificate: for throw-away servers only. Default false. */
  readonly insecure?: boolean
}
