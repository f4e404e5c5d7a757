# A member account, one region. Other regions: another apply with create_role = false.
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

module "member" {
  source             = "../../modules/member"
  name               = var.name
  bus_arn            = var.bus_arn
  observer_role_arns = var.observer_role_arns
  external_id        = var.external_id
  create_role        = var.create_role
}

output "collector_role_arn" {
  value = module.member.collector_role_arn
}
