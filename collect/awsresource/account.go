package awsresource

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/s3control"
	"github.com/everqual/everqual"
)

// awsAccount is the account itself, as seen from one region: what holds for all of
// it, and what is set per region. No call finds an account, and none of its
// facts depends on another: each that is refused leaves its own path unread.
var awsAccount = kind{
	name: "AWS::::Account", version: 1, arn: "account:", regionless: true,
	describe: describeAccount, list: listAccount,
	actions: []string{
		"iam:GetAccountSummary", "iam:GetAccountPasswordPolicy", "iam:ListVirtualMFADevices",
		"organizations:DescribeOrganization", "s3:GetAccountPublicAccessBlock",
		"ec2:GetEbsEncryptionByDefault", "ec2:GetEbsDefaultKmsKeyId",
		"cloudtrail:DescribeTrails", "cloudtrail:GetTrailStatus", "cloudtrail:GetEventSelectors",
		"config:DescribeConfigurationRecorders", "config:DescribeConfigurationRecorderStatus",
		"guardduty:ListDetectors", "guardduty:GetDetector", "guardduty:GetAdministratorAccount", "securityhub:DescribeHub",
	},
	sets: join(
		[]string{
			"RootVirtualMFADevices", "Organization.AvailablePolicyTypes", "Trails", "ConfigurationRecorders", "ConfigurationRecordersStatus",
			"GuardDutyDetectors",
		},
		under("Trails[]", eventSelectorSets...),
		under("ConfigurationRecorders[]", "RecordingGroup.ResourceTypes", "RecordingGroup.ExclusionByResourceTypes.ResourceTypes",
			"RecordingMode.RecordingModeOverrides", "RecordingMode.RecordingModeOverrides[].ResourceTypes"),
		under("GuardDutyDetectors[]", "Features", "Features[].AdditionalConfiguration"),
	),
	volatile: join(
		under("Trails[].Status", deliveryTimes...),
		[]string{
			"ConfigurationRecordersStatus[].LastStatusChangeTime", "RootVirtualMFADevices[].User.PasswordLastUsed",
			"GuardDutyDetectors[].UpdatedAt", "GuardDutyDetectors[].Features[].UpdatedAt",
			"GuardDutyDetectors[].Features[].AdditionalConfiguration[].UpdatedAt",
		},
	),
}

// accountName is what follows the account number in the ARN of an account.
const accountName = "account"

func describeAccount(ctx context.Context, l *look) {
	if l.name != accountName {
		l.fail("", everqual.Unread{Reason: everqual.Invalid, Message: string(l.resource.ID) + " is no ARN of an account"})
		return
	}
	l.attributes["AccountId"] = l.resource.Account
	l.attributes["Region"] = l.resource.Region
	l.accountIdentity(ctx)
	l.accountStorage(ctx)
	l.accountTrails(ctx)
	l.accountRecorders(ctx)
	l.accountDetectors(ctx)
	l.accountHub(ctx)
}

// listAccount needs no call: there is one, the caller's.
func listAccount(context.Context, *clients) ([]string, error) { return []string{accountName}, nil }

// accountIdentity reads what IAM and Organizations tell, which answer in one
// region for all.
func (l *look) accountIdentity(ctx context.Context) {
	global := l.d.in(l.resource.Account, globalRegion(l.resource.Region))
	summary, err := global.iam.GetAccountSummary(ctx, &iam.GetAccountSummaryInput{})
	if l.read("SummaryMap", "iam:GetAccountSummary", err) {
		l.set("SummaryMap", settings(summary.SummaryMap))
	}
	policy, err := global.iam.GetAccountPasswordPolicy(ctx, &iam.GetAccountPasswordPolicyInput{})
	if l.read("PasswordPolicy", "iam:GetAccountPasswordPolicy", err, iamMissing...) {
		l.passwordPolicy(policy.PasswordPolicy)
	}
	pages := iam.NewListVirtualMFADevicesPaginator(global.iam, &iam.ListVirtualMFADevicesInput{AssignmentStatus: types.AssignmentStatusTypeAssigned})
	devices, err := all(ctx, pages, rootDevices)
	if l.read("RootVirtualMFADevices", "iam:ListVirtualMFADevices", err) {
		l.set("RootVirtualMFADevices", devices)
	}
	organization, err := global.organizations.DescribeOrganization(ctx, &organizations.DescribeOrganizationInput{})
	if l.read("Organization", "organizations:DescribeOrganization", err, "AWSOrganizationsNotInUseException") {
		l.set("Organization", organization.Organization)
	}
}

// passwordPolicy says of the two numbers that may be unset that they are.
func (l *look) passwordPolicy(p *types.PasswordPolicy) {
	l.set("PasswordPolicy", p)
	if members, ok := l.attributes["PasswordPolicy"].(map[string]any); ok {
		nulls(members, "MaxPasswordAge", "PasswordReusePrevention")
	}
}

// settings are the members of the summary that say how the account is set up.
// The others count its users, roles and policies, and what it may have of them.
func settings(summary map[string]int32) map[string]int32 {
	kept := map[string]int32{}
	for name, value := range summary {
		if strings.HasPrefix(name, "Account") || name == "GlobalEndpointTokenVersion" {
			kept[name] = value
		}
	}
	return kept
}

// rootDevices are the devices of the root user: when it has MFA, and none of
// these, it has another kind, such as a hardware key.
func rootDevices(o *iam.ListVirtualMFADevicesOutput) (root []types.VirtualMFADevice) {
	for _, d := range o.VirtualMFADevices {
		if d.User != nil && strings.HasSuffix(aws.ToString(d.User.Arn), ":root") {
			root = append(root, d)
		}
	}
	return root
}

// accountStorage reads what holds for buckets and volumes unless they say otherwise.
func (l *look) accountStorage(ctx context.Context) {
	block, err := l.s3control.GetPublicAccessBlock(ctx, &s3control.GetPublicAccessBlockInput{AccountId: &l.resource.Account})
	if l.read("PublicAccessBlock", "s3:GetAccountPublicAccessBlock", err, "NoSuchPublicAccessBlockConfiguration") {
		l.set("PublicAccessBlock", block.PublicAccessBlockConfiguration)
	}
	encryption, err := l.ec2.GetEbsEncryptionByDefault(ctx, &ec2.GetEbsEncryptionByDefaultInput{})
	if l.read("EbsEncryptionByDefault", "ec2:GetEbsEncryptionByDefault", err) {
		l.set("EbsEncryptionByDefault", encryption.EbsEncryptionByDefault)
	}
	key, err := l.ec2.GetEbsDefaultKmsKeyId(ctx, &ec2.GetEbsDefaultKmsKeyIdInput{})
	if l.read("EbsDefaultKmsKeyId", "ec2:GetEbsDefaultKmsKeyId", err) {
		l.set("EbsDefaultKmsKeyId", key.KmsKeyId)
	}
}

// nulls says of members that are not there that they are not set.
func nulls(members map[string]any, names ...string) {
	for _, name := range names {
		if _, ok := members[name]; !ok {
			members[name] = nil
		}
	}
}
