output "home" {
  description = "What the commands take as --home."
  value       = "aws://${var.name}"
}

output "bus_arn" {
  description = "Where member accounts send their events."
  value       = aws_cloudwatch_event_bus.central.arn
}

output "collector_role" {
  description = "Name that the role in member accounts must have."
  value       = local.collector_role
}

output "observer_role_arns" {
  description = "Roles that the collector roles trust."
  value = concat([for f in ["work", "schedule", "task"] : aws_iam_role.function[f].arn],
  [for k, r in aws_iam_role.worker : r.arn if k == "task"], var.observers)
}

output "bucket" {
  description = "Archive; specifications belong under specs/."
  value       = aws_s3_bucket.archive.bucket
}

output "ledger_key_arn" {
  description = "Key that signs the ledger."
  value       = local.ledger_key
}

output "topic_arn" {
  description = "Where notices and alarms go."
  value       = aws_sns_topic.notices.arn
}

output "state_machines" {
  description = "State machines by name."
  value       = { for m, s in aws_sfn_state_machine.machine : m => s.arn }
}

output "parameter" {
  description = "SSM parameter that names the parts of the home."
  value       = aws_ssm_parameter.home.name
}

output "operator_policy_arn" {
  description = "Policy for people who use the commands with this home."
  value       = aws_iam_policy.operator.arn
}
