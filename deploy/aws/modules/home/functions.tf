locals {
  # One program, six functions; what differs is what wakes them and what they may.
  function_defaults = {
    intake        = { memory = 512, timeout = 60, reserved = -1 }
    work          = { memory = 1024, timeout = 300, reserved = -1 }
    judge         = { memory = 1024, timeout = 120, reserved = -1 }
    specification = { memory = 1024, timeout = 900, reserved = -1 }
    schedule      = { memory = 1024, timeout = 900, reserved = -1 }
    task          = { memory = 1024, timeout = 900, reserved = -1 }
  }
  functions = { for name, f in local.function_defaults : name => {
    memory   = coalesce(try(var.functions[name].memory, null), f.memory)
    timeout  = coalesce(try(var.functions[name].timeout, null), f.timeout)
    reserved = coalesce(try(var.functions[name].reserved, null), f.reserved)
  } }

  collector_role = var.collector_role == "" ? "${var.name}-collector" : var.collector_role
  environment = merge({
    EVERQUAL_HOME        = "aws://${var.name}"
    EVERQUAL_ROLE        = local.collector_role
    EVERQUAL_EXTERNAL_ID = var.external_id
  }, var.environment)

  # What the policy documents name.
  named = {
    partition      = local.partition
    region         = local.region
    parameter      = aws_ssm_parameter.home.arn
    table          = aws_dynamodb_table.ledger.arn
    bucket         = aws_s3_bucket.archive.arn
    intake_queue   = aws_sqs_queue.queue["intake"].arn
    work_queue     = aws_sqs_queue.queue["work"].arn
    judge_dead     = aws_sqs_queue.dead["judge"].arn
    topic          = aws_sns_topic.notices.arn
    data_key       = aws_kms_key.data.arn
    ledger_key     = local.ledger_key
    collector_role = local.collector_role
  }
}

resource "aws_cloudwatch_log_group" "function" {
  for_each          = local.functions
  name              = "/aws/lambda/${var.name}-${each.key}"
  retention_in_days = var.log_retention_days
  kms_key_id        = aws_kms_key.data.arn
}

resource "aws_iam_role" "function" {
  for_each           = local.functions
  name               = "${var.name}-${each.key}"
  assume_role_policy = templatefile("${local.policies}/trust-service.json", { service = "lambda.amazonaws.com" })
}

resource "aws_iam_role_policy" "function" {
  for_each = local.functions
  name     = each.key
  role     = aws_iam_role.function[each.key].id
  policy = templatefile("${local.policies}/function-${each.key}.json",
  merge(local.named, { logs = aws_cloudwatch_log_group.function[each.key].arn }))
}

resource "aws_iam_role_policy" "log_files" {
  for_each = toset(var.log_buckets)
  name     = "logs-${each.key}"
  role     = aws_iam_role.function["intake"].id
  policy   = templatefile("${local.policies}/function-intake-logs.json", { log_bucket = "arn:${local.partition}:s3:::${each.key}" })
}

resource "aws_lambda_function" "function" {
  for_each                       = local.functions
  function_name                  = "${var.name}-${each.key}"
  description                    = "Everqual ${var.name}: ${each.key}"
  role                           = aws_iam_role.function[each.key].arn
  runtime                        = "provided.al2023"
  handler                        = "bootstrap"
  architectures                  = [var.architecture]
  filename                       = var.function_zip
  source_code_hash               = filebase64sha256(var.function_zip)
  memory_size                    = each.value.memory
  timeout                        = each.value.timeout
  reserved_concurrent_executions = each.value.reserved
  kms_key_arn                    = aws_kms_key.data.arn

  environment {
    variables = merge(local.environment, { EVERQUAL_FUNCTION = each.key })
  }
  logging_config {
    log_format = "Text" # the program writes JSON, and metrics that JSON of Lambda's own would wrap
    log_group  = aws_cloudwatch_log_group.function[each.key].name
  }
  depends_on = [aws_iam_role_policy.function]
}

resource "aws_lambda_event_source_mapping" "intake" {
  event_source_arn                   = aws_sqs_queue.queue["intake"].arn
  function_name                      = aws_lambda_function.function["intake"].arn
  function_response_types            = ["ReportBatchItemFailures"]
  batch_size                         = 100
  maximum_batching_window_in_seconds = 5 # events of one change come together, and are appended together
  scaling_config {
    maximum_concurrency = var.max_concurrency.intake
  }
}

# A worker on Fargate takes the place of the function.
resource "aws_lambda_event_source_mapping" "work" {
  enabled                 = !var.enable_worker
  event_source_arn        = aws_sqs_queue.queue["work"].arn
  function_name           = aws_lambda_function.function["work"].arn
  function_response_types = ["ReportBatchItemFailures"]
  batch_size              = 5
  scaling_config {
    maximum_concurrency = var.max_concurrency.work
  }
}

# Only new observations wake: nine of ten items of the table are something else. One
# that fails again and again must not hold up those behind it for the day that the
# stream lasts: it ends in the dead letters, and the schedule rejudge finds it too.
resource "aws_lambda_event_source_mapping" "judge" {
  event_source_arn                   = aws_dynamodb_table.ledger.stream_arn
  function_name                      = aws_lambda_function.function["judge"].arn
  function_response_types            = ["ReportBatchItemFailures"]
  starting_position                  = "TRIM_HORIZON"
  batch_size                         = 100
  maximum_batching_window_in_seconds = 1
  maximum_retry_attempts             = 20
  bisect_batch_on_function_error     = true
  filter_criteria {
    filter {
      pattern = jsonencode({
        eventName = ["INSERT"]
        dynamodb = {
          Keys     = { pk = { S = [{ prefix = "record#" }] } }
          NewImage = { kind = { S = ["observation"] } }
        }
      })
    }
  }
  destination_config {
    on_failure {
      destination_arn = aws_sqs_queue.dead["judge"].arn
    }
  }
}

resource "aws_lambda_permission" "specification" {
  statement_id   = "archive"
  action         = "lambda:InvokeFunction"
  function_name  = aws_lambda_function.function["specification"].function_name
  principal      = "s3.amazonaws.com"
  source_arn     = aws_s3_bucket.archive.arn
  source_account = local.account
}
