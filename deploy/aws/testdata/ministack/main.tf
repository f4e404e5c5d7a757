# A home to try, with times that a test can wait for.
terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

provider "aws" {}

variable "function_zip" {
  type = string
}

variable "architecture" {
  type = string
}

variable "environment" {
  type = map(string)
}

module "home" {
  source              = "../../modules/home"
  name                = "prod"
  function_zip        = var.function_zip
  architecture        = var.architecture
  rules_file          = "${path.module}/../../rules.json"
  environment         = var.environment
  external_id         = "the-external-id"
  member_accounts     = ["222233334444"]
  deletion_protection = false
  approval_days       = 0.001 # 86 seconds
  schedules           = { work = { expression = "rate(1 minute)", input = "{\"do\":\"work\"}" } }
}

output "home" {
  value = module.home
}
