package awsresource_test

import (
	"maps"

	"github.com/aws/aws-sdk-go-v2/service/backup"
	cloudformationtypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	cloudwatchtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	logstypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	codebuildtypes "github.com/aws/aws-sdk-go-v2/service/codebuild/types"
	configtypes "github.com/aws/aws-sdk-go-v2/service/configservice/types"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	eventstypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/guardduty"
	guarddutytypes "github.com/aws/aws-sdk-go-v2/service/guardduty/types"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	sfntypes "github.com/aws/aws-sdk-go-v2/service/sfn/types"
	snstypes "github.com/aws/aws-sdk-go-v2/service/sns/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
)

func init() {
	rows := []map[string]string{}
	maps.Copy(shapes, map[string]map[string]any{
		"AWS::Backup::BackupPlan":    {"": backup.GetBackupPlanOutput{}, "Selections": []backup.GetBackupSelectionOutput{}, "Tags": map[string]string{}},
		"AWS::Backup::BackupVault":   {"": backup.DescribeBackupVaultOutput{}, "AccessPolicy": "", "Notifications": backup.GetBackupVaultNotificationsOutput{}, "Tags": map[string]string{}},
		"AWS::Backup::RecoveryPoint": {"": backup.DescribeRecoveryPointOutput{}, "Tags": map[string]string{}},
		"AWS::CodeBuild::Project":    {"": codebuildtypes.Project{}},
		"AWS::Logs::LogGroup": {
			"": logstypes.LogGroup{}, "MetricFilters": []logstypes.MetricFilter{}, "SubscriptionFilters": []logstypes.SubscriptionFilter{},
			"DataProtectionPolicy": "", "Tags": map[string]string{},
		},
		"AWS::SNS::Topic": {
			"":     struct{ Policy, DeliveryPolicy, EffectiveDeliveryPolicy, ArchivePolicy, SubscriptionsConfirmed, SubscriptionsPending, SubscriptionsDeleted, BeginningArchiveTime string }{},
			"Tags": []snstypes.Tag{}, "Subscriptions": []snstypes.Subscription{},
		},
		"AWS::SQS::Queue": {
			"":     struct{ Policy, RedrivePolicy, RedriveAllowPolicy, ApproximateNumberOfMessages, ApproximateNumberOfMessagesDelayed, ApproximateNumberOfMessagesNotVisible string }{},
			"Tags": map[string]string{},
		},
		"AWS::CloudWatch::Alarm": {"": struct {
			cloudwatchtypes.MetricAlarm
			ActionsSuppressedBy, ActionsSuppressedReason string // of composite alarms
		}{}, "Tags": []cloudwatchtypes.Tag{}},
		"AWS::Events::Rule":                {"": eventbridge.DescribeRuleOutput{}, "Targets": []eventstypes.Target{}, "Tags": []eventstypes.Tag{}},
		"AWS::Events::EventBus":            {"": eventbridge.DescribeEventBusOutput{}, "Archives": []eventstypes.Archive{}, "Tags": []eventstypes.Tag{}},
		"AWS::StepFunctions::StateMachine": {"": sfn.DescribeStateMachineOutput{}, "Tags": []sfntypes.Tag{}},
		"AWS::CloudFormation::Stack": {
			"": cloudformationtypes.Stack{}, "Resources": []cloudformationtypes.StackResourceSummary{}, "TemplateBody": "", "StackPolicyBody": "",
		},
		"AWS::GuardDuty::Detector": {
			"": guardduty.GetDetectorOutput{}, "Administrator": guarddutytypes.Administrator{}, "PublishingDestinations": []guardduty.DescribePublishingDestinationOutput{},
		},
		"AWS::SSM::ManagedInstanceInventory": {
			"": ssmtypes.InstanceInformation{}, "Tags": []ssmtypes.Tag{}, "Custom": map[string]any{}, "File": []struct{ LastAccessTime string }{},
			"AWSComponent": rows, "Application": rows, "BillingInfo": rows, "InstanceDetailedInformation": rows, "Network": rows,
			"Service": rows, "WindowsRegistry": rows, "WindowsRole": rows, "WindowsUpdate": rows,
		},
		"AWS::SSM::PatchCompliance": {
			"": ssmtypes.InstancePatchState{}, "Patches": []ssmtypes.PatchComplianceData{}, "ComplianceItems": []ssmtypes.ComplianceItem{}, "Tags": []ssmtypes.Tag{},
		},
		"AWS::SSM::AssociationCompliance": {
			"": struct{}{}, "ComplianceItems": []ssmtypes.ComplianceItem{}, "Associations": []ssmtypes.InstanceAssociationStatusInfo{}, "Tags": []ssmtypes.Tag{},
		},
		"AWS::SSM::MaintenanceWindow": {
			"": ssm.GetMaintenanceWindowOutput{}, "Targets": []ssmtypes.MaintenanceWindowTarget{}, "Tasks": []ssmtypes.MaintenanceWindowTask{}, "Tags": []ssmtypes.Tag{},
		},
		"AWS::Config::ConfigurationRecorder": {
			"": configtypes.ConfigurationRecorder{}, "Status": configtypes.ConfigurationRecorderStatus{}, "Tags": []configtypes.Tag{},
		},
		"AWS::SSM::PatchBaseline": {"": ssm.GetPatchBaselineOutput{}, "Tags": []ssmtypes.Tag{}},
		"AWS::SSM::Association":   {"": ssmtypes.AssociationDescription{}, "Tags": []ssmtypes.Tag{}},
	})
}
