terraform {
  required_version = ">= 1.9"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.80, < 7.0"
    }
  }
}

data "aws_caller_identity" "this" {}
data "aws_partition" "this" {}
data "aws_region" "this" {}

locals {
  account   = data.aws_caller_identity.this.account_id
  partition = data.aws_partition.this.partition
  # The attribute was renamed in version 6 of the provider; the id is the name in both.
  region = data.aws_region.this.id
  root   = "arn:${local.partition}:iam::${local.account}:root"

  policies      = "${path.module}/../../policies"
  statemachines = "${path.module}/../../statemachines"
}
