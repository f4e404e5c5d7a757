locals {
  functions_by_name = { for name in keys(local.functions) : name => { FunctionName = aws_lambda_function.function[name].function_name } }

  # Each row is one alarm. Missing data is no breach: a quiet account is a good one.
  alarms = merge(
    { for q in keys(local.queues) : "${q}-waits" => {
      says       = "The oldest message for ${q} has waited for more than 15 minutes: look at the function's errors and concurrency."
      namespace  = "AWS/SQS", metric = "ApproximateAgeOfOldestMessage", statistic = "Maximum", threshold = 900, period = 300, periods = 1
      dimensions = { QueueName = aws_sqs_queue.queue[q].name }
    } },
    { for q in local.dead : "${q}-dead-letters" => {
      says       = "Something failed for good: look into the queue ${var.name}-${q}-dlq."
      namespace  = "AWS/SQS", metric = "ApproximateNumberOfMessagesVisible", statistic = "Maximum", threshold = 0, period = 300, periods = 1
      dimensions = { QueueName = aws_sqs_queue.dead[q].name }
    } },
    { for f, d in local.functions_by_name : "${f}-errors" => {
      says       = "The function ${f} failed in three periods in a row: look into its log group."
      namespace  = "AWS/Lambda", metric = "Errors", statistic = "Sum", threshold = 0, period = 300, periods = 3
      dimensions = d
    } },
    { for f, d in local.functions_by_name : "${f}-throttles" => {
      says       = "The function ${f} was throttled: its reserved concurrency or the account's is used up."
      namespace  = "AWS/Lambda", metric = "Throttles", statistic = "Sum", threshold = 0, period = 300, periods = 3
      dimensions = d
    } },
    { ledger-lag = {
      says       = "Observations have waited for their verdict for more than 10 minutes: look at the function judge."
      namespace  = "AWS/Lambda", metric = "IteratorAge", statistic = "Maximum", threshold = 600000, period = 300, periods = 1
      dimensions = local.functions_by_name.judge
    } },
    { ledger-throttles = {
      says       = "DynamoDB throttled writes: the head of the ledger takes no more appends; see docs/scale.md."
      namespace  = "AWS/DynamoDB", metric = "WriteThrottleEvents", statistic = "Sum", threshold = 0, period = 300, periods = 3
      dimensions = { TableName = aws_dynamodb_table.ledger.name }
    } },
    { for m in local.machines : "${m}-failed" => {
      says       = "An execution of the state machine ${m} failed: its history says in which state."
      namespace  = "AWS/States", metric = "ExecutionsFailed", statistic = "Sum", threshold = 0, period = 300, periods = 1
      dimensions = { StateMachineArn = aws_sfn_state_machine.machine[m].arn }
    } },
    { for f in ["work", "schedule"] : "${f}-gave-up" => {
      says       = "A message failed for good: 'everqual deadletter list' says which, and why."
      namespace  = "Everqual", metric = "DeadLetters", statistic = "Sum", threshold = 0, period = 300, periods = 1
      dimensions = { Home = var.name, Function = f }
    } },
  )
}

resource "aws_cloudwatch_metric_alarm" "alarm" {
  for_each            = local.alarms
  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = each.value.says
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.dimensions
  statistic           = each.value.statistic
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.threshold
  period              = each.value.period
  evaluation_periods  = each.value.periods
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.notices.arn]
  ok_actions          = [aws_sns_topic.notices.arn]
}

locals {
  # Rows of the dashboard: title, and the metrics of its graph. The program's own
  # metrics are in the namespace Everqual, by home and function.
  own = { for m, f in {
    EventsMatched = "intake", EventsUnmatched = "intake", EventsDuplicate = "intake", EventsUnparsable = "intake"
    Done          = "work", Retried = "work", DeadLetters = "work", Judged = "judge"
  } : m => ["Everqual", m, "Home", var.name, "Function", f] }
  graphs = [
    ["Events", [for m in ["EventsMatched", "EventsUnmatched", "EventsDuplicate", "EventsUnparsable"] : local.own[m]], "Sum"],
    ["Work", [for m in ["Done", "Retried", "DeadLetters", "Judged"] : local.own[m]], "Sum"],
    ["Oldest message (s)", [for q in keys(local.queues) : ["AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName", aws_sqs_queue.queue[q].name]], "Maximum"],
    ["Dead letters", [for q in local.dead : ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", aws_sqs_queue.dead[q].name]], "Maximum"],
    ["Ledger lag (ms)", [["AWS/Lambda", "IteratorAge", "FunctionName", "${var.name}-judge"]], "Maximum"],
    ["Ledger capacity", [for m in ["ConsumedWriteCapacityUnits", "ConsumedReadCapacityUnits", "TransactionConflict"] : ["AWS/DynamoDB", m, "TableName", var.name]], "Sum"],
    ["Function errors", [for f in keys(local.functions) : ["AWS/Lambda", "Errors", "FunctionName", "${var.name}-${f}"]], "Sum"],
    ["Function duration (ms)", [for f in keys(local.functions) : ["AWS/Lambda", "Duration", "FunctionName", "${var.name}-${f}"]], "p95"],
  ]
}

resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = var.name
  dashboard_body = jsonencode({ widgets = [for i, g in local.graphs : {
    type       = "metric", x = 12 * (i % 2), y = 6 * floor(i / 2), width = 12, height = 6
    properties = { title = g[0], metrics = g[1], stat = g[2], period = 300, region = local.region, view = "timeSeries" }
  }] })
}
