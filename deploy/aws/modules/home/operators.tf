# For people who use the commands with --home aws://NAME. What they append they sign,
# as every command does on closing a home.
resource "aws_iam_policy" "operator" {
  name        = "${var.name}-operator"
  description = "Everqual ${var.name}: read the ledger, look after dead letters, accept baselines, issue reports"
  policy      = templatefile("${local.policies}/operator.json", local.named)
}
