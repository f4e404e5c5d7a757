variable "region" {
  description = "Region of the home."
  type        = string
}

variable "name" {
  description = "Name of the home."
  type        = string
  default     = "everqual"
}

variable "function_zip" {
  description = "Zip file with the program as bootstrap."
  type        = string
}

variable "rules_file" {
  description = "EventBridge rules; empty for the shipped ones."
  type        = string
  default     = ""
}

variable "architecture" {
  description = "arm64 or x86_64."
  type        = string
  default     = "arm64"
}

variable "organization_id" {
  description = "AWS Organizations id whose accounts may send events."
  type        = string
  default     = ""
}

variable "member_accounts" {
  description = "Accounts that may send events, where there is no organization."
  type        = list(string)
  default     = []
}

variable "external_id" {
  description = "External id that the collector roles ask for: choose one, as 'openssl rand -hex 16' does."
  type        = string
}

variable "observers" {
  description = "ARNs of roles or users who check members with 'everqual doctor'."
  type        = list(string)
  default     = []
}

variable "email_subscriptions" {
  description = "Addresses that get notices and alarms."
  type        = list(string)
  default     = []
}

variable "ledger_key_id" {
  description = "ARN of the KMS key that signs the ledger, where there is one already; empty to make one."
  type        = string
  default     = ""
}

variable "environment" {
  description = "Further environment variables of the functions."
  type        = map(string)
  default     = {}
}

variable "deletion_protection" {
  description = "Refuse to delete the ledger."
  type        = bool
  default     = true
}

variable "object_lock_days" {
  description = "Days of Object Lock in the archive, 0 for none."
  type        = number
  default     = 0
}

variable "worker" {
  description = "A worker on Fargate in place of the function work; null for none."
  type = object({
    image      = string
    vpc_id     = string
    subnet_ids = list(string)
    count      = optional(number, 1)
    cpu        = optional(number, 512)
    memory     = optional(number, 1024)
    public_ip  = optional(bool, false)
  })
  default = null
}

variable "default_tags" {
  description = "Tags of every resource."
  type        = map(string)
  default     = { Application = "everqual" }
}
