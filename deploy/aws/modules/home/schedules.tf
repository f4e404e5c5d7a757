# The clock wakes what no event wakes: judging anew when a specification comes into
# force or ends, signing the ledger, and what a lost name left in the queue.
resource "aws_scheduler_schedule_group" "this" {
  name = var.name
}

resource "aws_iam_role" "scheduler" {
  name               = "${var.name}-scheduler"
  assume_role_policy = templatefile("${local.policies}/trust-own.json", { service = "scheduler.amazonaws.com", account = local.account })
}

resource "aws_iam_role_policy" "scheduler" {
  name = "scheduler"
  role = aws_iam_role.scheduler.id
  policy = templatefile("${local.policies}/scheduler.json", {
    function = aws_lambda_function.function["schedule"].arn
    dead     = aws_sqs_queue.dead["schedule"].arn
    data_key = aws_kms_key.data.arn
  })
}

resource "aws_scheduler_schedule" "schedule" {
  for_each                     = var.schedules
  name                         = each.key
  group_name                   = aws_scheduler_schedule_group.this.name
  schedule_expression          = each.value.expression
  schedule_expression_timezone = each.value.timezone
  flexible_time_window {
    mode = "OFF"
  }
  target {
    arn      = aws_lambda_function.function["schedule"].arn
    role_arn = aws_iam_role.scheduler.arn
    input    = each.value.input
    retry_policy {
      maximum_event_age_in_seconds = 3600 # the next one does the same
      maximum_retry_attempts       = 5
    }
    dead_letter_config {
      arn = aws_sqs_queue.dead["schedule"].arn
    }
  }
  depends_on = [aws_iam_role_policy.scheduler]
}
