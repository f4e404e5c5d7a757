# One key encrypts everything at rest. Services that write into it on their own
# behalf may use it for resources of this account only.
resource "aws_kms_key" "data" {
  description             = "Everqual ${var.name}: data at rest"
  enable_key_rotation     = true
  deletion_window_in_days = 30
  policy = templatefile("${local.policies}/key-data.json", {
    root    = local.root
    account = local.account
    logs    = "logs.${local.region}.amazonaws.com"
    groups  = "arn:${local.partition}:logs:${local.region}:${local.account}:log-group:*"
  })
}

resource "aws_kms_alias" "data" {
  name          = "alias/${var.name}-data"
  target_key_id = aws_kms_key.data.key_id
}

# Terraform's AWS provider does not know the key spec ECC_NIST_EDWARDS25519;
# CloudFormation does. The stack keeps the key when it is deleted: what it signed
# must stay verifiable.
resource "aws_cloudformation_stack" "ledger_key" {
  count         = var.ledger_key_id == "" ? 1 : 0
  name          = "${var.name}-ledger-key"
  template_body = file("${path.module}/ledger-key.yaml")
  parameters    = { Name = var.name }
}

locals {
  ledger_key = var.ledger_key_id == "" ? aws_cloudformation_stack.ledger_key[0].outputs["KeyArn"] : var.ledger_key_id
}
