# The tooling account: one home.
terraform {
  required_version = ">= 1.9"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.80, < 7.0"
    }
  }
}

provider "aws" {
  region = var.region
  default_tags {
    tags = var.default_tags
  }
}

module "home" {
  source              = "../../modules/home"
  name                = var.name
  function_zip        = var.function_zip
  rules_file          = var.rules_file == "" ? "${path.module}/../../rules.json" : var.rules_file
  architecture        = var.architecture
  organization_id     = var.organization_id
  member_accounts     = var.member_accounts
  external_id         = var.external_id
  observers           = var.observers
  email_subscriptions = var.email_subscriptions
  ledger_key_id       = var.ledger_key_id
  environment         = var.environment
  deletion_protection = var.deletion_protection
  object_lock_days    = var.object_lock_days
  enable_worker       = var.worker != null
  worker              = var.worker
}
