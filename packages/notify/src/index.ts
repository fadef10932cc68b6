export { createHttpChannel, createSender } from "./channel.ts"
export type { Channel, ChannelRequest, HttpChannelDefinition, HttpChannelOptions, Sender } from "./channel.ts"
export * from "./channels/alertmanager.ts"
export * from "./channels/datadog.ts"
export * from "./channels/google-chat.ts"
export * from "./channels/grafana.ts"
export * from "./channels/incident-io.ts"
export * from "./channels/lark.ts"
export * from "./channels/matrix.ts"
export * from "./channels/opsgenie.ts"
export * from "./channels/pagerduty.ts"
export * from "./channels/sentry.ts"
export * from "./channels/slack.ts"
export * from "./channels/teams.ts"
export * from "./channels/telegram.ts"
export * from "./channels/webex.ts"
export * from "./channels/webhook.ts"
export * from "./channels/zoom.ts"
export * from "./channels/zulip.ts"
export * from "./commit-status.ts"
export * from "./error.ts"
export {
  combineMetadata,
  describeObject,
  metadataEntries,
  notificationOf,
  parseNotification,
  printNotification,
  withoutInternalMetadata,
} from "./notification.ts"
export type {
  AlertMetadata,
  CombinedMetadata,
  InvolvedObject,
  Metadata,
  Notification,
  ObservedEvent,
} from "./notification.ts"
export * from "./rule.ts"
export * from "./notifier.ts"
export * from "./outbox.ts"
export * from "./receiver/receiver.ts"
export type { ReceiverKind } from "./receiver/forges.ts"
export { equalSecrets, verifySignature } from "./receiver/signature.ts"
export * from "./receiver/hooks.ts"
export * from "./forges/azure-devops.ts"
export * from "./forges/bitbucket.ts"
export type { CommentChannelOptions } from "./forges/comment.ts"
export * from "./forges/gitea.ts"
export type { GithubApp, GithubAuth } from "./forges/github-auth.ts"
export * from "./forges/github.ts"
export * from "./forges/gitlab.ts"
export type { StatusChannelOptions } from "./forges/status.ts"
