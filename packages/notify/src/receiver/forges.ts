import { parseJson } from "@gitops-toolkit/kube"
import { equalSecrets, verifyHmac, verifySignature } from "./signature.ts"

/** Whose webhooks a receiver takes. */
export type ReceiverKind =
  | "generic"
  | "generic-hmac"
  | "github"
  | "gitlab"
  | "bitbucket"
  | "gitea"
  | "harbor"
  | "nexus"
  | "quay"
  | "dockerhub"
  | "acr"
  | "cdevents"

/** A webhook as it came in. */
export interface Incoming {
  /** A header by its lower-case name; empty when it is missing. */
  readonly header: (name: string) => string
  readonly body: Uint8Array
  readonly secret: string
}

/** How one kind of webhook proves itself and says what happened. */
export interface Forge {
  readonly authenticate: (incoming: Incoming) => boolean
  /** The event's name; absent: the kind has none and `events` does not count. */
  readonly event?: (incoming: Incoming) => string
  /** The shape that the body must have. */
  readonly accepts?: (payload: unknown) => boolean
}

const hubSignature = ({ header, body, secret }: Incoming): boolean =>
  verifySignature(header("x-hub-signature-256") || header("x-hub-signature"), body, secret)

// The secret path is all that proves who sends.
const anyone = (): boolean => true

type JsonMap = { readonly [key: string]: unknown }

const isMap = (value: unknown): value is JsonMap => typeof value === "object" && value !== null && !Array.isArray(value)

/** The kinds by name. */
export const forges: { readonly [kind in ReceiverKind]: Forge } = {
  generic: { authenticate: anyone },
  "generic-hmac": {
    authenticate: ({ header, body, secret }) => verifySignature(header("x-signature"), body, secret),
  },
  github: { authenticate: hubSignature, event: ({ header }) => header("x-github-event") },
  gitea: { authenticate: hubSignature, event: ({ header }) => header("x-gitea-event") || header("x-github-event") },
  bitbucket: { authenticate: hubSignature, event: ({ header }) => header("x-event-key") },
  gitlab: {
    authenticate: ({ header, secret }) => secret !== "" && equalSecrets(header("x-gitlab-token"), secret),
    event: ({ header }) => header("x-gitlab-event"),
  },
  harbor: { authenticate: ({ header, secret }) => secret !== "" && equalSecrets(header("authorization"), secret) },
  nexus: {
    authenticate: ({ header, body, secret }) =>
      verifyHmac(header("x-nexus-webhook-signature"), { algorithm: "sha1", body, secret }),
    accepts: isMap,
  },
  quay: { authenticate: anyone, accepts: (payload) => isMap(payload) },
  dockerhub: { authenticate: anyone, accepts: (payload) => isMap(payload) },
  acr: { authenticate: anyone, accepts: (payload) => isMap(payload) },
  cdevents: { authenticate: anyone, event: ({ header }) => header("ce-type"), accepts: isCloudDeliveryEvent },
}

// The envelope that every CDEvent has.
function isCloudDeliveryEvent(payload: unknown): boolean {
  if (!isMap(payload) || !isMap(payload["context"]) || !isMap(payload["subject"])) return false
  const { id, type, source, timestamp, version } = payload["context"]
  const texts = [id, type, source, timestamp, version]
  return texts.every((text) => typeof text === "string" && text !== "") && typeof payload["subject"]["id"] === "string"
}

/**
 * The payload of a webhook: JSON, or GitHub's form with a field `payload`. `undefined` when it is neither.
 */
export function readPayload(body: Uint8Array, contentType: string): unknown {
  const text = new TextDecoder().decode(body)
  const form = contentType.startsWith("application/x-www-form-urlencoded")
  try {
    return parseJson(form ? (new URLSearchParams(text).get("payload") ?? "") : text)
  } catch {
    // Not JSON: an expected outcome, since many kinds do not look at the body.
    return undefined
  }
}
