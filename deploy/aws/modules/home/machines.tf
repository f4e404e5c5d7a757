locals {
  machines = toset(["collect", "qualify"])
  machine_arns = { for m in local.machines : m =>
  "arn:${local.partition}:states:${local.region}:${local.account}:stateMachine:${var.name}-${m}" }
}

# The name begins as Step Functions' own do: the resource policy that lets it
# write holds 5,120 characters for the whole account, and covers this prefix once.
# https://docs.aws.amazon.com/step-functions/latest/dg/bp-cwl.html
resource "aws_cloudwatch_log_group" "machine" {
  for_each          = local.machines
  name              = "/aws/vendedlogs/states/${var.name}-${each.key}"
  retention_in_days = var.log_retention_days
  kms_key_id        = aws_kms_key.data.arn
}

resource "aws_iam_role" "machine" {
  for_each           = local.machines
  name               = "${var.name}-machine-${each.key}"
  assume_role_policy = templatefile("${local.policies}/trust-own.json", { service = "states.amazonaws.com", account = local.account })
}

resource "aws_iam_role_policy" "machine" {
  for_each = local.machines
  name     = each.key
  role     = aws_iam_role.machine[each.key].id
  policy = templatefile("${local.policies}/machine-${each.key}.json", {
    function   = aws_lambda_function.function["task"].arn
    dead       = aws_sqs_queue.dead["collect"].arn
    topic      = aws_sns_topic.notices.arn
    bucket     = aws_s3_bucket.archive.arn
    data_key   = aws_kms_key.data.arn
    machine    = local.machine_arns[each.key]
    executions = replace(local.machine_arns[each.key], ":stateMachine:", ":execution:")
  })
}

resource "aws_sfn_state_machine" "machine" {
  for_each = local.machines
  name     = "${var.name}-${each.key}"
  role_arn = aws_iam_role.machine[each.key].arn
  definition = templatefile("${local.statemachines}/${each.key}.asl.json", {
    retry            = file("${local.statemachines}/retry.json")
    function         = aws_lambda_function.function["task"].arn
    dead_url         = aws_sqs_queue.dead["collect"].url
    topic            = aws_sns_topic.notices.arn
    bucket           = aws_s3_bucket.archive.bucket
    approval_seconds = var.approval_days * 86400
  })
  logging_configuration {
    level                  = "ALL"
    include_execution_data = true
    log_destination        = "${aws_cloudwatch_log_group.machine[each.key].arn}:*"
  }
  depends_on = [aws_iam_role_policy.machine]
}
