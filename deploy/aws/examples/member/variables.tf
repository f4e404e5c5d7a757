variable "region" {
  description = "Region whose events are forwarded."
  type        = string
}

variable "name" {
  description = "Name of the home."
  type        = string
  default     = "everqual"
}

variable "bus_arn" {
  description = "Output bus_arn of the tooling account."
  type        = string
}

variable "observer_role_arns" {
  description = "Output observer_role_arns of the tooling account."
  type        = list(string)
}

variable "external_id" {
  description = "External id, as in the tooling account."
  type        = string
}

variable "create_role" {
  description = "Make the roles: true in one region of the account, false in the others."
  type        = bool
  default     = true
}

variable "default_tags" {
  description = "Tags of every resource."
  type        = map(string)
  default     = { Application = "everqual" }
}
