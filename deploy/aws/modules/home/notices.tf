resource "aws_sns_topic" "notices" {
  name              = "${var.name}-notices"
  kms_master_key_id = aws_kms_key.data.arn
}

resource "aws_sns_topic_policy" "notices" {
  arn    = aws_sns_topic.notices.arn
  policy = templatefile("${local.policies}/topic.json", { topic = aws_sns_topic.notices.arn, root = local.root, account = local.account })
}

resource "aws_sns_topic_subscription" "email" {
  for_each  = toset(var.email_subscriptions)
  topic_arn = aws_sns_topic.notices.arn
  protocol  = "email"
  endpoint  = each.value
}

resource "aws_sns_topic_subscription" "https" {
  for_each      = var.https_subscriptions
  topic_arn     = aws_sns_topic.notices.arn
  protocol      = "https"
  endpoint      = each.value.url
  filter_policy = each.value.filter == "" ? null : each.value.filter
}

resource "aws_iam_role" "slack" {
  count              = var.slack == null ? 0 : 1
  name               = "${var.name}-slack"
  assume_role_policy = templatefile("${local.policies}/trust-service.json", { service = "chatbot.amazonaws.com", account = local.account })
}

# It may show alarms and nothing else: a channel is no place to act from.
resource "aws_chatbot_slack_channel_configuration" "notices" {
  count                 = var.slack == null ? 0 : 1
  configuration_name    = "${var.name}-notices"
  iam_role_arn          = aws_iam_role.slack[0].arn
  slack_team_id         = var.slack.workspace_id
  slack_channel_id      = var.slack.channel_id
  sns_topic_arns        = [aws_sns_topic.notices.arn]
  guardrail_policy_arns = ["arn:${local.partition}:iam::aws:policy/CloudWatchReadOnlyAccess"]
  logging_level         = "ERROR"
}
