/** A way to a repository's upload-pack; the protocol above does not know what carries it. */
export interface GitConnection {
  /** What remembers this server's capabilities: equal for connections that reach the same repository. */
  readonly stateless: boolean
  /** The server's first words. */
  advertise(): Promise<AsyncIterable<Uint8Array>>
  /** The answer to a command. Over ssh `advertise` must have been called. */
  command(body: Buffer): Promise<AsyncIterable<Uint8Array>>
  /** Ends the conversation; safe to call twice. */
  close(): Promise<void>
}
