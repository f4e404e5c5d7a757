package awsresource_test

import (
	"encoding/json"
	"maps"
	"strings"
)

// What the server lacks of the operated workload: backups and their policies,
// and all that Systems Manager knows of instances.
const (
	opsRecoveryPoint = "arn:aws:backup:eu-central-1:111122223333:recovery-point:7c2e4b8a-91d5-4f36-a0e7-3d5b6c1f8e29"
	opsAssociation   = "3e8d5c1a-6b47-4f92-8a0d-1c9e7b5f2a64"
	opsSelection     = "b6d1f0e2-3c54-4a97-8b2e-9f7a1d5c6e30"
	opsRecorder      = "arn:aws:config:eu-central-1:111122223333:configuration-recorder/default/k4xw7q2m"
	opsDestination   = "d4c1b8f72e9a46c3b05a1f6e8d7c2b93"
)

func init() {
	maps.Copy(fixtures, map[string]func(string) answer{
		// The server takes the question for one about what is in the bucket.
		"s3:GetBucketPolicyStatus": fixed(`<PolicyStatus xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><IsPublic>FALSE</IsPublic></PolicyStatus>`),
		"backup:ListTags":          fixed(`{"Tags":{"System":"LIMS"}}`),
		"backup:ListBackupSelections": about("BackupPlanId", "", `{"BackupSelectionsList":[{"BackupPlanId":"%","SelectionId":"`+opsSelection+
			`","SelectionName":"lims","IamRoleArn":"`+opsRole+`","CreationDate":1793606400.0}]}`, noBackup),
		"backup:GetBackupSelection": about("BackupPlanId", "", `{"BackupPlanId":"%","SelectionId":"`+opsSelection+`","CreationDate":1793606400.0,"BackupSelection":{
			"SelectionName":"lims","IamRoleArn":"`+opsRole+`","Resources":["arn:aws:s3:::lims-raw-data","arn:aws:dynamodb:eu-central-1:111122223333:table/lims-samples"],"NotResources":[],
			"ListOfTags":[{"ConditionType":"STRINGEQUALS","ConditionKey":"System","ConditionValue":"LIMS"}],
			"Conditions":{"StringEquals":[{"ConditionKey":"aws:ResourceTag/Stage","ConditionValue":"production"}],"StringNotEquals":[],"StringLike":[],"StringNotLike":[]}}}`, noBackup),
		"backup:GetBackupVaultAccessPolicy": about("BackupVaultName", "lims-archive", `{"BackupVaultName":"%","BackupVaultArn":"arn:aws:backup:eu-central-1:111122223333:backup-vault:%",
			"Policy":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Sid\":\"KeepAll\",\"Effect\":\"Deny\",\"Principal\":\"*\",\"Action\":[\"backup:UpdateRecoveryPointLifecycle\",\"backup:DeleteRecoveryPoint\",\"backup:PutBackupVaultAccessPolicy\"],\"Resource\":\"*\"}]}"}`, noBackup),
		"backup:GetBackupVaultNotifications": about("BackupVaultName", "lims-archive", `{"BackupVaultName":"%","BackupVaultArn":"arn:aws:backup:eu-central-1:111122223333:backup-vault:%",
			"SNSTopicArn":"`+opsTopic+`","BackupVaultEvents":["RESTORE_JOB_COMPLETED","BACKUP_JOB_FAILED"]}`, noBackup),
		"backup:ListRecoveryPointsByBackupVault": about("BackupVaultName", "lims-archive", `{"RecoveryPoints":[`+opsPoint+`]}`, fixed(`{"RecoveryPoints":[]}`)),
		"backup:DescribeRecoveryPoint":           about("RecoveryPointArn", opsRecoveryPoint, opsPoint, noBackup),

		"config:ListConfigurationRecorders": fixed(`{"ConfigurationRecorderSummaries":[{"arn":"` + opsRecorder + `","name":"default","recordingScope":"PAID"}]}`),
		"config:DescribeConfigurationRecorders": about("Arn", opsRecorder, `{"ConfigurationRecorders":[{"arn":"%","name":"default","roleARN":"`+opsRole+`","recordingScope":"PAID",
			"recordingGroup":{"allSupported":true,"includeGlobalResourceTypes":true,"resourceTypes":[],"exclusionByResourceTypes":{"resourceTypes":[]},"recordingStrategy":{"useOnly":"ALL_SUPPORTED_RESOURCE_TYPES"}},
			"recordingMode":{"recordingFrequency":"CONTINUOUS","recordingModeOverrides":[{"description":"many and short-lived","resourceTypes":["AWS::EC2::NetworkInterface","AWS::EC2::Subnet"],"recordingFrequency":"DAILY"}]}}]}`,
			aboutRecorders),
		"config:DescribeConfigurationRecorderStatus": about("Arn", opsRecorder, `{"ConfigurationRecordersStatus":[{"arn":"%","name":"default","recording":true,"lastStatus":"SUCCESS",
			"lastStartTime":1793606400.0,"lastStatusChangeTime":1793609000.0}]}`, aboutRecorders),
		"config:ListTagsForResource": about("ResourceArn", opsRecorder, `{"Tags":[{"Key":"System","Value":"LIMS"}]}`, elsewhere),

		"logs:GetDataProtectionPolicy": about("LogGroupIdentifier", opsGroup, `{"logGroupIdentifier":"%","lastUpdatedTime":1793606400000,
			"policyDocument":"{\"Name\":\"patients\",\"Version\":\"2021-06-01\",\"Statement\":[{\"Sid\":\"mask\",\"DataIdentifier\":[\"arn:aws:dataprotection::aws:data-identifier/EmailAddress\"],\"Operation\":{\"Deidentify\":{\"MaskConfig\":{}}}}]}"}`,
			refusal(400, "ResourceNotFoundException", "The specified log group does not exist.")),

		"guardduty:ListPublishingDestinations": fixed(`{"destinations":[{"destinationId":"` + opsDestination + `","destinationType":"S3","status":"PUBLISHING"}]}`),
		"guardduty:DescribePublishingDestination": fixed(`{"destinationId":"` + opsDestination + `","destinationType":"S3","status":"PUBLISHING","publishingFailureStartTimestamp":0,
			"destinationProperties":{"destinationArn":"arn:aws:s3:::lims-findings","kmsKeyArn":"` + opsKey + `"},"tags":{}}`),

		"ssm:GetPatchBaseline": about("BaselineId", "pb-", `{"BaselineId":"%","Name":"lims-linux","Description":"Patches of the LIMS servers","OperatingSystem":"AMAZON_LINUX_2023",
			"GlobalFilters":{"PatchFilters":[{"Key":"PRODUCT","Values":["AmazonLinux2023"]}]},
			"ApprovalRules":{"PatchRules":[{"PatchFilterGroup":{"PatchFilters":[{"Key":"CLASSIFICATION","Values":["Security","Bugfix"]},{"Key":"SEVERITY","Values":["Critical","Important"]}]},
				"ComplianceLevel":"CRITICAL","ApproveAfterDays":7,"EnableNonSecurity":false}]},
			"ApprovedPatches":[],"ApprovedPatchesComplianceLevel":"UNSPECIFIED","ApprovedPatchesEnableNonSecurity":false,"RejectedPatches":["kernel-livepatch*"],"RejectedPatchesAction":"BLOCK",
			"PatchGroups":["lims"],"CreatedDate":1793606400.0,"ModifiedDate":1793606400.0,
			"Sources":[{"Name":"lims","Products":["AmazonLinux2023"],"Configuration":"[lims]\nbaseurl=https://packages.example.com/lims\npassword=`+secretPassword+`"}]}`,
			refusal(400, "DoesNotExistException", "Maintenance window or baseline does not exist")),
		"ssm:DescribeAssociation": about("AssociationId", opsAssociation, `{"AssociationDescription":{"AssociationId":"%","AssociationName":"lims-inventory","AssociationVersion":"1",
			"Name":"AWS-GatherSoftwareInventory","DocumentVersion":"$DEFAULT","Targets":[{"Key":"tag:System","Values":["LIMS"]}],"Parameters":{"applications":["Enabled"],"files":["`+secretVariable+`"]},
			"ScheduleExpression":"rate(12 hours)","ComplianceSeverity":"HIGH","SyncCompliance":"AUTO","ApplyOnlyAtCronInterval":false,"Date":1793606400.0,"LastUpdateAssociationDate":1793606400.0,
			"LastExecutionDate":1793607000.0,"LastSuccessfulExecutionDate":1793607000.0,"Overview":{"Status":"Success","DetailedStatus":"Success","AssociationStatusAggregatedCount":{"Success":1}},
			"OutputLocation":{"S3Location":{"OutputS3Region":"eu-central-1","OutputS3BucketName":"lims-operation","OutputS3KeyPrefix":"associations"}}}}`,
			refusal(400, "AssociationDoesNotExist", "The specified association does not exist.")),
		"ssm:ListTagsForResource": func(parameters string) answer {
			if strings.Contains(parameters, `"PatchBaseline"`) || strings.Contains(parameters, `"Association"`) {
				return answer{status: 200, body: `{"TagList":[{"Key":"System","Value":"LIMS"}]}`}
			}
			return answer{}
		},
		"ssm:ListAssociations": fixed(`{"Associations":[{"AssociationId":"` + opsAssociation + `","AssociationName":"lims-inventory","Name":"AWS-GatherSoftwareInventory"}]}`),

		"ssm:DescribeInstanceInformation": instance(`{"InstanceInformationList":[{"InstanceId":"%","PingStatus":"Online","LastPingDateTime":1793609000.0,"AgentVersion":"3.3.987.0","IsLatestVersion":true,
			"PlatformType":"Linux","PlatformName":"Amazon Linux","PlatformVersion":"2023","ResourceType":"EC2Instance","IPAddress":"10.20.1.10","ComputerName":"lims-app-1.eu-central-1.compute.internal",
			"AssociationStatus":"Success","LastAssociationExecutionDate":1793607000.0,"LastSuccessfulAssociationExecutionDate":1793607000.0,
			"AssociationOverview":{"DetailedStatus":"Success","InstanceAssociationStatusAggregatedCount":{"Success":2}},"SourceId":"%","SourceType":"AWS::EC2::Instance"}]}`, `{"InstanceInformationList":[]}`),
		"ssm:GetInventorySchema": fixed(`{"Schemas":[{"TypeName":"AWS:Application","Version":"1.1","Attributes":[{"Name":"Name","DataType":"STRING"}]},
			{"TypeName":"Custom:Qualification","Version":"1.0","DisplayName":"Qualification","Attributes":[{"Name":"Report","DataType":"STRING"}]}]}`),
		"ssm:ListInventoryEntries": inventory,
		"ssm:DescribeInstancePatchStates": instance(`{"InstancePatchStates":[{"InstanceId":"%","PatchGroup":"lims","BaselineId":"pb-0c1d2e3f405162738","SnapshotId":"5b0a7c6d-1e2f-4a3b-9c8d-7e6f5a4b3c2d",
			"Operation":"Scan","OperationStartTime":1793604600.0,"OperationEndTime":1793604720.0,"RebootOption":"NoReboot","InstalledCount":212,"InstalledOtherCount":31,"InstalledPendingRebootCount":0,
			"InstalledRejectedCount":0,"MissingCount":1,"FailedCount":0,"NotApplicableCount":4302,"UnreportedNotApplicableCount":0,"CriticalNonCompliantCount":0,"SecurityNonCompliantCount":0,"OtherNonCompliantCount":1}]}`,
			`{"InstancePatchStates":[]}`),
		"ssm:DescribeInstancePatches": instance(`{"Patches":[{"Title":"nano.x86_64:0:5.8-3.amzn2023.0.4","KBId":"nano.x86_64","Classification":"Bugfix","Severity":"Low","State":"Missing",
			"InstalledTime":0.0}]}`, `{"Patches":[]}`),
		"ssm:ListComplianceItems": compliance,
		"ssm:ListResourceComplianceSummaries": func(string) answer {
			item := func(kind string) string {
				return `{"ComplianceType":"` + kind + `","ResourceType":"ManagedInstance","ResourceId":"` + inventoried + `","Status":"COMPLIANT","OverallSeverity":"UNSPECIFIED"}`
			}
			return answer{status: 200, body: `{"ResourceComplianceSummaryItems":[` + item("Patch") + "," + item("Association") + `]}`}
		},
		"ssm:DescribeInstanceAssociationsStatus": instance(`{"InstanceAssociationStatusInfos":[{"AssociationId":"`+opsAssociation+`","AssociationName":"lims-inventory","Name":"AWS-GatherSoftwareInventory",
			"DocumentVersion":"1","AssociationVersion":"1","InstanceId":"%","ExecutionDate":1793607000.0,"Status":"Success","DetailedStatus":"Success",
			"ExecutionSummary":"1 out of 1 plugin processed, 1 success, 0 failed, 0 timedout, 0 skipped. ","OutputUrl":{"S3OutputUrl":{"OutputUrl":"https://s3.eu-central-1.amazonaws.com/lims-operation/associations/%"}}}]}`,
			`{"InstanceAssociationStatusInfos":[]}`),
	})
}

const opsPoint = `{"RecoveryPointArn":"` + opsRecoveryPoint + `","BackupVaultName":"lims-archive","BackupVaultArn":"arn:aws:backup:eu-central-1:111122223333:backup-vault:lims-archive",
	"ResourceArn":"arn:aws:s3:::lims-raw-data","ResourceName":"lims-raw-data","ResourceType":"S3","IamRoleArn":"` + opsRole + `","Status":"COMPLETED","CreationDate":1793520000.0,"InitiationDate":1793520000.0,
	"CompletionDate":1793523600.0,"BackupSizeInBytes":734003200,"CalculatedLifecycle":{"DeleteAt":1796544000.0},"Lifecycle":{"DeleteAfterDays":35},"EncryptionKeyArn":"` + opsKey + `",
	"EncryptionKeyType":"CUSTOMER_MANAGED_KMS_KEY","IsEncrypted":true,"IsParent":false,"StorageClass":"WARM","VaultType":"BACKUP_VAULT","LastRestoreTime":1793600000.0,
	"CreatedBy":{"BackupPlanId":"2f6b9c1e-58d3-4e7a-b0c4-6a1d9e8f7b35","BackupPlanArn":"arn:aws:backup:eu-central-1:111122223333:backup-plan:2f6b9c1e-58d3-4e7a-b0c4-6a1d9e8f7b35",
	"BackupPlanName":"lims-daily","BackupPlanVersion":"MjQ3","BackupRuleId":"8d4f2a6c-3b17-4c95-9e0a-5f7d1b2c3e48","BackupRuleName":"daily"}}`

var noBackup = refusal(400, "ResourceNotFoundException", "The resource was not found.")

// elsewhere leaves a call to the server.
func elsewhere(string) answer { return answer{} }

// aboutRecorders refuses a recorder's ARN, which the server does not know.
func aboutRecorders(parameters string) answer {
	if strings.Contains(parameters, `"Arn":"`) {
		return refusal(400, "NoSuchConfigurationRecorderException", "Cannot find configuration recorder with the specified ARN.")(parameters)
	}
	return elsewhere(parameters)
}

// refusal answers every call with an error of a JSON protocol.
func refusal(status int, code, message string) func(string) answer {
	body, _ := json.Marshal(map[string]string{"__type": code, "message": message, "Message": message})
	return func(string) answer {
		return answer{status: status, body: string(body), header: map[string][]string{"X-Amzn-Errortype": {code}}}
	}
}

// about answers when the parameter begins so, with its value for "%"; else as other.
func about(parameter, begin, body string, other func(string) answer) func(string) answer {
	return func(parameters string) answer {
		var asked map[string]any
		_ = json.Unmarshal([]byte(parameters), &asked)
		value, _ := asked[parameter].(string)
		if !strings.HasPrefix(value, begin) || strings.HasSuffix(value, "0000") {
			return other(parameters)
		}
		return answer{status: 200, body: strings.ReplaceAll(body, "%", value)}
	}
}

// instance answers of the inventoried instance, with its id for "%", when it is
// asked for that or for all; of any other it answers with nothing.
func instance(body, nothing string) func(string) answer {
	return func(parameters string) answer {
		if strings.Contains(parameters, `"i-`) && !strings.Contains(parameters, `"`+inventoried+`"`) {
			return answer{status: 200, body: nothing}
		}
		return answer{status: 200, body: strings.ReplaceAll(body, "%", inventoried)}
	}
}

// inventory answers for each type with its entries.
func inventory(parameters string) answer {
	entries := map[string]string{
		"AWS:Application": `{"Name":"openssl","Version":"3.0.8","Architecture":"x86_64","Publisher":"Amazon Linux","ApplicationType":"System Environment/Libraries","InstalledTime":"2026-10-05T04:00:12Z"},
			{"Name":"lims-server","Version":"7.4.1","Architecture":"x86_64","Publisher":"Example Laboratory Software","InstalledTime":"2026-09-14T08:30:00Z"}`,
		"AWS:AWSComponent":                `{"Name":"amazon-ssm-agent","Version":"3.3.987.0","Architecture":"x86_64","Publisher":"Amazon","InstalledTime":"2026-10-05T04:00:10Z"}`,
		"AWS:InstanceDetailedInformation": `{"CPUModel":"Intel(R) Xeon(R) Platinum 8259CL CPU @ 2.50GHz","CPUSpeedMHz":"2500","CPUs":"2","CPUSockets":"1","CPUCores":"1","CPUHyperThreadEnabled":"true","KernelVersion":"6.1.112-122.189.amzn2023"}`,
		"AWS:Network":                     `{"Name":"ens5","MacAddress":"02:5c:7d:11:aa:01","IPV4":"10.20.1.10","IPV6":"","SubnetMask":"255.255.255.0","Gateway":"10.20.1.1","DNSServer":"10.20.0.2"}`,
		"AWS:BillingInfo":                 `{"BillingProductId":""}`,
		"AWS:File":                        `{"Name":"lims.conf","Size":"2048","InstalledDir":"/etc/lims","ModificationTime":"2026-09-14T08:31:00Z","LastAccessTime":"2026-11-02T07:59:00Z"}`,
		"Custom:Qualification":            `{"Report":"IQ-2026-014","Outcome":"passed"}`,
	}
	var asked struct{ InstanceId, TypeName string }
	_ = json.Unmarshal([]byte(parameters), &asked)
	head := `{"InstanceId":"` + asked.InstanceId + `","TypeName":"` + asked.TypeName + `","SchemaVersion":"1.0",`
	if list, ok := entries[asked.TypeName]; ok {
		return answer{status: 200, body: head + `"CaptureTime":"2026-11-02T07:50:00Z","Entries":[` + list + `]}`}
	}
	return answer{status: 200, body: head + `"Entries":[]}`}
}

// compliance answers with the items of the kind that is asked for.
func compliance(parameters string) answer {
	body := `{"ComplianceItems":[{"ComplianceType":"Association","ResourceType":"ManagedInstance","ResourceId":"%","Id":"` + opsAssociation + `","Title":"lims-inventory","Status":"COMPLIANT","Severity":"HIGH",
		"ExecutionSummary":{"ExecutionTime":1793607000.0,"ExecutionId":"0a9b8c7d-6e5f-4a3b-8c1d-2e3f4a5b6c7d","ExecutionType":"Command"},"Details":{"DocumentName":"AWS-GatherSoftwareInventory","DocumentVersion":"1"}}]}`
	if strings.Contains(parameters, `"Patch"`) {
		item := func(id, class, severity, state, status string) string {
			return `{"ComplianceType":"Patch","ResourceType":"ManagedInstance","ResourceId":"%","Id":"` + id + `","Title":"` + id + `","Status":"` + status + `","Severity":"` + strings.ToUpper(severity) + `",
				"ExecutionSummary":{"ExecutionTime":1793604720.0,"ExecutionId":"7d6c5b4a-3f2e-4d1c-9b0a-8f7e6d5c4b3a","ExecutionType":"Command"},
				"Details":{"PatchBaselineId":"pb-0c1d2e3f405162738","PatchGroup":"lims","Classification":"` + class + `","PatchSeverity":"` + severity + `","PatchState":"` + state + `"}}`
		}
		body = `{"ComplianceItems":[` + item("nano.x86_64", "Bugfix", "Low", "Missing", "NON_COMPLIANT") + "," + item("openssl.x86_64", "Security", "Critical", "Installed", "COMPLIANT") + `]}`
	}
	return instance(body, `{"ComplianceItems":[]}`)(parameters)
}
