# An account that is watched, in two regions.
terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

provider "aws" {
  region = "eu-central-1"
}

provider "aws" {
  alias  = "other"
  region = "us-east-1"
}

variable "observer_role_arns" {
  type = list(string)
}

variable "bus_arn" {
  type = string
}

variable "external_id" {
  type = string
}

module "member" {
  source             = "../../modules/member"
  name               = "prod"
  bus_arn            = var.bus_arn
  observer_role_arns = var.observer_role_arns
  external_id        = var.external_id
}

module "other" {
  source             = "../../modules/member"
  providers          = { aws = aws.other }
  name               = "prod"
  bus_arn            = var.bus_arn
  observer_role_arns = var.observer_role_arns
  external_id        = var.external_id
  create_role        = false
  depends_on         = [module.member]
}
