package collect

import (
	"fmt"
	"slices"
	"strings"

	"github.com/everqual/everqual"
)

// reading are the verbs of operations that change nothing.
var reading = []string{"BatchGet", "Describe", "Get", "List", "Lookup", "Search"}

// revealing operations read by their name, and hand out data, secrets or
// credentials: nothing that is observed needs them.
var revealing = []string{
	"dynamodb:BatchGetItem", "dynamodb:GetItem", "ec2:GetPasswordData", "ecr:GetAuthorizationToken", "ecr:GetDownloadUrlForLayer",
	"kinesis:GetRecords", "lambda:GetFunction", "lambda:GetLayerVersion", "logs:GetLogEvents", "redshift:GetClusterCredentials",
	"redshift:GetClusterCredentialsWithIAM", "s3:GetObject", "secretsmanager:BatchGetSecretValue", "secretsmanager:GetSecretValue",
	"sts:GetFederationToken", "sts:GetSessionToken", "ssm:GetParameterHistory", "ssm:GetParametersByPath",
}

// guard refuses a call that could change something or reveal a secret. The
// error is permanent: the program is wrong, not AWS.
func guard(c Call, permitted []string) error {
	name := c.Service + ":" + c.Operation
	reads := slices.ContainsFunc(reading, func(verb string) bool { return strings.HasPrefix(c.Operation, verb) })
	switch {
	case slices.Contains(permitted, name):
		return nil
	case !reads:
		return everqual.Permanent(fmt.Errorf("%s is not sent: it could change something", name))
	case slices.Contains(revealing, name), strings.Contains(string(c.Parameters), `"WithDecryption":true`):
		return everqual.Permanent(fmt.Errorf("%s is not sent: its reply could hold secrets or data", name))
	}
	return nil
}
