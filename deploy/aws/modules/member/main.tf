terraform {
  required_version = ">= 1.9"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.80, < 7.0"
    }
  }
}

data "aws_partition" "this" {}

locals {
  policies = "${path.module}/../../policies"
  # What 'everqual iam-policy --collect --list' prints, in parts that IAM can take.
  collect = fileset("${local.policies}/collect", "*.json")
  role    = var.collector_role == "" ? "${var.name}-collector" : var.collector_role
}

# The role that Everqual takes to look at this account. It reads configuration and
# nothing else.
resource "aws_iam_role" "collector" {
  count                = var.create_role ? 1 : 0
  name                 = local.role
  description          = "Everqual ${var.name} reads the configuration of this account with it"
  max_session_duration = 3600
  assume_role_policy = templatefile("${local.policies}/trust-collector.json", {
    observers   = var.observer_role_arns
    external_id = var.external_id
  })
}

resource "aws_iam_policy" "collect" {
  for_each    = var.create_role ? local.collect : []
  name        = "${local.role}-${trimsuffix(each.key, ".json")}"
  description = "Part of what Everqual ${var.name} reads"
  policy      = file("${local.policies}/collect/${each.key}")
}

resource "aws_iam_role_policy_attachment" "collect" {
  for_each   = aws_iam_policy.collect
  role       = aws_iam_role.collector[0].name
  policy_arn = each.value.arn
}

# Every region that is used needs its own rules. They forward what may tell of a
# change; which of it does is for the rules of the central bus.
resource "aws_iam_role" "forward" {
  count              = var.create_role ? 1 : 0
  name               = "${var.name}-forward"
  description        = "EventBridge sends events to Everqual ${var.name} with it"
  assume_role_policy = templatefile("${local.policies}/trust-service.json", { service = "events.amazonaws.com" })
}

resource "aws_iam_role_policy" "forward" {
  count  = var.create_role ? 1 : 0
  name   = "forward"
  role   = aws_iam_role.forward[0].id
  policy = templatefile("${local.policies}/forward.json", { bus = var.bus_arn })
}

data "aws_iam_role" "forward" {
  count = var.create_role ? 0 : 1
  name  = "${var.name}-forward"
}

resource "aws_cloudwatch_event_rule" "forward" {
  for_each      = var.event_patterns
  name          = "${var.name}-${each.key}"
  description   = "Everqual ${var.name}: ${each.key}"
  event_pattern = each.value
}

resource "aws_cloudwatch_event_target" "forward" {
  for_each   = var.event_patterns
  rule       = aws_cloudwatch_event_rule.forward[each.key].name
  target_id  = "everqual"
  arn        = var.bus_arn
  role_arn   = var.create_role ? aws_iam_role.forward[0].arn : data.aws_iam_role.forward[0].arn
  depends_on = [aws_iam_role_policy.forward]
}

output "collector_role_arn" {
  description = "What Everqual reads this account with."
  value       = var.create_role ? aws_iam_role.collector[0].arn : null
}
