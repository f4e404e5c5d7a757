# A home to try, with times that a test can wait for, and an account that it watches.
terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

provider "aws" {}

provider "aws" {
  alias      = "member"
  access_key = var.member
  secret_key = "test"
}

variable "function_zip" {
  type = string
}

variable "architecture" {
  type = string
}

variable "environment" {
  type = map(string)
}

variable "member" {
  type = string
}

locals {
  external_id = "the-external-id"
}

module "home" {
  source              = "../../modules/home"
  name                = "prod"
  function_zip        = var.function_zip
  architecture        = var.architecture
  rules_file          = "${path.module}/../../rules.json"
  environment         = var.environment
  external_id         = local.external_id
  member_accounts     = [var.member]
  deletion_protection = false
  approval_days       = 0.001 # 86 seconds
  schedules           = { work = { expression = "rate(1 minute)", input = "{\"do\":\"work\"}" } }
}

module "member" {
  source             = "../../modules/member"
  providers          = { aws = aws.member }
  name               = "prod"
  bus_arn            = module.home.bus_arn
  observer_role_arns = module.home.observer_role_arns
  external_id        = local.external_id
}

output "home" {
  value = module.home
}
