variable "name" {
  description = "Name of the home in the tooling account."
  type        = string
}

variable "bus_arn" {
  description = "Central event bus: bus_arn of the home."
  type        = string
}

variable "observer_role_arns" {
  description = "Roles that may take the collector role: observer_role_arns of the home."
  type        = list(string)
}

variable "external_id" {
  description = "External id that the home is configured with."
  type        = string
  validation {
    condition     = can(regex("^[A-Za-z0-9+=,.@:/-]+$", var.external_id)) && length(var.external_id) >= 2 && length(var.external_id) <= 1224
    error_message = "An external id has 2 to 1224 letters, digits and characters of +=,.@:/-"
  }
}

variable "collector_role" {
  description = "Name of the collector role; empty for NAME-collector."
  type        = string
  default     = ""
}

variable "create_role" {
  description = "Make the roles. IAM is global: true in one region of an account, false in the others."
  type        = bool
  default     = true
}

variable "event_patterns" {
  description = "What is forwarded, by the name of the rule."
  type        = map(string)
  # CloudTrail's events that read are not delivered to rules in the state ENABLED.
  default = {
    changes = <<-EOT
      {"source": [{"prefix": "aws."}],
       "detail-type": ["AWS API Call via CloudTrail", "AWS Service Event via CloudTrail"]}
    EOT
    states  = <<-EOT
      {"source": ["aws.backup", "aws.cloudformation", "aws.config", "aws.ec2", "aws.guardduty", "aws.health",
                  "aws.inspector2", "aws.rds", "aws.securityhub", "aws.ssm"],
       "detail-type": [{"anything-but": ["AWS API Call via CloudTrail", "AWS Service Event via CloudTrail"]}]}
    EOT
  }
}
