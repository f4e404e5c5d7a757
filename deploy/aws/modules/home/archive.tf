# Evidence, reports and specifications. What is archived is named by its digest
# and never written twice; versioning keeps what a mistake would overwrite.
resource "aws_s3_bucket" "archive" {
  bucket              = "${var.name}-${local.account}-${local.region}"
  object_lock_enabled = var.object_lock_days > 0
}

resource "aws_s3_bucket_versioning" "archive" {
  bucket = aws_s3_bucket.archive.id
  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "archive" {
  bucket = aws_s3_bucket.archive.id
  rule {
    bucket_key_enabled = true
    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.data.arn
    }
  }
}

resource "aws_s3_bucket_public_access_block" "archive" {
  bucket                  = aws_s3_bucket.archive.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "archive" {
  bucket = aws_s3_bucket.archive.id
  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_policy" "archive" {
  bucket     = aws_s3_bucket.archive.id
  policy     = templatefile("${local.policies}/bucket.json", { bucket = aws_s3_bucket.archive.arn })
  depends_on = [aws_s3_bucket_public_access_block.archive]
}

resource "aws_s3_bucket_object_lock_configuration" "archive" {
  count      = var.object_lock_days > 0 ? 1 : 0
  bucket     = aws_s3_bucket.archive.id
  depends_on = [aws_s3_bucket_versioning.archive]
  rule {
    default_retention {
      mode = var.object_lock_mode
      days = var.object_lock_days
    }
  }
}

# Nothing expires: how long evidence is kept is said in the ledger, and an operator
# deletes it by that. What a lifecycle deleted would be missing.
resource "aws_s3_bucket_lifecycle_configuration" "archive" {
  bucket     = aws_s3_bucket.archive.id
  depends_on = [aws_s3_bucket_versioning.archive]
  rule {
    id     = "tier"
    status = "Enabled"
    filter {}
    transition {
      days          = var.archive_tier_days
      storage_class = "INTELLIGENT_TIERING"
    }
    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
  }
}

resource "aws_s3_bucket_notification" "archive" {
  bucket     = aws_s3_bucket.archive.id
  depends_on = [aws_lambda_permission.specification]
  lambda_function {
    id                  = "specifications"
    lambda_function_arn = aws_lambda_function.function["specification"].arn
    events              = ["s3:ObjectCreated:*"]
    filter_prefix       = "specs/"
  }
}
