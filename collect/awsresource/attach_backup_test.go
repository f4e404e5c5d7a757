package awsresource_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/backup/types"
	"github.com/everqual/everqual/collect/awsresource"
)

// A selection takes a resource in by its list or by a tag, and then only if all
// conditions hold and it is not excluded.
func TestBackupSelection(t *testing.T) {
	tags := map[string]string{"Backup": "daily", "System": "LIMS"}
	tagged := func(key, value string) []types.Condition {
		return []types.Condition{{ConditionKey: &key, ConditionType: "STRINGEQUALS", ConditionValue: &value}}
	}
	condition := func(key, value string) []types.ConditionParameter {
		return []types.ConditionParameter{{ConditionKey: aws.String("aws:ResourceTag/" + key), ConditionValue: &value}}
	}
	for name, c := range map[string]struct {
		s    types.BackupSelection
		want bool
	}{
		"empty":                {types.BackupSelection{}, false},
		"all":                  {types.BackupSelection{Resources: []string{"*"}}, true},
		"listed":               {types.BackupSelection{Resources: []string{volumeARN}}, true},
		"pattern":              {types.BackupSelection{Resources: []string{"arn:aws:ec2:*:*:volume/*"}}, true},
		"other pattern":        {types.BackupSelection{Resources: []string{"arn:aws:rds:*:*:db:*"}}, false},
		"longer":               {types.BackupSelection{Resources: []string{volumeARN + "1"}}, false},
		"excluded":             {types.BackupSelection{Resources: []string{"*"}, NotResources: []string{"arn:aws:ec2:*:*:volume/vol-1"}}, false},
		"tag":                  {types.BackupSelection{ListOfTags: tagged("Backup", "daily")}, true},
		"one of two tags":      {types.BackupSelection{ListOfTags: append(tagged("Backup", "weekly"), tagged("System", "LIMS")...)}, true},
		"other value":          {types.BackupSelection{ListOfTags: tagged("Backup", "weekly")}, false},
		"condition":            {types.BackupSelection{Conditions: &types.Conditions{StringEquals: condition("System", "LIMS")}}, true},
		"both conditions":      {types.BackupSelection{Conditions: &types.Conditions{StringEquals: append(condition("System", "LIMS"), condition("Backup", "no")...)}}, false},
		"like":                 {types.BackupSelection{Resources: []string{"*"}, Conditions: &types.Conditions{StringLike: condition("System", "L*S")}}, true},
		"not like":             {types.BackupSelection{Resources: []string{"*"}, Conditions: &types.Conditions{StringNotLike: condition("System", "L*")}}, false},
		"not equal":            {types.BackupSelection{Resources: []string{"*"}, Conditions: &types.Conditions{StringNotEquals: condition("System", "ELN")}}, true},
		"listed, no condition": {types.BackupSelection{Resources: []string{volumeARN}, Conditions: &types.Conditions{StringEquals: condition("Owner", "x")}}, false},
	} {
		if got := awsresource.Selects(c.s, volumeARN, tags); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
