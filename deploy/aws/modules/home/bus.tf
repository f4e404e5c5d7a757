# Events of the member accounts come to a bus of their own, where the rules that
# Everqual printed choose what goes to intake.
resource "aws_cloudwatch_event_bus" "central" {
  name = var.name
}

resource "aws_cloudwatch_event_bus_policy" "central" {
  event_bus_name = aws_cloudwatch_event_bus.central.name
  policy = templatefile("${local.policies}/bus.json", {
    bus          = aws_cloudwatch_event_bus.central.arn
    accounts     = [for a in distinct(concat([local.account], var.member_accounts)) : "arn:${local.partition}:iam::${a}:root"]
    organization = var.organization_id
  })
}

locals {
  rules     = { for r in jsondecode(file(var.rules_file)).rules : r.name => r }
  rule_arns = "arn:${local.partition}:events:${local.region}:${local.account}:rule/${var.name}/*"
}

resource "aws_cloudwatch_event_rule" "rule" {
  for_each       = local.rules
  name           = each.key
  description    = try(each.value.description, null)
  event_bus_name = aws_cloudwatch_event_bus.central.name
  event_pattern  = jsonencode(each.value.event_pattern)
  # State changes of read-only events are of no interest; this state is the default
  # and leaves them out where CloudTrail delivers them.
  state = "ENABLED"
}

resource "aws_cloudwatch_event_target" "intake" {
  for_each       = local.rules
  rule           = aws_cloudwatch_event_rule.rule[each.key].name
  event_bus_name = aws_cloudwatch_event_bus.central.name
  target_id      = "intake"
  arn            = aws_sqs_queue.queue["intake"].arn

  dynamic "input_transformer" {
    for_each = try([each.value.input_transformer], [])
    content {
      input_paths    = input_transformer.value.paths
      input_template = input_transformer.value.template
    }
  }
  dead_letter_config {
    arn = aws_sqs_queue.dead["intake"].arn
  }
  # As long and as often as EventBridge tries at most: an event that is not
  # delivered is a change that nobody sees.
  retry_policy {
    maximum_event_age_in_seconds = 86400
    maximum_retry_attempts       = 185
  }
}
