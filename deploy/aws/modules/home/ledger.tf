# Ledger and queue in one table. The stream wakes the function judge; its images
# hold what was written, never what was there before: nothing is overwritten but
# the head and messages.
resource "aws_dynamodb_table" "ledger" {
  name                        = var.name
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "pk"
  range_key                   = "sk"
  stream_enabled              = true
  stream_view_type            = "NEW_IMAGE"
  deletion_protection_enabled = var.deletion_protection

  attribute {
    name = "pk"
    type = "S"
  }
  attribute {
    name = "sk"
    type = "S"
  }
  point_in_time_recovery {
    enabled = true
  }
  server_side_encryption {
    enabled     = true
    kms_key_arn = aws_kms_key.data.arn
  }
}

# The deployment, named once: everything that runs reads this.
resource "aws_ssm_parameter" "home" {
  name        = "/everqual/${var.name}/home"
  description = "Where aws://${var.name} is"
  type        = "String"
  value = jsonencode({
    table     = aws_dynamodb_table.ledger.name
    queue_url = aws_sqs_queue.queue["work"].url
    bucket    = aws_s3_bucket.archive.bucket
    topic_arn = aws_sns_topic.notices.arn
    key_id    = local.ledger_key
  })
}
