locals {
  # A message that a function holds must not come back while it runs: six times its
  # timeout, as AWS advises for event source mappings with a batching window.
  # https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
  queues = {
    intake = { visibility = 6 * local.functions.intake.timeout, receives = 10, retention = local.longest }
    # A worker looks into the table. Nobody takes the names then, so they end by themselves.
    work = { visibility = 6 * local.functions.work.timeout, receives = 10, retention = var.enable_worker ? 60 : local.longest }
  }
  longest = 1209600 # 14 days, the most there is
  # Where what nobody could do ends, for a person to look at.
  dead = toset(["intake", "work", "judge", "schedule", "collect"])
}

resource "aws_sqs_queue" "dead" {
  for_each                          = local.dead
  name                              = "${var.name}-${each.key}-dlq"
  message_retention_seconds         = local.longest
  kms_master_key_id                 = aws_kms_key.data.arn
  kms_data_key_reuse_period_seconds = 3600
}

resource "aws_sqs_queue" "queue" {
  for_each                          = local.queues
  name                              = "${var.name}-${each.key}"
  visibility_timeout_seconds        = each.value.visibility
  message_retention_seconds         = each.value.retention
  receive_wait_time_seconds         = 20
  kms_master_key_id                 = aws_kms_key.data.arn
  kms_data_key_reuse_period_seconds = 3600
  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead[each.key].arn
    maxReceiveCount     = each.value.receives
  })
}

resource "aws_sqs_queue_redrive_allow_policy" "dead" {
  for_each  = local.queues
  queue_url = aws_sqs_queue.dead[each.key].url
  redrive_allow_policy = jsonencode({
    redrivePermission = "byQueue"
    sourceQueueArns   = [aws_sqs_queue.queue[each.key].arn]
  })
}

resource "aws_sqs_queue_policy" "intake" {
  queue_url = aws_sqs_queue.queue["intake"].url
  policy = templatefile("${local.policies}/queue-intake.json", {
    queue   = aws_sqs_queue.queue["intake"].arn
    rules   = local.rule_arns
    buckets = jsonencode([for b in var.log_buckets : "arn:${local.partition}:s3:::${b}"])
  })
}

resource "aws_sqs_queue_policy" "intake_dead" {
  queue_url = aws_sqs_queue.dead["intake"].url
  policy = templatefile("${local.policies}/queue-intake.json", {
    queue   = aws_sqs_queue.dead["intake"].arn
    rules   = local.rule_arns
    buckets = "[]"
  })
}
