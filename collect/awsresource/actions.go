package awsresource

// renamed are the operations whose IAM action has another name, from the
// Service Authorization Reference:
// https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
var renamed = map[string]string{
	"s3:GetBucketEncryption":                "s3:GetEncryptionConfiguration",
	"s3:GetBucketLifecycleConfiguration":    "s3:GetLifecycleConfiguration",
	"s3:GetBucketNotificationConfiguration": "s3:GetBucketNotification",
	"s3:GetBucketReplication":               "s3:GetReplicationConfiguration",
	"s3:GetObjectLockConfiguration":         "s3:GetBucketObjectLockConfiguration",
	"s3:GetPublicAccessBlock":               "s3:GetBucketPublicAccessBlock",
	"s3:ListBuckets":                        "s3:ListAllMyBuckets",
	"s3control:GetPublicAccessBlock":        "s3:GetAccountPublicAccessBlock",
	"cloudcontrol:GetResource":              "cloudformation:GetResource",
	"cloudcontrol:ListResources":            "cloudformation:ListResources",
}

// Action is the IAM action that permits an operation. Services are named as the
// evidence names them; API Gateway has one action for all that reads.
func Action(service, operation string) string {
	call := service + ":" + operation
	switch {
	case renamed[call] != "":
		return renamed[call]
	case service == "apigateway", service == "apigatewayv2":
		return "apigateway:GET"
	case service == "elasticloadbalancingv2":
		service = "elasticloadbalancing"
	}
	return service + ":" + operation
}
